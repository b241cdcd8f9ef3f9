"""Paths into an event, as a function of the page's own Python gives them."""

from .errors import SegmentJimoError, safe, show

# What analytics.js puts into an event, and what Segment's Spec names.
ROOTS = (
    "type",
    "event",
    "name",
    "category",
    "userId",
    "anonymousId",
    "groupId",
    "previousId",
    "messageId",
    "timestamp",
    "traits",
    "properties",
    "context",
    "integrations",
)


def event_path(path: object) -> str:
    """Returns a path without the ``$.`` that JSON mappings begin with.

    Raises:
        SegmentJimoError: It begins at an unknown name, so a change at this path would leave the
            real value in place.
    """
    if isinstance(path, str):
        if path.startswith("$."):
            path = path[2:]
        if path.split(".")[0].split("[")[0] in ROOTS:
            return path
    expected = f"expected a path that begins with one of {', '.join(ROOTS)}"
    came = "another text" if isinstance(path, str) else type(path).__name__
    raise safe(SegmentJimoError(f"{expected}, got {show(path)}"), f"{expected}, got {came}")
