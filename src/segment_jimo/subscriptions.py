"""Subscriptions: which events lead to which action, and how its fields are mapped."""

from .actions import ACTIONS, Action
from .errors import SettingsError
from .mappings import ROOT, Compiler, show
from .triggers import compile_trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Field, Plan


class Subscription:
    """A checked subscription: ``action``, its ``trigger`` and the ``mapping`` of its fields.

    ``name`` is what errors call it. A field that the mapping leaves out stays empty; without any
    mapping the action's preset applies.
    """

    def __init__(
        self, action: Action, trigger: object = None, mapping: object = None, name: str = ""
    ) -> None:
        self.action = action
        self.name = name or action.title
        self.warnings: list[SettingsError] = []
        self.trigger, warnings = compile_trigger(
            action.trigger if trigger is None else trigger, self.name
        )
        self.warnings.extend(warnings)
        self.root: Plan | None = None
        self.fields: list[tuple[Field, Plan]] = []
        self._read(mapping)

    def _read(self, mapping: object) -> None:
        if mapping is None:
            mapping = {field.name: field.default for field in self.action.fields}
        if not isinstance(mapping, dict):
            raise SettingsError("mapping", f"expected an object, got {show(mapping)}.", self.name)
        compiler = Compiler(self.name)
        if ROOT in mapping or [key for key in mapping if key.startswith("@")]:
            self.root = compiler.compile(mapping)
        known = [field.name for field in self.action.fields]
        for key in mapping:
            if key not in known and key != ROOT and not key.startswith("@"):
                raise SettingsError(
                    f"mapping.{key}",
                    f"{self.action.name} has no such field; it has {', '.join(known)}.",
                    self.name,
                )
        for field in self.action.fields:
            plan: Plan = ["nothing"]
            if self.root:
                plan = ["field", field.name]
            elif field.name in mapping:
                plan = compiler.compile(mapping[field.name], field.name)
            self.fields.append((field, plan))
        self.warnings.extend(compiler.warnings)

    def plan(self) -> dict[str, object]:
        """Returns what the bridge needs to carry this subscription out."""
        return {
            "name": self.name,
            "action": self.action.name,
            "trigger": self.trigger,
            "root": self.root,
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
