"""Compiles the trigger of a subscription into a plan that is true for the events it wants."""

from .errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Plan

_TYPES = ("identify", "track", "page", "screen", "group", "alias")


def compile_trigger(text: object, subscription: str) -> "Plan":
    """Returns the plan for a trigger such as ``type = "track"``.

    Raises SettingsError for any other text: the rest of Segment's language is not read yet.
    """
    if isinstance(text, str):
        left, equals, right = text.partition("=")
        quoted = right.strip()
        name = quoted[1:-1]
        if left.strip() == "type" and equals and name in _TYPES and quoted == f'"{name}"':
            return ["equal", ["path", "type"], ["value", name]]
    raise SettingsError(
        "subscribe",
        f'expected type = "…" with one of {", ".join(_TYPES)}, got {text!r}. '
        "Other triggers are not supported yet.",
        subscription,
    )
