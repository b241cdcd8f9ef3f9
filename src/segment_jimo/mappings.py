"""Compiles the mapping of a field into a plan that takes the field's value from the event."""

from .errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Plan


def compile_mapping(mapping: object, field: str, subscription: str) -> "Plan":
    """Returns the plan for a literal or for ``{"@path": "$.a.b"}``.

    Raises SettingsError for any other directive.
    """
    if not isinstance(mapping, (dict, list)):
        return ["value", mapping]
    path = mapping.get("@path") if isinstance(mapping, dict) and len(mapping) == 1 else None
    if isinstance(path, str) and path.startswith("$"):
        plan: Plan = ["path"]
        plan.extend([key for key in path[1:].split(".") if key])
        return plan
    raise SettingsError(
        f"mapping.{field}",
        f'expected a text, a number, true, false or {{"@path": "$.…"}}, got {mapping!r}. '
        "Other directives are not supported yet.",
        subscription,
    )
