"""Subscriptions: which events lead to which action, and how its fields are mapped."""

from .actions import ACTIONS, REFETCH, Action
from .errors import SettingsError
from .mappings import compile_mapping
from .triggers import compile_trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Plan


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
        self.trigger = compile_trigger(action.trigger if trigger is None else trigger, self.name)
        if mapping is None:
            mapping = {field.name: field.default for field in action.fields}
        if not isinstance(mapping, dict):
            raise SettingsError("mapping", f"expected an object, got {mapping!r}.", self.name)
        known = [field.name for field in action.fields]
        for key in mapping:
            if key not in known:
                raise SettingsError(
                    f"mapping.{key}",
                    f"{action.name} has no such field; it has {', '.join(known)}.",
                    self.name,
                )
        self.fields = [
            (field, compile_mapping(mapping.get(field.name), field.name, self.name))
            if mapping.get(field.name) is not None
            else (field, ["nothing"])
            for field in action.fields
        ]

    def plan(self, refetch: bool) -> dict[str, object]:
        """Returns what the bridge needs to carry this subscription out."""
        return {
            "action": self.action.name,
            "trigger": self.trigger,
            "fields": [
                {"name": field.name, "type": field.type, "required": field.required, "plan": plan}
                for field, plan in self.fields
            ],
            "commands": [
                {
                    "plan": _put_refetch(command.plan, refetch),
                    "when": command.when,
                    "identifies": command.identifies,
                    "announce": command.announce,
                }
                for command in self.action.commands
            ],
        }


def _put_refetch(plan: "Plan", refetch: bool) -> "Plan":
    if plan == REFETCH:
        return ["value", refetch]
    return [_put_refetch(part, refetch) if isinstance(part, list) else part for part in plan]


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
