"""Events as Python functions see them, for triggers and mappings that are written in Python.

The event stays in the page. A View reads single values from it. A plan (values.py) describes what a
function returns, so a part of the event that is only passed on is never converted.
"""

import json

from .errors import SegmentJimoError, safe
from .text import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    # Takes "value", "keys" or "text", and the path as JSON. web/later/rules.js answers with one
    # letter for the kind of the value, and its content.
    Read = Callable[[str, str], str]

_OBJECT = "o"
_LIST = "a"
_DATE = "d"


class View:
    """An event, or an object, a list, a date or a BigInt in it; read-only.

    Attributes and items give its parts: ``event.traits.plan``, ``event["traits"]["plan"]``,
    ``event.properties.products[0]``. Text, numbers and booleans are Python's own. A missing value,
    undefined and null are None, and so is what a JavaScript object inherits. You can iterate over a
    view (an object's keys, a list's items), and use ``len()`` and ``in``. An empty view is false.
    ``str()`` gives the ISO text of a date, and the JSON of anything else. Segment's documentation
    of its Spec lists the parts of an event.

    Only the function that received a view can read or return it. After that, the view raises
    SegmentJimoError.
    """

    def __init__(
        self,
        read: "Read",
        path: "tuple[str | int, ...]" = (),
        kind: str = _OBJECT,
        length: int = 0,
    ) -> None:
        object.__setattr__(self, "_read", read)
        object.__setattr__(self, "_path", path)
        object.__setattr__(self, "_kind", kind)
        # Of a list.
        object.__setattr__(self, "_length", length)

    def _ask(self, what: str, path: "tuple[str | int, ...]") -> str:
        answer = self._read(what, to_json(list(path)))
        if not isinstance(answer, str) or answer[:1] == "!":
            why = answer[1:] if isinstance(answer, str) else "this event cannot be read now"
            raise safe(SegmentJimoError(f"{why[:1].upper()}{why[1:]}."), why)
        return answer

    def __getattr__(self, name: str) -> "Any":
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, key: "str | int") -> "Any":
        if isinstance(key, slice):
            raise TypeError("A view does not support slices. Use list(view)[1:3].")
        if isinstance(key, bool) or not isinstance(key, (str, int)):
            raise TypeError(f"Expected text or an index as the key, got {type(key).__name__}.")
        if isinstance(key, int) and key < 0 and self._kind == _LIST:
            # An index before the first item gives None, like one after the last.
            key = key + self._length
        path = self._path + (key,)
        answer = self._ask("value", path)
        kind = answer[:1]
        rest = answer[1:]
        if kind == "s":
            return rest
        if kind == "j":
            return json.loads(rest)
        if kind == "b":
            return rest == "true"
        if kind == "n":
            return int(rest) if rest.lstrip("-").isdigit() else float(rest)
        if kind == "i":
            return BigInt(self._read, path, int(rest))
        if kind == _LIST:
            return View(self._read, path, kind, int(rest))
        return View(self._read, path, kind) if kind else None

    def get(self, path: str, default: "Any" = None) -> "Any":
        """Returns the value at a path.

        Args:
            path: Keys and indexes with dots between them, such as "traits.company.id".
            default: The result if there is no value.
        """
        value: Any = self
        for key in path.split("."):
            value = value[key] if isinstance(value, View) else None
        return default if value is None else value

    def __iter__(self) -> "Iterator[Any]":
        """The keys of an object, or the items of a list."""
        if self._kind == _LIST:
            return iter([self[index] for index in range(self._length)])
        if self._kind != _OBJECT:
            raise TypeError("A date or a BigInt has no keys and no items. Use str() or int().")
        return iter(json.loads(self._ask("keys", self._path)[1:]))

    def __len__(self) -> int:
        return self._length if self._kind == _LIST else len(list(iter(self)))

    def __contains__(self, key: object) -> bool:
        return key in list(iter(self))

    def __bool__(self) -> bool:
        return self._kind == _DATE or len(self) > 0

    def __str__(self) -> str:
        return self._ask("text", self._path)[1:]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("An event is read-only. Return the new values instead.")


class BigInt(View):
    """A BigInt of the page: ``int()`` gives its value, and it compares as that.

    If a function returns it, the page gets a BigInt. An int would become a number.
    """

    def __init__(self, read: "Read", path: "tuple[str | int, ...]", value: int) -> None:
        super().__init__(read, path, "i")
        object.__setattr__(self, "_value", value)

    def __int__(self) -> int:
        return int(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        return str(self._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __eq__(self, other: object) -> bool:
        return bool(self._value == _number(other))

    def __lt__(self, other: object) -> bool:
        return bool(self._value < _number(other))

    def __le__(self, other: object) -> bool:
        return bool(self._value <= _number(other))

    def __gt__(self, other: object) -> bool:
        return bool(self._value > _number(other))

    def __ge__(self, other: object) -> bool:
        return bool(self._value >= _number(other))


def _number(value: object) -> "Any":
    return value._value if isinstance(value, BigInt) else value
