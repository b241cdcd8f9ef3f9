"""Compiles mappings into plans that take the value of a field from the event.

The language is the mapping-kit of Segment's npm package ``@segment/actions-core``: plain values,
objects and lists of them, and directives, objects with one key such as ``@path``. If that package
refuses a mapping for every event, this module raises a SettingsError. If it fails only when it runs
a directive, the plan fails then, too, and the settings have a warning.
"""

from .decode import Constant, is_path
from .directives import (
    LONGEST_LIQUID,
    OPTIONS,
    Wrong,
    check,
    check_shape,
    directive_of,
    js_length,
    otherwise,
    truthy,
    unknown,
    with_root,
)
from .errors import SettingsError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .actions import Plan

# For one subscription. More would tell nothing new.
MOST_WARNINGS = 5


class Compiler:
    """Compiles the mappings of one subscription, and collects ``warnings``.

    ``uses_liquid`` becomes True if a plan needs the page side's Liquid engine.
    """

    def __init__(self, subscription: str) -> None:
        self.warnings: list[SettingsError] = []
        self.uses_liquid = False
        self._subscription = subscription
        self._field = ""

    def compile(self, mapping: object, field: str = "") -> "Plan":
        """Returns the plan for the mapping of a field, or for the mapping of all fields.

        Raises SettingsError for a mapping that can never work.
        """
        if is_path(mapping):
            return self._plan(mapping, "")
        self._field = f"mapping.{field}" if field else "mapping"
        try:
            check_shape(mapping, 0)
            if not field:
                mapping = with_root(mapping)
            check(mapping, "")
            plan = self._plan(mapping, "")
        except Wrong as wrong:
            raise SettingsError(self._field, f"{wrong}.", self._subscription) from None
        if plan[0] == "fail":
            raise SettingsError(self._field, f"{plan[1]}.", self._subscription)
        return plan if plan[0] in ("value", "constant", "@path") else ["clean", plan]

    def _plan(self, value: "Any", place: str) -> "Plan":
        if is_path(value):
            return ["@path", ["value", value["@path"]]]
        if isinstance(value, Constant):
            if value.kind == "unusable":
                raise Wrong(place, f"expected a value that Python can read, got {value}")
            return ["constant", value.number]
        if isinstance(value, (list, tuple)):
            plan: Plan = ["list"]
            plan.extend([self._plan(one, f"{place}[{index}]") for index, one in enumerate(value)])
            return plan
        if not isinstance(value, dict):
            unbounded = isinstance(value, float) and value - value != 0
            if unbounded or not (value is None or isinstance(value, (str, bool, int, float))):
                raise Wrong(place, f"expected a JSON value, got {show(value)}")
            return ["value", value]
        name = directive_of(value)
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
            return self._fail(place, unknown(name))
        if name in OPTIONS and not isinstance(given, dict):
            return self._fail(place, f"expected an object, got {show(given)}")
        return _COMPILE[name](self, given, place)

    def _fail(self, place: str, problem: str) -> "Plan":
        wrong = str(Wrong(place, problem))
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(SettingsError(self._field, f"{wrong}.", self._subscription))
        return ["fail", wrong]

    def _value(self, given: "dict[str, object]", place: str) -> "Plan":
        """Returns the plan for a directive's value, or ["nothing"] if the value is falsy."""
        value = given.get("value")
        return self._plan(value, f"{place}.value") if truthy(value) else ["nothing"]

    def _path(self, given: object, place: str) -> "Plan":
        return ["@path", self._plan(given, place)]

    def _template(self, given: object, place: str) -> "Plan":
        return ["@template", self._plan(given, place)]

    def _liquid(self, given: object, place: str) -> "Plan":
        if not isinstance(given, str):
            return self._fail(place, f"expected text, got {show(given)}")
        length = js_length(given)
        if length > LONGEST_LIQUID:
            return self._fail(place, f"expected at most {LONGEST_LIQUID} characters, got {length}")
        if not given:
            return ["value", ""]
        self.uses_liquid = True
        return ["@liquid", given]

    def _exclude(self, given: object, place: str) -> "Plan":
        return ["@excludeWhenNull", self._plan(given, place)]

    def _if(self, given: "dict[str, object]", place: str) -> "Plan":
        if not truthy(given.get("exists")) and not truthy(given.get("blank")):
            return self._fail(place, "expected the option exists or blank")
        what = "exists" if "exists" in given else "blank"
        alternative = given.get("else")
        return [
            "@if",
            what,
            self._plan(given[what], f"{place}.{what}"),
            self._plan(given["then"], f"{place}.then") if "then" in given else ["nothing"],
            # Unlike in `then`, a falsy value counts as none.
            self._plan(alternative, f"{place}.else") if truthy(alternative) else ["nothing"],
        ]

    def _case(self, given: "dict[str, object]", place: str) -> "Plan":
        operator = given.get("operator")
        if not truthy(operator):
            return self._fail(place, 'expected the option operator, "lower" or "upper"')
        if operator not in ("lower", "upper"):
            self._fail(f"{place}.operator", f'expected "lower" or "upper", got {show(operator)}')
        return ["@case", operator if isinstance(operator, str) else "", self._value(given, place)]

    def _replace(self, given: "dict[str, object]", place: str) -> "Plan":
        pattern = given.get("pattern")
        if not truthy(pattern):
            return self._fail(place, "expected the option pattern")
        if not truthy(given.get("value")):
            return ["nothing"]
        ignore = otherwise(given.get("ignorecase"), False)
        every = otherwise(given.get("global"), True)
        replacement = otherwise(given.get("replacement"), "")
        plan: Plan = ["@replace", self._value(given, place)]
        plan.append(("g" if every else "") + ("i" if ignore else ""))
        if not (
            isinstance(pattern, str)
            and isinstance(replacement, str)
            and isinstance(ignore, bool)
            and isinstance(every, bool)
        ):
            # For types that it did not check, the original returns an empty text.
            return ["@replace", plan[1], None]
        plan.extend([pattern, replacement])
        second = given.get("pattern2")
        replacement = otherwise(given.get("replacement2"), "")
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
        if not truthy(separator):
            return self._fail(place, "expected the option separator")
        value = self._plan(given["value"], f"{place}.value") if "value" in given else ["nothing"]
        separator_plan = self._plan(separator, f"{place}.separator")
        return ["@flatten", value, separator_plan, truthy(given.get("omitArrays"))]

    def _json(self, given: "dict[str, object]", place: str) -> "Plan":
        mode = given.get("mode")
        if not truthy(mode) or not truthy(given.get("value")):
            return self._fail(place, "expected the options mode and value, neither of them empty")
        if mode not in ("encode", "decode"):
            self._fail(f"{place}.mode", f'expected "encode" or "decode", got {show(mode)}')
        return ["@json", mode if isinstance(mode, str) else "", self._value(given, place)]

    def _merge(self, given: "dict[str, object]", place: str) -> "Plan":
        objects = given.get("objects")
        if not truthy(given.get("direction")) or not isinstance(objects, (list, tuple)):
            return self._fail(
                place, 'expected the options direction, "left" or "right", and objects, a list'
            )
        plan: Plan = ["@merge", self._plan(given["direction"], f"{place}.direction")]
        where = f"{place}.objects"
        plan.extend([self._plan(one, f"{where}[{at}]") for at, one in enumerate(objects)])
        return plan

    def _transform(self, given: "dict[str, object]", place: str) -> "Plan":
        apply = given.get("apply")
        if not isinstance(apply, dict) or not truthy(given.get("mapping")):
            return self._fail(place, "expected the options apply and mapping, two objects")
        try:
            apply = with_root(apply)
            check(apply, f"{place}.apply")
        except Wrong as wrong:
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
