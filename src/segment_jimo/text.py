"""Text for the page."""

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def to_json(value: object) -> str:
    """Returns JSON that keeps half a character (a lone surrogate).

    MicroPython writes it as UTF-8, which the page would read as another text.
    """
    text = json.dumps(value)
    try:
        # Each surrogate begins with this byte, and so do a few letters.
        if b"\xed" not in text.encode():
            return text
    except UnicodeEncodeError:  # pragma: no cover
        pass
    return "".join(
        [f"\\u{ord(char):04x}" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text]
    )


def traceback_of(error: BaseException) -> str:
    """Returns the text that Python prints for an uncaught error."""
    out: Any
    if sys.implementation.name == "micropython":
        import io

        out = io.StringIO()
        sys.print_exception(error, out)  # type: ignore[attr-defined]
        return str(out.getvalue())
    import traceback

    return "".join(traceback.format_exception(error))
