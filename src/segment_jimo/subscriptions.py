"""Subscriptions: which events lead to which action, and how its fields are mapped."""

from .actions import ACTIONS, NAMED, Action
from .errors import SettingsError, show
from .steps import finish

# The keys of a subscription in Segment's JSON. The ID is Segment's own.
KEYS = ("partnerAction", "subscribe", "mapping", "enabled", "name", "id")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any

    from .actions import Field, Plan
    from .events import View
    from .functions import Rule


class FieldMapping:
    """How the fields of an action are filled from an event: ``given`` as Subscription takes it.

    ``warnings`` name the subscription. ``uses_liquid`` tells whether the page side's Liquid engine
    is needed. Subscriptions may share a mapping.
    """

    def __init__(self, action: Action, given: object, subscription: str) -> None:
        self.action = action
        self.warnings: list[SettingsError] = []
        self.uses_liquid = False
        # One plan or function for all fields, if the mapping has none for each field.
        self._root: Plan | Callable[[View], object] | None = None
        self._fields = self._read(given, subscription)

    # The language of mappings is imported only if needed: most pages do without it.

    def _read(self, given: object, subscription: str) -> "list[Plan]":
        fields = self.action.fields
        if given is None:
            return [_preset(field) for field in fields]
        if callable(given):
            self._root = given
            return [_of_whole(field) for field in fields]
        if not isinstance(given, dict):
            raise SettingsError("mapping", f"expected an object, got {show(given)}.", subscription)
        from .directives import ROOT
        from .mappings import Compiler

        compiler = Compiler(subscription)
        known = self._names()
        whole = False
        for key in given:
            if key == ROOT or (isinstance(key, str) and key.startswith("@")):
                whole = True
            elif key not in known:
                self._warn(key, known, subscription)
        if whole:
            self._root = compiler.compile(given)
        found: list[Plan] = []
        for field in fields:
            plan: Plan = _preset(field) if field.always else ["nothing"]
            if self._root:
                plan = _of_whole(field)
            elif field.name in given:
                plan = compiler.compile(given[field.name], field.name)
            found.append(plan)
        self.warnings.extend(compiler.warnings)
        self.uses_liquid = compiler.uses_liquid
        return found

    def _warn(self, key: object, known: "list[str]", subscription: str) -> None:
        if not isinstance(key, str):
            raise SettingsError(
                "mapping", f"expected text as the name of a field, got {show(key)}.", subscription
            )
        # Segment's app adds these for itself.
        if key.startswith("__segment_internal_"):
            return
        from .names import did_you_mean

        self.warnings.append(
            SettingsError(
                f"mapping.{key if len(key) < 60 else show(key)}",
                f"unknown field of {self.action.name}, ignored. Use one of "
                f"{', '.join(known)}.{did_you_mean(key, known)}",
                subscription,
            )
        )

    def _names(self) -> list[str]:
        return [field.name for field in self.action.fields]

    def plan(self, rules: "list[Rule]", subscription: str) -> dict[str, object]:
        """Returns the mapping as data for the page side; ``rules`` is as in Subscription.plan.

        ``subscription`` is the name of one that uses it.
        """
        root = self._root
        if callable(root):
            from .functions import MAPPING, Rule

            rule = Rule(MAPPING, root, subscription, self._names())
            root = ["call", rule.number_in(rules)]
        return {"action": self.action.name, "root": root, "fields": self._fields}


def _preset(field: "Field") -> "Plan":
    return ["@path", ["value", field.path]]


def _of_whole(field: "Field") -> "Plan":
    """Returns the plan of a field where one mapping fills all of them."""
    plan: Plan = ["field", field.name]
    return ["or", plan, _preset(field)] if field.always else plan


class Subscription:
    """A checked subscription: which events lead to which action, with which fields.

    Args:
        action: SEND_USER_DATA, SEND_TRACK_EVENT or SEND_GROUP_DATA.
        trigger: A text in Segment's language, such as ``type = "track"``, or a function that gets
            the event and returns whether it is wanted. Default: the action's preset.
        mapping: Segment's JSON as a dict, or a function that gets the event and returns a dict of
            the action's fields. Default: the action's preset. A field that the mapping leaves out
            stays empty, except ``signature``.
        name: Its name in error messages. Default: the action's title.

    Attributes:
        action: As given.
        name: As given.
        warnings: SettingsErrors about parts that do not mean what they seem to mean.

    Raises:
        SettingsError: The action, the trigger or the mapping is wrong.
    """

    def __init__(
        self,
        action: Action,
        trigger: "str | Callable[[View], object] | None" = None,
        mapping: "Mapping[str, object] | Callable[[View], Mapping[str, object]] | None" = None,
        name: str = "",
    ) -> None:
        if not isinstance(action, Action):
            raise SettingsError(
                "action",
                f"expected SEND_USER_DATA, SEND_TRACK_EVENT or SEND_GROUP_DATA, got {action!r}.",
                name,
            )
        self.action = action
        self.name = name or action.title
        self.warnings: list[SettingsError] = []
        read: Any = trigger
        if trigger is None:
            read = ["is", "type", action.type]
        elif not callable(trigger):
            from .triggers import compiling

            read, self.warnings = finish(compiling(trigger, self.name))
        self.trigger: Plan | Callable[[View], object] = read
        self.mapping = (
            mapping
            if isinstance(mapping, FieldMapping)
            else FieldMapping(action, mapping, self.name)
        )
        self.warnings.extend(self.mapping.warnings)

    def plan(self, rules: "list[Rule]", mapping: int) -> dict[str, object]:
        """Returns it as data for the page side; ``mapping`` is the number of its mapping.

        Adds its functions to ``rules``. A plan calls a function by its number there.
        """
        trigger = self.trigger
        if callable(trigger):
            from .functions import TRIGGER, Rule

            trigger = ["call", Rule(TRIGGER, trigger, self.name).number_in(rules)]
        return {"name": self.name, "trigger": trigger, "mapping": mapping}


def is_enabled(given: object) -> bool:
    """Whether Segment's JSON describes a subscription that is enabled.

    As for Segment, any value that is true in JavaScript enables it. So does no value.
    """
    enabled = given.get("enabled", True) if isinstance(given, dict) else True
    # In JavaScript, a list or an object is true even if it is empty.
    return bool(enabled) or isinstance(enabled, (dict, list, tuple))


def read_subscription(
    given: object, name: str, mappings: "dict[tuple[str, int], FieldMapping]"
) -> "Generator[None, None, Subscription | None]":
    """Reads Segment's JSON in steps; returns the subscription, or None if it is not enabled.

    Args:
        given: ``{partnerAction, name, enabled, subscribe, mapping}``.
        name: Its name in errors.
        mappings: The mappings read so far, by action and identity of their JSON. It grows.
    """
    if not isinstance(given, dict):
        # It has no keys, so the error names its place in the list.
        raise SettingsError(name, f"expected an object, got {show(given)}.")
    if not is_enabled(given):
        return None
    warnings = _unknown(given, name)
    wanted = given.get("partnerAction")
    action = NAMED.get(wanted) if isinstance(wanted, str) else None
    if action is None:
        expected = ", ".join([action.name for action in ACTIONS])
        raise SettingsError(
            "partnerAction", f"expected one of {expected}, got {show(wanted)}.", name
        )
    mapping = given.get("mapping")
    known = (action.name, id(mapping))
    read_before: Any = mappings.get(known)
    fields: Any = read_before or FieldMapping(action, mapping, name)
    yield
    if not fields.warnings:
        mappings[known] = fields
    trigger = given.get("subscribe")
    read = Subscription(action, trigger if callable(trigger) else None, fields, name)
    if trigger is not None and not callable(trigger):
        from .triggers import compiling

        read.trigger, found = yield from compiling(trigger, name)
        read.warnings = found + read.warnings
    read.warnings.extend(warnings)
    enabled = given.get("enabled", True)
    if not isinstance(enabled, bool):
        problem = f"expected true or false, got {show(enabled)}. It counts as true."
        read.warnings.append(SettingsError("enabled", problem, name))
    return read


def _unknown(given: "dict[str, object]", name: str) -> "list[SettingsError]":
    """Returns warnings for unknown keys. Refuses a key that may be a misspelt one.

    Without its trigger or its mapping a subscription would send more than was meant.
    """
    unknown = [key for key in given if key not in KEYS]
    if not unknown:
        return []
    from .names import check_names

    missing = []
    if given.get("subscribe") is None:
        missing.append("subscribe")
    if given.get("mapping") is None and [key for key in unknown if isinstance(given[key], dict)]:
        missing.append("mapping")
    return check_names(given, KEYS, missing, name)


def presets() -> list[Subscription]:
    """Returns the subscriptions for settings without any."""
    return [Subscription(action) for action in ACTIONS]
