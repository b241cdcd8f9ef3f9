"""The settings of the destination, checked. Segment's spelling lives here and nowhere else."""

from .errors import SettingsError, show
from .subscriptions import FieldMapping, Subscription, presets, read_subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

MOST_SUBSCRIPTIONS = 50


class Settings:
    """Checked settings, with the meaning that Segment's catalog gives them.

    Args:
        project_id: Id of the Jimo project.
        manual_init: "Initialize only for identified users".
        refetch_experiences_on_traits_update: "Refetch experiences after traits changes".
        subscriptions: What takes the place of the presets: Subscription objects, or Segment's JSON
            objects ``{"partnerAction", "name", "enabled", "subscribe", "mapping"}``. At most 50.

    Attributes:
        project_id: As given.
        manual_init: As given, a bool.
        refetch: Whether experiences are fetched again after traits change.
        subscriptions: The list of Subscription objects that work.
        faults: A SettingsError for each subscription that cannot be used, while the others work,
            and for what of a subscription means something else than it says.

    Raises:
        SettingsError: The first of the fields that is wrong, apart from single subscriptions.
    """

    def __init__(
        self,
        project_id: object,
        manual_init: object = False,
        refetch_experiences_on_traits_update: object = False,
        subscriptions: object = None,
    ) -> None:
        if not isinstance(project_id, str) or not project_id.strip():
            raise SettingsError(
                "projectId",
                f"expected the id of your Jimo project as text, got {show(project_id)}. "
                "Take it from the settings page of Jimo.",
            )
        self.project_id = project_id
        self.manual_init = _flag("manualInit", manual_init)
        self.refetch = _flag(
            "refetchExperiencesOnTraitsUpdate", refetch_experiences_on_traits_update
        )
        self.faults: list[SettingsError] = []
        self.subscriptions: list[Subscription] = []
        for _ in self._read(subscriptions):
            pass

    def _read(self, given: object) -> "Iterator[None]":
        """Reads the subscriptions, one in a step."""
        if given is None:
            self.subscriptions = presets()
            return
        if not isinstance(given, (list, tuple)):
            raise SettingsError("subscriptions", f"expected a list, got {show(given)}.")
        if len(given) > MOST_SUBSCRIPTIONS:
            self.faults.append(
                SettingsError(
                    "subscriptions",
                    f"expected at most {MOST_SUBSCRIPTIONS}, got {len(given)}; "
                    "those above are left out.",
                )
            )
        mappings: dict[tuple[str, int], FieldMapping] = {}
        names: list[str] = []
        for position, one in enumerate(given[:MOST_SUBSCRIPTIONS]):
            _tell_apart(one, position, names)
            try:
                read = (
                    one
                    if isinstance(one, Subscription)
                    else read_subscription(one, position, mappings)
                )
            except SettingsError as error:
                self.faults.append(error)
            else:
                if read:
                    self.faults.extend(read.warnings)
                    self.subscriptions.append(read)
            yield

    @staticmethod
    def from_json(given: object) -> "Settings":
        """Returns the settings in Segment's JSON object, with its names, such as "projectId"."""
        steps = Settings.steps(given)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                settings: Settings = end.value
                return settings

    @staticmethod
    def steps(given: object) -> "Generator[None, None, Settings]":
        """Reads what ``from_json`` does in steps, and returns the settings in the end."""
        if not isinstance(given, dict):
            raise SettingsError("settings", f"expected an object, got {show(given)}.")
        settings = Settings(
            given.get("projectId"),
            given.get("manualInit"),
            given.get("refetchExperiencesOnTraitsUpdate"),
            (),
        )
        yield from settings._read(given.get("subscriptions"))
        return settings


def _tell_apart(one: object, position: int, names: list[str]) -> None:
    """Makes the name of a subscription its own, so that what is wrong with two is told of both."""
    name: object = None
    if isinstance(one, Subscription):
        name = one.name
    elif isinstance(one, dict):
        name = one.get("name")
    if not isinstance(name, str) or not name:
        return
    if name in names:
        name = f"{name} (subscriptions[{position}])"
        if isinstance(one, Subscription):
            one.name = name
        elif isinstance(one, dict):
            one["name"] = name
    names.append(name)


def _flag(field: str, value: object) -> bool:
    if value is None:
        return False
    if value is True or value is False:
        return value
    raise SettingsError(field, f"expected true or false, got {show(value)}.")
