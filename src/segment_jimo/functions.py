"""Rules that are Python functions: triggers, mappings and the middleware.

The page side calls a rule by its number and gets JSON. No error of a rule reaches the page. A
message names the function, its file and its line, and no value of the event.
"""

import sys

from .errors import SegmentJimoError, safe, tell
from .events import View
from .paths import event_path
from .text import to_json, traceback_of
from .values import LARGEST_INTEGER, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .actions import Plan
    from .events import Read

TRIGGER = "trigger"
MAPPING = "mapping"
MIDDLEWARE = "middleware"


class Rule:
    """A function, and its kind. For a mapping, ``known`` are the fields of its action."""

    def __init__(
        self,
        kind: str,
        function: "Callable[[View], object]",
        subscription: str = "",
        known: "list[str] | None" = None,
    ) -> None:
        self.kind = kind
        self.function = function
        self.known = known or []
        # The page side stores answers under this name, also for the next page.
        self.name = f"{kind} {subscription}".strip()

    def number_in(self, rules: "list[Rule]") -> int:
        """Returns its number in ``rules``, and adds it if it is new.

        A function that several subscriptions share is one rule, and runs once for an event.
        """
        for number, other in enumerate(rules):
            same = other.kind == self.kind and other.function is self.function
            if same and other.known == self.known:
                return number
        rules.append(self)
        return len(rules) - 1

    def answer(self, read: "Read", explain: "Callable[[BaseException], None]") -> str:
        """Returns, as JSON, ``{"plan"}`` or ``{"problem", "field"}``.

        Passes an error of the function to ``explain``.
        """
        field = ""
        try:
            result = self.function(View(read))
            if type(result).__name__ in ("coroutine", "generator"):
                raise safe(
                    SegmentJimoError(
                        "expected a plain function, got one with async, await or yield"
                    )
                )
            if self.kind == TRIGGER:
                return to_json({"plan": ["value", bool(result)]})
            if self.kind == MIDDLEWARE:
                return to_json({"plan": _changes(result, read)})
            plan: Plan = ["record"]
            for key, value in _checked(result, self.known).items():
                field = key
                plan.append([key, _field(value, read)])
            return to_json({"plan": plan})
        except BaseException as error:
            try:
                explain(error)
                problem = f"{self._called()}{tell(error)}{place(error)}"
            except Exception:
                problem = type(error).__name__
            return to_json({"problem": problem, "field": field})

    def _called(self) -> str:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return f"{name}(): "


def _checked(result: object, known: "list[str]") -> "dict[str, object]":
    if not isinstance(result, dict):
        came = type(result).__name__
    else:
        others = len([key for key in result if key not in known])
        came = f"a dict with unknown keys ({others})" if others else ""
    if came:
        raise safe(SegmentJimoError(f"expected a dict with some of {', '.join(known)}, got {came}"))
    assert isinstance(result, dict)
    return result


def _field(value: object, read: "Read") -> "Plan":
    # Text is exact, and a field accepts text instead of a number.
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return ["value", str(value)]
    return describe(value, read)


def _changes(result: object, read: "Read") -> "Plan":
    """The plan for web/later/change.js: None, False, or a list of paths and new values."""
    if result is None or result is False:
        return ["value", result]
    if not isinstance(result, dict):
        raise safe(SegmentJimoError(f"expected None, False or a dict, got {type(result).__name__}"))
    plan: Plan = ["list"]
    for path, value in result.items():
        plan.append(["list", ["value", event_path(path)], describe(value, read)])
    return plan


def place(error: BaseException) -> str:
    """Returns ``, in NAME (FILE, line N)`` for the last line of the page's own code that ran."""
    found = ""
    for name, file, line in _frames(error):
        # Files of this package are no part of the page's own code.
        if "/segment_jimo/" not in f"/{file}" and not file.startswith("segment_jimo"):
            base = file.split("/")[-1]
            found = f", in {name} ({base}, line {line})"
    return found


def _frames(error: BaseException) -> "list[tuple[str, str, str]]":
    """Names, files and lines of a traceback, without the error's text at its end."""
    frames = []
    if sys.implementation.name != "micropython":
        trace = error.__traceback__
        while trace:
            code = trace.tb_frame.f_code
            frames.append((code.co_name, code.co_filename, str(trace.tb_lineno)))
            trace = trace.tb_next
        return frames
    for line in traceback_of(error).split("\n")[1:]:
        parts = line.split('"')
        if len(parts) != 3 or parts[0] != "  File ":
            break
        number, _, name = parts[2].replace(", line ", "", 1).partition(", in ")
        frames.append((name, parts[1], number))
    return frames
