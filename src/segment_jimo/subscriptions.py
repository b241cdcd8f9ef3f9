"""Subscriptions: which events lead to which action, and how its fields are mapped."""

from .actions import ACTIONS, Action
from .errors import SegmentJimoError, SettingsError
from .mappings import ROOT, Compiler, show
from .triggers import compile_trigger

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
        self.trigger: Plan | Callable[[View], object]
        if callable(trigger):
            self.trigger = trigger
        else:
            self.trigger, self.warnings = compile_trigger(
                action.trigger if trigger is None else trigger, self.name
            )
        # What the fields are looked up in, where they have no plan of their own.
        self.root: Plan | Callable[[View], object] | None = None
        self.fields: list[tuple[Field, Plan]] = []
        self._read(mapping)

    def _read(self, mapping: object) -> None:
        if callable(mapping):
            self.root = mapping
            mapping = {}
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
            functions.append(self._mapped)
            root = ["clean", ["call", len(functions) - 1]]
        return {
            "name": self.name,
            "action": self.action.name,
            "trigger": trigger,
            "root": root,
            "fields": [plan for _, plan in self.fields],
        }

    def _mapped(self, event: "View") -> object:
        assert callable(self.root)
        fields = self.root(event)
        known = [field.name for field, _ in self.fields]
        if not isinstance(fields, dict) or [key for key in fields if key not in known]:
            raise SegmentJimoError(
                f"expected the mapping to return a dict with some of {', '.join(known)}, "
                f"got {show(fields)}"
            )
        return fields


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
