"""Subscriptions: which events lead to which action, and how its fields are mapped."""

from .actions import ACTIONS, NAMED, Action
from .errors import SettingsError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .actions import Plan
    from .events import View
    from .functions import Rule


class FieldMapping:
    """How the fields of an action are filled from an event: ``given`` as Subscription takes it.

    ``warnings`` name the subscription. Subscriptions may share a mapping.
    """

    def __init__(self, action: Action, given: object, subscription: str) -> None:
        self.action = action
        self.warnings: list[SettingsError] = []
        # What the fields are looked up in, where they have no plan of their own.
        self._root: Plan | Callable[[View], object] | None = None
        self._fields = self._read(given, subscription)

    # The language is imported where it is needed: most pages go without it.

    def _read(self, given: object, subscription: str) -> "list[Plan]":
        fields = self.action.fields
        if given is None:
            return [["@path", ["value", field.path]] for field in fields]
        if callable(given):
            self._root = given
            return [["field", field.name] for field in fields]
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
                raise SettingsError(
                    f"mapping.{key if isinstance(key, str) and len(key) < 60 else show(key)}",
                    f"{self.action.name} has no such field; it has {', '.join(known)}.",
                    subscription,
                )
        if whole:
            self._root = compiler.compile(given)
        found: list[Plan] = []
        for name in known:
            plan: Plan = ["nothing"]
            if self._root:
                plan = ["field", name]
            elif name in given:
                plan = compiler.compile(given[name], name)
            found.append(plan)
        self.warnings = compiler.warnings
        return found

    def _names(self) -> list[str]:
        return [field.name for field in self.action.fields]

    def plan(self, rules: "list[Rule]", subscription: str) -> dict[str, object]:
        """Returns what the bridge needs to carry it out; ``rules`` as in Subscription.plan.

        ``subscription`` is the name of one that it belongs to.
        """
        root = self._root
        if callable(root):
            from .functions import MAPPING, Rule

            rule = Rule(MAPPING, root, subscription, self._names())
            root = ["call", rule.number_in(rules)]
        return {"action": self.action.name, "root": root, "fields": self._fields}


class Subscription:
    """A checked subscription: which events lead to which action, with which fields.

    Args:
        action: SEND_USER_DATA, SEND_TRACK_EVENT or SEND_GROUP_DATA.
        trigger: A text in Segment's language, such as ``type = "track"``, or a function that takes
            the event and tells whether it is wanted. Without it the action's preset applies.
        mapping: Segment's JSON as a dict, or a function that takes the event and returns a dict of
            the action's fields. Without it the action's preset applies; a field that a mapping
            leaves out stays empty.
        name: What errors call it; the action's title where it is not given.

    Attributes:
        action: As given.
        name: As given.
        warnings: SettingsErrors about what means something else than it says.

    Raises:
        SettingsError: What is wrong with the action, the trigger or the mapping.
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
            from .triggers import compile_trigger

            read, self.warnings = compile_trigger(trigger, self.name)
        self.trigger: Plan | Callable[[View], object] = read
        self.mapping = (
            mapping
            if isinstance(mapping, FieldMapping)
            else FieldMapping(action, mapping, self.name)
        )
        self.warnings.extend(self.mapping.warnings)

    def plan(self, rules: "list[Rule]", mapping: int) -> dict[str, object]:
        """Returns what the bridge needs to carry it out; ``mapping`` is the number of its mapping.

        Functions are added to ``rules``; a plan calls them by their number.
        """
        trigger = self.trigger
        if callable(trigger):
            from .functions import TRIGGER, Rule

            trigger = ["call", Rule(TRIGGER, trigger, self.name).number_in(rules)]
        return {"name": self.name, "trigger": trigger, "mapping": mapping}


def read_subscription(
    given: object, position: int, mappings: "dict[tuple[str, int], FieldMapping]"
) -> "Subscription | None":
    """Returns the subscription that Segment's JSON describes, or None where it is not enabled.

    ``given`` is ``{partnerAction, name, enabled, subscribe, mapping}``; as ``enabled`` counts what
    is true in JavaScript, as it does for Segment, and nothing at all. ``mappings`` are those that
    were read before, by their action and the identity of their JSON, and grow.
    """
    if not isinstance(given, dict):
        raise SettingsError(f"subscriptions[{position}]", f"expected an object, got {show(given)}.")
    enabled = given.get("enabled", True)
    # Lists, objects and what stays in the page are true in JavaScript, however empty.
    if not enabled and not isinstance(enabled, (dict, list, tuple)):
        return None
    wanted = given.get("partnerAction")
    name = given.get("name") or f"subscriptions[{position}]"
    if not isinstance(name, str):
        name = show(name)
    action = NAMED.get(wanted) if isinstance(wanted, str) else None
    if action is None:
        expected = ", ".join([action.name for action in ACTIONS])
        raise SettingsError(
            "partnerAction", f"expected one of {expected}, got {show(wanted)}.", name
        )
    mapping = given.get("mapping")
    known = (action.name, id(mapping))
    read_before: Any = mappings.get(known)
    read = Subscription(action, given.get("subscribe"), read_before or mapping, name)
    if not read_before and not read.mapping.warnings:
        mappings[known] = read.mapping
    if not isinstance(enabled, bool):
        problem = f"expected true or false, got {show(enabled)}, which counts as true."
        read.warnings.append(SettingsError("enabled", problem, name))
    return read


def presets() -> list[Subscription]:
    """Returns the subscriptions that apply where none are given."""
    return [Subscription(action) for action in ACTIONS]
