"""Events as Python functions see them, for triggers and mappings that are written in Python.

The event itself stays in the page. A View reads from it what is asked for, and what a function
gives back is described by a plan, so that a part of the event which is only passed on is never
converted.
"""

import json

from .errors import SegmentJimoError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .actions import Plan

    # What of a value ("value", "keys" or "text"), and the path to it as JSON.
    Read = Callable[[str, str], str]


class View:
    """An event, or an object, a list or a date in it; read-only.

    Attributes and items lead further in: ``event.traits.plan``, ``event["traits"]["plan"]``,
    ``event.properties.products[0]``. Text, numbers and booleans are Python's own; what is missing,
    undefined or null is None. A view can be iterated (an object's keys, a list's items), has a
    length, and knows ``key in view``; ``str()`` gives the ISO text of a date, the JSON of anything
    else. What an event has is in Segment's documentation of the Spec.

    A view can be read, and returned, by the function that it was handed to, and no longer; later
    it raises SegmentJimoError.
    """

    def __init__(self, read: "Read", path: "tuple[str | int, ...]" = (), length: int = -1) -> None:
        object.__setattr__(self, "_read", read)
        object.__setattr__(self, "_path", path)
        object.__setattr__(self, "_length", length)

    def _ask(self, what: str, path: "tuple[str | int, ...]") -> str:
        answer = self._read(what, json.dumps(list(path)))
        if not isinstance(answer, str):
            raise SegmentJimoError(
                "An event can be read only by the function that it was handed to, while that runs."
            )
        return answer

    def __getattr__(self, name: str) -> "Any":
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, key: "str | int") -> "Any":
        path = self._path + (key,)
        answer = self._ask("value", path)
        kind = answer[:1]
        rest = answer[1:]
        if kind == "s":
            return rest
        if kind == "b":
            return rest == "true"
        if kind == "n":
            return int(rest) if rest.lstrip("-").isdigit() else float(rest)
        if kind == "a":
            return View(self._read, path, int(rest))
        return View(self._read, path) if kind == "o" else None

    def get(self, path: str, default: "Any" = None) -> "Any":
        """Returns what a path leads to, as an attribute would.

        Args:
            path: Keys and indexes with dots between them, such as "traits.company.id".
            default: What is returned where the path leads to nothing.
        """
        value: Any = self
        for key in path.split("."):
            value = value[key] if isinstance(value, View) else None
        return default if value is None else value

    def __iter__(self) -> "Iterator[Any]":
        """The keys of an object, or the items of a list."""
        if self._length >= 0:
            return iter([self[index] for index in range(self._length)])
        return iter(json.loads(self._ask("keys", self._path)))

    def __len__(self) -> int:
        return self._length if self._length >= 0 else len(list(iter(self)))

    def __contains__(self, key: object) -> bool:
        return key in list(iter(self))

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return self._ask("text", self._path)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("An event is read-only; return what should be different.")


def describe(value: object) -> "Plan":
    """Returns the plan that makes, in the page, what a function has returned."""
    if isinstance(value, View):
        plan: Plan = ["path"]
        plan.extend(value._path)
        return plan
    if isinstance(value, dict):
        plan = ["record"]
        plan.extend([[str(key), describe(one)] for key, one in value.items()])
        return plan
    if isinstance(value, (list, tuple)):
        plan = ["list"]
        plan.extend([describe(one) for one in value])
        return plan
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return ["number", "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"]
    if value is None or isinstance(value, (str, bool, int, float)):
        return ["value", value]
    raise SegmentJimoError(
        "expected text, numbers, booleans, None, lists, dicts or parts of the event, "
        f"got {type(value).__name__}"
    )


def checked_mapping(
    mapping: "Callable[[View], object]", known: "list[str]"
) -> "Callable[[View], object]":
    """Returns the mapping, made to refuse what is no dict of the known fields."""

    def fields(event: View) -> object:
        found = mapping(event)
        wrong = (
            [show(key) for key in found if key not in known]
            if isinstance(found, dict)
            else [type(found).__name__]
        )
        if wrong:
            raise SegmentJimoError(
                f"expected the mapping to return a dict with some of {', '.join(known)}, "
                f"got {', '.join(wrong)}"
            )
        return found

    return fields


def checked_middleware(middleware: "Callable[[View], object]") -> "Callable[[View], object]":
    """Returns the middleware, made to answer with what web/bridge.js knows.

    That is None, False, or a list of paths and new values.
    """

    def changes(event: View) -> object:
        answer = middleware(event)
        if answer is None or answer is False:
            return answer
        if not isinstance(answer, dict):
            raise SegmentJimoError(
                "expected the middleware to return None, False or a dict, "
                f"got {type(answer).__name__}"
            )
        return list(answer.items())

    return changes
