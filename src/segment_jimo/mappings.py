"""Compiles mappings into plans that take the value of a field from the event.

The language is the mapping-kit of Segment's npm package ``@segment/actions-core``: plain values,
objects and lists of them, and directives, objects with one key such as ``@path``. That package
refuses some mappings whatever the event; these raise a SettingsError here. What it only fails at
when it comes to it fails in the same moment here, and is told as a warning before.
"""

from collections import OrderedDict

from .errors import SettingsError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .actions import Plan

# Where Segment's app puts a directive that the whole mapping is resolved in.
ROOT = "__segment_internal_directive"

LONGEST_PATTERN = 10
LONGEST_LIQUID = 1000
# Levels of a mapping, as in web/encode.js.
DEEPEST = 32
# Of one subscription; the first ones tell enough.
MOST_WARNINGS = 5

# What an option may be: "any" JSON value or directive, "text" or a directive, "plain text", ….
# A * marks an option that has to be there.
_OPTIONS = {
    "@if": {"exists": "any", "then": "any", "else": "any"},
    "@case": {"operator": "plain text", "value": "text"},
    "@replace": {
        "pattern": "plain text*",
        "replacement": "plain text",
        "value": "text*",
        "ignorecase": "true or false",
        "global": "true or false",
    },
    "@json": {"value": "any*", "mode": "plain text*"},
    "@flatten": {"separator": "plain text", "value": "any*"},
    "@merge": {"direction": "plain text", "objects": "list*"},
    "@transform": {"apply": "object*", "mapping": "object*"},
}
_CHOICES = {("@json", "mode"): ("encode", "decode"), ("@merge", "direction"): ("left", "right")}
# Directives whose value is no set of options.
_VALUES = {
    "@path": "text",
    "@template": "text",
    "@liquid": "plain text",
    "@literal": "any",
    "@excludeWhenNull": "any",
}
_ALLOWED = {
    "any": ("directive", "object", "list", "text", "number", "true or false", "null"),
    "text": ("directive", "text"),
    "plain text": ("text",),
    "object": ("directive", "object"),
    "list": ("list",),
    "true or false": ("true or false",),
}


class Constant:
    """A value that stayed in the page, since Python could change it.

    ``kind`` is its JS type, or "unusable" for what cannot be read or is too large.
    """

    def __init__(self, number: int, kind: str, shown: str) -> None:
        self.number = number
        self.kind = kind
        self.shown = shown

    def __repr__(self) -> str:
        return self.shown


def decode(given: "Any", mappings: "Sequence[Any]" = ()) -> "Any":
    """Turns what encode() of web/encode.js gives into objects that keep the order of their keys.

    Subscriptions whose mappings are alike get the same one out of ``mappings``.
    """
    if isinstance(given, list):
        found = OrderedDict()
        for index in range(0, len(given), 2):
            found[given[index]] = decode(given[index + 1])
        return found
    if not isinstance(given, dict):
        return given
    if "subscription" in given:
        subscription = given["subscription"]
        for key in given["others"]:
            subscription[key] = decode(subscription[key])
        if subscription.get("mapping") is not None:
            subscription["mapping"] = mappings[subscription["mapping"]]
        return subscription
    if "list" in given:
        return [decode(one, mappings) for one in given["list"]]
    if _is_path(given):
        return given
    return Constant(given["constant"], given["type"], given["shown"])


class _Wrong(Exception):
    """``place`` leads to what is wrong, from the field's mapping on."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"at {place}: {problem}" if place else problem)


class Compiler:
    """Compiles the mappings of one subscription. ``warnings`` grow on the way.

    ``uses_liquid`` becomes True where a plan needs the page side's Liquid engine.
    """

    def __init__(self, subscription: str) -> None:
        self.warnings: list[SettingsError] = []
        self.uses_liquid = False
        self._subscription = subscription
        self._field = ""

    def compile(self, mapping: object, field: str = "") -> "Plan":
        """Returns the plan for the mapping of a field, or for the mapping of all fields.

        Raises SettingsError for a mapping that could never be carried out.
        """
        if _is_path(mapping):
            return self._plan(mapping, "")
        self._field = f"mapping.{field}" if field else "mapping"
        try:
            _check_shape(mapping, 0)
            if not field:
                mapping = _with_root(mapping)
            _check(mapping, "")
            plan = self._plan(mapping, "")
        except _Wrong as wrong:
            raise SettingsError(self._field, f"{wrong}.", self._subscription) from None
        if plan[0] == "fail":
            raise SettingsError(self._field, f"{plan[1]}.", self._subscription)
        return plan if plan[0] in ("value", "constant", "@path") else ["clean", plan]

    def _plan(self, value: "Any", place: str) -> "Plan":
        if _is_path(value):
            return ["@path", ["value", value["@path"]]]
        if isinstance(value, Constant):
            if value.kind == "unusable":
                raise _Wrong(place, f"expected something simpler, got {value}")
            return ["constant", value.number]
        if isinstance(value, (list, tuple)):
            plan: Plan = ["list"]
            plan.extend([self._plan(one, f"{place}[{index}]") for index, one in enumerate(value)])
            return plan
        if not isinstance(value, dict):
            unbounded = isinstance(value, float) and value - value != 0
            if unbounded or not (value is None or isinstance(value, (str, bool, int, float))):
                raise _Wrong(place, f"expected a value that JSON has, got {show(value)}")
            return ["value", value]
        name = _directive(value)
        if name:
            return self._directive_plan(name, value[name], f"{place}.{name}".lstrip("."))
        plan = ["record"]
        # The original loses this key.
        plan.extend(
            [
                [key, self._plan(one, f"{place}.{key}".lstrip("."))]
                for key, one in value.items()
                if key != "__proto__"
            ]
        )
        return plan

    def _directive_plan(self, name: str, given: object, place: str) -> "Plan":
        if name not in _COMPILE:
            return self._fail(place, _unknown(name))
        if name in _OPTIONS and not isinstance(given, dict):
            return self._fail(place, f"expected an object, got {show(given)}")
        return _COMPILE[name](self, given, place)

    def _fail(self, place: str, problem: str) -> "Plan":
        wrong = str(_Wrong(place, problem))
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(SettingsError(self._field, f"{wrong}.", self._subscription))
        return ["fail", wrong]

    def _value(self, given: "dict[str, object]", place: str) -> "Plan":
        """The plan for the value that a directive works on; nothing where that is falsy."""
        value = given.get("value")
        return self._plan(value, f"{place}.value") if _truthy(value) else ["nothing"]

    def _path(self, given: object, place: str) -> "Plan":
        return ["@path", self._plan(given, place)]

    def _template(self, given: object, place: str) -> "Plan":
        return ["@template", self._plan(given, place)]

    def _liquid(self, given: object, place: str) -> "Plan":
        if not isinstance(given, str):
            return self._fail(place, f"expected text, got {show(given)}")
        length = _js_length(given)
        if length > LONGEST_LIQUID:
            return self._fail(place, f"expected at most {LONGEST_LIQUID} characters, got {length}")
        if not given:
            return ["value", ""]
        self.uses_liquid = True
        return ["@liquid", given]

    def _exclude(self, given: object, place: str) -> "Plan":
        return ["@excludeWhenNull", self._plan(given, place)]

    def _if(self, given: "dict[str, object]", place: str) -> "Plan":
        if not _truthy(given.get("exists")) and not _truthy(given.get("blank")):
            return self._fail(place, "expected the option exists or blank")
        what = "exists" if "exists" in given else "blank"
        otherwise = given.get("else")
        return [
            "@if",
            what,
            self._plan(given[what], f"{place}.{what}"),
            self._plan(given["then"], f"{place}.then") if "then" in given else ["nothing"],
            # Unlike in `then`, a falsy value counts as none.
            self._plan(otherwise, f"{place}.else") if _truthy(otherwise) else ["nothing"],
        ]

    def _case(self, given: "dict[str, object]", place: str) -> "Plan":
        operator = given.get("operator")
        if not _truthy(operator):
            return self._fail(place, 'expected the option operator, "lower" or "upper"')
        if operator not in ("lower", "upper"):
            self._fail(f"{place}.operator", f'expected "lower" or "upper", got {show(operator)}')
        return ["@case", operator if isinstance(operator, str) else "", self._value(given, place)]

    def _replace(self, given: "dict[str, object]", place: str) -> "Plan":
        pattern = given.get("pattern")
        if not _truthy(pattern):
            return self._fail(place, "expected the option pattern")
        if not _truthy(given.get("value")):
            return ["nothing"]
        ignore = _or(given.get("ignorecase"), False)
        every = _or(given.get("global"), True)
        replacement = _or(given.get("replacement"), "")
        plan: Plan = ["@replace", self._value(given, place)]
        plan.append(("g" if every else "") + ("i" if ignore else ""))
        if not (
            isinstance(pattern, str)
            and isinstance(replacement, str)
            and isinstance(ignore, bool)
            and isinstance(every, bool)
        ):
            # The original, where it has not checked the types, answers with an empty text.
            return ["@replace", plan[1], None]
        plan.extend([pattern, replacement])
        second = given.get("pattern2")
        replacement = _or(given.get("replacement2"), "")
        if isinstance(second, str) and second and isinstance(replacement, str):
            plan.extend([second, replacement])
        return plan

    def _array_path(self, given: object, place: str) -> "Plan":
        if not isinstance(given, (list, tuple)):
            return self._fail(place, f"expected a list, [path, shape], got {show(given)}")
        path = given[0] if given else None
        plan: Plan = self._plan(path, f"{place}[0]") if given else ["nothing"]
        if isinstance(path, str):
            plan = ["@path", plan]
        if len(given) > 1 and isinstance(given[1], dict) and given[1]:
            return ["@arrayPath", plan, self._plan(given[1], f"{place}[1]")]
        return plan

    def _flatten(self, given: "dict[str, object]", place: str) -> "Plan":
        separator = given.get("separator")
        if not _truthy(separator):
            return self._fail(place, "expected the option separator")
        value = self._plan(given["value"], f"{place}.value") if "value" in given else ["nothing"]
        separator_plan = self._plan(separator, f"{place}.separator")
        return ["@flatten", value, separator_plan, _truthy(given.get("omitArrays"))]

    def _json(self, given: "dict[str, object]", place: str) -> "Plan":
        mode = given.get("mode")
        if not _truthy(mode) or not _truthy(given.get("value")):
            return self._fail(place, "expected the options mode and value, neither of them empty")
        if mode not in ("encode", "decode"):
            self._fail(f"{place}.mode", f'expected "encode" or "decode", got {show(mode)}')
        return ["@json", mode if isinstance(mode, str) else "", self._value(given, place)]

    def _merge(self, given: "dict[str, object]", place: str) -> "Plan":
        objects = given.get("objects")
        if not _truthy(given.get("direction")) or not isinstance(objects, (list, tuple)):
            return self._fail(
                place, 'expected the options direction, "left" or "right", and objects, a list'
            )
        plan: Plan = ["@merge", self._plan(given["direction"], f"{place}.direction")]
        where = f"{place}.objects"
        plan.extend([self._plan(one, f"{where}[{at}]") for at, one in enumerate(objects)])
        return plan

    def _transform(self, given: "dict[str, object]", place: str) -> "Plan":
        apply = given.get("apply")
        if not isinstance(apply, dict) or not _truthy(given.get("mapping")):
            return self._fail(place, "expected the options apply and mapping, two objects")
        try:
            apply = _with_root(apply)
            _check(apply, f"{place}.apply")
        except _Wrong as wrong:
            return self._fail("", str(wrong))
        return [
            "@transform",
            self._plan(apply, f"{place}.apply"),
            self._plan(given["mapping"], f"{place}.mapping"),
        ]


_COMPILE: "dict[str, Callable[[Compiler, Any, str], Plan]]" = {
    "@path": Compiler._path,
    "@template": Compiler._template,
    "@liquid": Compiler._liquid,
    "@literal": Compiler._plan,
    "@excludeWhenNull": Compiler._exclude,
    "@if": Compiler._if,
    "@case": Compiler._case,
    "@replace": Compiler._replace,
    "@arrayPath": Compiler._array_path,
    "@flatten": Compiler._flatten,
    "@json": Compiler._json,
    "@merge": Compiler._merge,
    "@transform": Compiler._transform,
}


def _with_root(mapping: object) -> object:
    """Returns the mapping of all fields, put into its root directive where it has one."""
    if not isinstance(mapping, dict) or ROOT not in mapping:
        return mapping
    root = mapping[ROOT]
    if isinstance(root, dict) and len(root) == 1:
        name = next(iter(root))
        if isinstance(root[name], list):
            return root
        if isinstance(root[name], dict):
            options = OrderedDict(root[name].items())
            options["mapping"] = OrderedDict(
                [(key, one) for key, one in mapping.items() if key != ROOT]
            )
            return {name: options}
    raise _Wrong(ROOT, f"expected an object with one directive, got {show(root)}")


def _check_shape(value: object, depth: int) -> None:
    """Refuses what is too deep for an interpreter, and keys that JSON does not have."""
    if isinstance(value, dict):
        if _is_path(value):
            return
        inner: list[tuple[object, object]] = list(value.items())
    elif isinstance(value, (list, tuple)):
        inner = [("", one) for one in value]
    else:
        return
    if depth > DEEPEST:
        raise _Wrong("", f"expected at most {DEEPEST} levels")
    for key, one in inner:
        if not isinstance(key, str):
            raise _Wrong("", f"expected text as a key, got {show(key)}")
        _check_shape(one, depth + 1)


def _check(value: object, place: str) -> None:
    """Refuses what the original refuses whatever the event.

    It does not look into lists, nor into objects that are the whole value of a directive.
    """
    if not isinstance(value, dict) or _is_path(value):
        return
    names = [key for key in value if key.startswith("@")]
    if not names:
        for key, one in value.items():
            _check(one, f"{place}.{key}".lstrip("."))
        return
    others = [key for key in value if not key.startswith("@") and key != "_metadata"]
    if len(names) > 1 or others:
        keys = ", ".join(names + others)
        raise _Wrong(place, f"expected one key with @ and no other, got {keys}")
    name = names[0]
    given = value[name]
    place = f"{place}.{name}".lstrip(".")
    if name in _VALUES:
        _check_value(given, _VALUES[name], place)
    elif name in _OPTIONS:
        _check_options(name, given, place)
    elif name == "@arrayPath":
        _check_kind(given, "list", place)
        assert isinstance(given, (list, tuple))
        _check_value(given[0] if given else None, "text", f"{place}[0]")
        _check(given[1] if len(given) > 1 else None, f"{place}[1]")
    else:
        raise _Wrong(place, _unknown(name))


def _check_options(name: str, given: object, place: str) -> None:
    if _kind(given) != "object" or not isinstance(given, dict):
        raise _Wrong(place, f"expected an object with options, got {show(given)}")
    # All that is inside, so that each level is checked once: any more would grow with 2 ** depth.
    _check(given, place)
    for option, kind in _OPTIONS[name].items():
        if option in given:
            _check_kind(given[option], kind.rstrip("*"), f"{place}.{option}")
        elif kind.endswith("*"):
            raise _Wrong(place, f"expected the option {option}")
    for (directive, option), choices in _CHOICES.items():
        chosen = given.get(option)
        if name == directive and isinstance(chosen, str) and chosen.lower() not in choices:
            raise _Wrong(f"{place}.{option}", f"expected {' or '.join(choices)}, got {chosen}")
    if name == "@merge":
        objects = given["objects"]
        assert isinstance(objects, (list, tuple))
        for index, one in enumerate(objects):
            _check_value(one, "object", f"{place}.objects[{index}]")
    for option in ("pattern", "replacement"):
        text = given.get(option)
        if name == "@replace" and isinstance(text, str):
            least = 1 if option == "pattern" else 0
            length = _js_length(text)
            if not least <= length <= LONGEST_PATTERN:
                raise _Wrong(
                    f"{place}.{option}",
                    f"expected {least} to {LONGEST_PATTERN} characters, got {length}",
                )


def _check_value(value: object, wanted: str, place: str) -> None:
    _check_kind(value, wanted, place)
    if wanted == "object" or _kind(value) == "directive":
        _check(value, place)


def _check_kind(value: object, wanted: str, place: str) -> None:
    kind = _kind(value)
    if kind not in _ALLOWED[wanted]:
        either = f"{wanted} or a directive" if wanted in ("text", "object") else wanted
        raise _Wrong(place, f"expected {either}, got {show(value)}")


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "directive" if [key for key in value if key.startswith("@")] else "object"
    if isinstance(value, Constant):
        return value.kind
    if value is None:
        return "null"
    if value is True or value is False:
        return "true or false"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, (list, tuple)) else "number"


def _js_length(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return sum([2 if ord(char) > 0xFFFF else 1 for char in text])


def _directive(value: "dict[str, object]") -> str:
    """The directive that an object is, or nothing."""
    others = [key for key in value if not key.startswith("@") and key != "_metadata"]
    return "" if others else next(iter([key for key in value if key.startswith("@")]), "")


def _is_path(value: object) -> bool:
    """Nearly all mappings are a plain path, so these need not go the long way."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("@path"), str)


def _truthy(value: object) -> bool:
    """As JavaScript sees it: empty objects and lists are true."""
    return isinstance(value, (dict, list, tuple, Constant)) or bool(value)


def _or(value: object, default: object) -> object:
    return default if value is None else value


def _unknown(name: str) -> str:
    return f"there is no directive {name}; there are {', '.join(sorted(_COMPILE))}"
