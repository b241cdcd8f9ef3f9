"""Subscriptions: which events lead to which action, and how its fields are mapped."""

from .actions import ACTIONS, Action
from .errors import SettingsError, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .actions import Field, Plan
    from .events import View


class Subscription:
    """A checked subscription: ``action``, its ``trigger`` and the ``mapping`` of its fields.

    ``trigger`` is a text in Segment's language, or a function that takes the event, a View, and
    tells whether it is wanted. ``mapping`` is Segment's JSON, or a function that takes the event
    and returns a dict of the action's fields. Without them the action's preset applies; a field
    that a mapping leaves out stays empty. ``name`` is what errors call it; ``warnings`` are about
    what means something else than it says.
    """

    def __init__(
        self, action: Action, trigger: object = None, mapping: object = None, name: str = ""
    ) -> None:
        self.action = action
        self.name = name or action.title
        self.warnings: list[SettingsError] = []
        # What the fields are looked up in, where they have no plan of their own.
        self.root: Plan | Callable[[View], object] | None = None
        self.trigger = self._read_trigger(trigger)
        self.fields = self._read_mapping(mapping)

    # The language is imported where it is needed: most pages go without it.

    def _read_trigger(self, trigger: object) -> "Plan | Callable[[View], object]":
        if trigger is None:
            return ["test", "=", ["path", "type"], ["value", self.action.type]]
        if callable(trigger):
            return trigger
        from .triggers import compile_trigger

        plan, self.warnings = compile_trigger(trigger, self.name)
        return plan

    def _read_mapping(self, mapping: object) -> "list[tuple[Field, Plan]]":
        fields = self.action.fields
        if mapping is None:
            return [(field, ["@path", ["value", field.path]]) for field in fields]
        if callable(mapping):
            self.root = mapping
            return [(field, ["field", field.name]) for field in fields]
        if not isinstance(mapping, dict):
            raise SettingsError("mapping", f"expected an object, got {show(mapping)}.", self.name)
        from .mappings import ROOT, Compiler

        compiler = Compiler(self.name)
        if ROOT in mapping or [key for key in mapping if key.startswith("@")]:
            self.root = compiler.compile(mapping)
        known = [field.name for field in fields]
        for key in mapping:
            if key not in known and key != ROOT and not key.startswith("@"):
                raise SettingsError(
                    f"mapping.{key}",
                    f"{self.action.name} has no such field; it has {', '.join(known)}.",
                    self.name,
                )
        found: list[tuple[Field, Plan]] = []
        for field in fields:
            plan: Plan = ["nothing"]
            if self.root:
                plan = ["field", field.name]
            elif field.name in mapping:
                plan = compiler.compile(mapping[field.name], field.name)
            found.append((field, plan))
        self.warnings.extend(compiler.warnings)
        return found

    def plan(self, functions: "list[Callable[[View], object]]") -> dict[str, object]:
        """Returns what the bridge needs to carry this subscription out.

        Functions are added to ``functions``; a plan calls them by their number.
        """
        trigger = self.trigger
        root = self.root
        if callable(trigger):
            functions.append(trigger)
            trigger = ["call", len(functions) - 1]
        if callable(root):
            from .events import checked_mapping

            functions.append(checked_mapping(root, [field.name for field, _ in self.fields]))
            root = ["clean", ["call", len(functions) - 1]]
        return {
            "name": self.name,
            "action": self.action.name,
            "trigger": trigger,
            "root": root,
            "fields": [plan for _, plan in self.fields],
        }


def read_subscription(given: object, position: int) -> "Subscription | None":
    """Returns the subscription that Segment's JSON describes, or None where it is not enabled.

    ``given`` is ``{partnerAction, name, enabled, subscribe, mapping}``.
    """
    if not isinstance(given, dict):
        raise SettingsError(f"subscriptions[{position}]", f"expected an object, got {given!r}.")
    if given.get("enabled") is False:
        return None
    wanted = given.get("partnerAction")
    name = given.get("name") or f"subscriptions[{position}]"
    for action in ACTIONS:
        if action.name == wanted:
            return Subscription(action, given.get("subscribe"), given.get("mapping"), str(name))
    names = ", ".join([action.name for action in ACTIONS])
    raise SettingsError("partnerAction", f"expected one of {names}, got {wanted!r}.", str(name))


def presets() -> list[Subscription]:
    """Returns the subscriptions that apply where none are given."""
    return [Subscription(action) for action in ACTIONS]
