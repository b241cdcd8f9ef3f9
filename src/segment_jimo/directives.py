"""Checks directives: refuses what Segment's package refuses for every event."""

from collections import OrderedDict

from .decode import Constant, is_path
from .errors import show

# Segment's app puts a directive for the whole mapping under this key.
ROOT = "__segment_internal_directive"

LONGEST_PATTERN = 10
LONGEST_LIQUID = 1000
# Levels of a mapping, as in web/later/encode.js.
DEEPEST = 32
# What an option may be: "any" JSON value or directive, "text" or a directive, "plain text", ….
# A * marks a required option.
OPTIONS = {
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
CHOICES = {("@json", "mode"): ("encode", "decode"), ("@merge", "direction"): ("left", "right")}
# Directives that take a value instead of options.
VALUES = {
    "@path": "text",
    "@template": "text",
    "@liquid": "plain text",
    "@literal": "any",
    "@excludeWhenNull": "any",
}
ALLOWED = {
    "any": ("directive", "object", "list", "text", "long text", "number", "true or false", "null"),
    "text": ("directive", "text", "long text"),
    "plain text": ("text",),
    "object": ("directive", "object"),
    "list": ("list",),
    "true or false": ("true or false",),
}


class Wrong(Exception):
    """A mistake in a mapping. ``place`` is the path to it inside the field's mapping."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"at {place}: {problem}" if place else problem)


def with_root(mapping: object) -> object:
    """Returns the mapping of all fields, wrapped in its root directive if it has one."""
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
    raise Wrong(ROOT, f"expected an object with one directive, got {show(root)}")


def check_shape(value: object, depth: int) -> None:
    """Refuses a mapping that is too deep for an interpreter, and keys that are not text."""
    if isinstance(value, dict):
        if is_path(value):
            return
        inner: list[tuple[object, object]] = list(value.items())
    elif isinstance(value, (list, tuple)):
        inner = [("", one) for one in value]
    else:
        return
    if depth > DEEPEST:
        raise Wrong("", f"expected at most {DEEPEST} levels, got more")
    for key, one in inner:
        if not isinstance(key, str):
            raise Wrong("", f"expected text as a key, got {show(key)}")
        check_shape(one, depth + 1)


def check(value: object, place: str) -> None:
    """Refuses what the original refuses for every event.

    It does not look into lists, or into an object that is the whole value of a directive.
    """
    if not isinstance(value, dict) or is_path(value):
        return
    names = [key for key in value if key.startswith("@")]
    if not names:
        for key, one in value.items():
            check(one, f"{place}.{key}".lstrip("."))
        return
    others = [key for key in value if not key.startswith("@") and key != "_metadata"]
    if len(names) > 1 or others:
        keys = ", ".join(names + others)
        raise Wrong(place, f"expected one key that begins with @ and no other key, got {keys}")
    name = names[0]
    given = value[name]
    place = f"{place}.{name}".lstrip(".")
    if name in VALUES:
        _check_value(given, VALUES[name], place)
    elif name in OPTIONS:
        _check_options(name, given, place)
    elif name == "@arrayPath":
        _check_kind(given, "list", place)
        assert isinstance(given, (list, tuple))
        _check_value(given[0] if given else None, "text", f"{place}[0]")
        check(given[1] if len(given) > 1 else None, f"{place}[1]")
    else:
        raise Wrong(place, unknown(name))


def _check_options(name: str, given: object, place: str) -> None:
    if _kind(given) != "object" or not isinstance(given, dict):
        raise Wrong(place, f"expected an object with options, got {show(given)}")
    # Checks all levels inside once. Another check below would cost 2 ** depth.
    check(given, place)
    for option, kind in OPTIONS[name].items():
        if option in given:
            _check_kind(given[option], kind.rstrip("*"), f"{place}.{option}")
        elif kind.endswith("*"):
            raise Wrong(place, f"expected the option {option}")
    for (directive, option), choices in CHOICES.items():
        chosen = given.get(option)
        if name == directive and isinstance(chosen, str) and chosen.lower() not in choices:
            raise Wrong(f"{place}.{option}", f"expected {' or '.join(choices)}, got {chosen}")
    if name == "@merge":
        objects = given["objects"]
        assert isinstance(objects, (list, tuple))
        for index, one in enumerate(objects):
            _check_value(one, "object", f"{place}.objects[{index}]")
    for option in ("pattern", "replacement"):
        text = given.get(option)
        if name == "@replace" and isinstance(text, str):
            least = 1 if option == "pattern" else 0
            length = js_length(text)
            if not least <= length <= LONGEST_PATTERN:
                raise Wrong(
                    f"{place}.{option}",
                    f"expected {least} to {LONGEST_PATTERN} characters, got {length}",
                )


def _check_value(value: object, wanted: str, place: str) -> None:
    _check_kind(value, wanted, place)
    if wanted == "object" or _kind(value) == "directive":
        check(value, place)


def _check_kind(value: object, wanted: str, place: str) -> None:
    kind = _kind(value)
    if kind not in ALLOWED[wanted]:
        either = f"{wanted} or a directive" if wanted in ("text", "object") else wanted
        if kind == "long text":
            either = "a shorter text"
        raise Wrong(place, f"expected {either}, got {show(value)}")


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


def js_length(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return sum([2 if ord(char) > 0xFFFF else 1 for char in text])


def directive_of(value: "dict[str, object]") -> str:
    """Returns the name of the directive in an object, or ""."""
    others = [key for key in value if not key.startswith("@") and key != "_metadata"]
    return "" if others else next(iter([key for key in value if key.startswith("@")]), "")


def truthy(value: object) -> bool:
    """As JavaScript sees it: empty objects and lists are true."""
    return isinstance(value, (dict, list, tuple, Constant)) or bool(value)


def otherwise(value: object, default: object) -> object:
    return default if value is None else value


def unknown(name: str) -> str:
    """What to say of a directive that does not exist."""
    names = ["@arrayPath"] + list(VALUES) + list(OPTIONS)
    return f"unknown directive {name}. Use one of {', '.join(sorted(names))}"
