"""Turns Python values into plans that make the same values in the page."""

from .errors import CommandError, SegmentJimoError, safe, show
from .events import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Plan
    from .events import Read

# Up to here, JavaScript's numbers are exact.
LARGEST_INTEGER = 2**53 - 1
# Levels of lists and dicts. MicroPython has room for about 150 calls.
DEEPEST = 32
# Characters of an attribute; Jimo's own limit.
LONGEST_TEXT = 700

_KINDS = "text, numbers, booleans, None, lists, dicts or parts of the event"


def describe(value: object, read: "Read | None" = None, depth: int = 0) -> "Plan":
    """Returns the plan that makes a function's result in the page.

    ``read`` belongs to the event that the function received. A whole number beyond 2**53 - 1 is
    refused unless JavaScript can represent it exactly.

    Raises:
        SegmentJimoError: The page cannot have this value. The message does not contain it.
    """
    if isinstance(value, View):
        if value._read is not read:
            raise _refused("expected parts of this event, got a part of another one")
        plan: Plan = ["part"]
        plan.extend(value._path)
        return plan
    if isinstance(value, (dict, list, tuple)):
        if depth >= DEEPEST:
            raise _refused(
                f"expected at most {DEEPEST} levels, got more, or a value that contains itself"
            )
        if not isinstance(value, dict):
            plan = ["list"]
            plan.extend([describe(one, read, depth + 1) for one in value])
            return plan
        plan = ["record"]
        plan.extend([[_key(key), describe(one, read, depth + 1)] for key, one in value.items()])
        return plan
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return ["number", "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"]
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return ["integer", str(value)]
    if value is None or isinstance(value, (str, bool, int, float)):
        return ["value", value]
    raise _refused(f"expected {_KINDS}, got {type(value).__name__}")


def _key(key: object) -> str:
    if isinstance(key, bool) or not isinstance(key, (str, int)):
        raise _refused(f"expected keys that are text, got {type(key).__name__}")
    if key == "__proto__":
        raise _refused('expected other keys than "__proto__", which is special in JavaScript')
    return str(key)


def _refused(problem: str) -> SegmentJimoError:
    return safe(SegmentJimoError(problem))


# Arguments of the Jimo client. A message shows the value to the caller; status() gets its type
# only.


def check_text(method: str, field: str, value: object) -> None:
    """Refuses anything but text, and empty text."""
    if not isinstance(value, str) or not value:
        raise _wrong(f"{method}: {field}", "text", value)


def check_attribute(place: str, key: object, value: object) -> None:
    """Refuses what Jimo does not accept as an attribute."""
    where = f"{place}[{show(key)}]"
    for one in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(one, str) and len(one) > LONGEST_TEXT:
            problem = f"expected at most {LONGEST_TEXT} characters, got {len(one)}."
            raise safe(CommandError(f"{where}: {problem}"), f"{place}: {problem}")
        if not isinstance(one, (str, int, float, bool)):
            raise _wrong(place, "text, a number, a boolean or a list of these", one, where)


def object_plan(place: str, value: object) -> "Plan":
    """Returns the plan for a dict, or for None, which is an empty one."""
    if value is None:
        return ["record"]
    if not isinstance(value, dict):
        raise _wrong(place, "a dict", value)
    return value_plan(place, value)


def value_plan(place: str, value: object) -> "Plan":
    """Returns the plan that makes the value in the page."""
    _check(place, place, value, 0)
    return describe(value)


def _check(place: str, where: str, value: object, depth: int) -> None:
    """``where`` is the full path to the value; ``place`` contains none of its keys."""
    if isinstance(value, (dict, list, tuple)) and depth >= DEEPEST:
        problem = f"expected at most {DEEPEST} levels, got more."
        raise safe(CommandError(f"{where}: {problem}"), f"{place}: {problem}")
    if isinstance(value, dict):
        for key, one in value.items():
            if not isinstance(key, str):
                raise _wrong(place, "keys that are text", key, where)
            _check(place, f"{where}[{show(key)}]", one, depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            _check(place, f"{where}[{index}]", one, depth + 1)
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        problem = "expected an integer of at most 2**53 - 1, got"
        told = f"{place}: {problem} a larger one. Give it as text."
        raise safe(CommandError(f"{where}: {problem} {value}. Give it as text."), told)
    elif value is not None and not isinstance(value, (str, bool, int, float)):
        raise _wrong(
            place, "text, a number, a boolean, None, or a list or dict of these", value, where
        )


def _wrong(place: str, expected: str, value: object, where: str = "") -> SegmentJimoError:
    message = f"{where or place}: expected {expected}, got {show(value)}."
    came = "an empty text" if value == "" else type(value).__name__
    return safe(CommandError(message), f"{place}: expected {expected}, got {came}.")
