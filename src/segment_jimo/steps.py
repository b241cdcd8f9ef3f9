"""Work in steps, between which the page may have its turn."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any


def finish(steps: "Generator[None, None, Any]") -> "Any":
    """Does all steps at once; returns what they return in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
