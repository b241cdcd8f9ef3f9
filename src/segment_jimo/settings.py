"""The checked settings of the destination. Segment's names for them are used only here."""

from .actions import SEND_GROUP_DATA, SEND_TRACK_EVENT, SEND_USER_DATA
from .errors import SettingsError, show
from .steps import finish
from .subscriptions import FieldMapping, Subscription, is_enabled, presets, read_subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from typing import Any

    from .segment import SubscriptionJson

# Disabled subscriptions do not count.
MOST_SUBSCRIPTIONS = 50
# The settings of Segment and of a page. web/page/settings.js has the same names.
NAMES = (
    "projectId",
    "manualInit",
    "refetchExperiencesOnTraitsUpdate",
    "subscriptions",
    "runtime",
    "analytics",
    "assets",
    "sdkUrl",
    "debug",
    "killOnReset",
    "python",
    "inspector",
    # Segment adds it to the settings of each destination.
    "versionSettings",
)


class Settings:
    """Checked settings, with the meaning that Segment's catalog gives them.

    Args:
        project_id: ID of the Jimo project.
        manual_init: "Initialize only for identified users".
        refetch_experiences_on_traits_update: "Refetch experiences after traits changes".
        subscriptions: They replace the presets: Subscription objects, or Segment's JSON objects
            ``{"partnerAction", "name", "enabled", "subscribe", "mapping"}``. At most 50.
        kill_on_reset: Whether ``analytics.reset()`` also ends Jimo.

    Attributes:
        project_id: As given.
        manual_init: As given, a bool.
        refetch: Whether Jimo fetches experiences again after traits change.
        kill_on_reset: As given, a bool.
        subscriptions: The list of Subscription objects that work.
        faults: A SettingsError for each refused subscription. The others work.
        warnings: SettingsErrors about parts that do not mean what they seem to mean.
        refused: The names of the subscriptions that are refused.
        user_of_event: Whether the userId of an event identifies the user, because no enabled
            subscription does. A refused subscription counts as one that does: it may map another
            ID, which the userId must not replace.

    Raises:
        SettingsError: A setting is wrong. A wrong subscription is in ``faults`` instead.
    """

    def __init__(
        self,
        project_id: str,
        manual_init: bool | None = False,
        refetch_experiences_on_traits_update: bool | None = False,
        subscriptions: "Sequence[Subscription | SubscriptionJson] | None" = None,
        kill_on_reset: bool | None = False,
    ) -> None:
        if not isinstance(project_id, str) or not project_id.strip():
            raise SettingsError(
                "projectId",
                f"expected the ID of your Jimo project as text, got {show(project_id)}. "
                "Copy it from the settings page of Jimo.",
            )
        self.project_id = project_id
        self.manual_init = _flag("manualInit", manual_init)
        self.refetch = _flag(
            "refetchExperiencesOnTraitsUpdate", refetch_experiences_on_traits_update
        )
        self.kill_on_reset = _flag("killOnReset", kill_on_reset)
        self.faults: list[SettingsError] = []
        self.warnings: list[SettingsError] = []
        self.refused: list[str] = []
        self.user_of_event = True
        self.subscriptions: list[Subscription] = []
        for _ in self._read(subscriptions):
            pass

    def _read(self, given: object) -> "Iterator[None]":
        """Reads the subscriptions, each in a few steps."""
        if given is None:
            self.user_of_event = False
            self.subscriptions = presets()
            return
        if not isinstance(given, (list, tuple)):
            raise SettingsError("subscriptions", f"expected a list, got {show(given)}.")
        mappings: dict[tuple[str, int], FieldMapping] = {}
        names: list[str] = []
        for position, one in enumerate(given):
            if len(self.subscriptions) + len(self.refused) >= MOST_SUBSCRIPTIONS:
                self._leave_out(given[position:], position)
                break
            try:
                read: Subscription | None
                if isinstance(one, Subscription):
                    read = one
                    if not [True for other in self.subscriptions if other is one]:
                        one.name = _own_name(one.name, position, names)
                        names.append(one.name)
                else:
                    name = _own_name(_name_in(one), position, names)
                    names.append(name)
                    read = yield from read_subscription(one, name, mappings)
            except SettingsError as error:
                self.faults.append(error)
                self._refuse(one, error.subscription or error.field)
            else:
                if read:
                    self.warnings.extend(read.warnings)
                    self.subscriptions.append(read)
                    if read.action.name == SEND_USER_DATA.name:
                        self.user_of_event = False
            yield

    def _leave_out(self, others: "Sequence[object]", position: int) -> None:
        """Refuses the enabled subscriptions beyond the limit."""
        enabled = [(number, one) for number, one in enumerate(others, position) if is_enabled(one)]
        if enabled:
            self.faults.append(
                SettingsError(
                    "subscriptions",
                    f"expected at most {MOST_SUBSCRIPTIONS} enabled ones, "
                    f"got {MOST_SUBSCRIPTIONS + len(enabled)}. The last ones are refused. "
                    "Disable or merge some.",
                )
            )
            for number, one in enabled:
                name = one.get("name") if isinstance(one, dict) else getattr(one, "name", None)
                self._refuse(one, name if isinstance(name, str) else f"subscriptions[{number}]")

    def _refuse(self, one: object, name: str) -> None:
        self.refused.append(name)
        action = one.get("partnerAction") if isinstance(one, dict) else None
        if action not in (SEND_TRACK_EVENT.name, SEND_GROUP_DATA.name):
            self.user_of_event = False

    @staticmethod
    def from_json(given: object) -> "Settings":
        """Reads Segment's JSON object, with names such as "projectId"."""
        settings: Settings = finish(Settings.steps(given))
        return settings

    @staticmethod
    def steps(given: object) -> "Generator[None, None, Settings]":
        """Does what ``from_json`` does, in steps, and returns the settings."""
        if not isinstance(given, dict):
            raise SettingsError("settings", f"expected an object, got {show(given)}.")
        warnings = []
        if [name for name in given if name not in NAMES]:
            from .names import check_names

            warnings = check_names(given, NAMES, [], "")
        # Settings() checks the type.
        project_id: Any = given.get("projectId")
        settings = Settings(
            project_id,
            given.get("manualInit"),
            given.get("refetchExperiencesOnTraitsUpdate"),
            (),
            given.get("killOnReset"),
        )
        settings.warnings.extend(warnings)
        settings.user_of_event = True
        yield from settings._read(given.get("subscriptions"))
        return settings


def _name_in(given: object) -> object:
    name = given.get("name") if isinstance(given, dict) else None
    return show(name) if name and not isinstance(name, str) else name


def _own_name(given: object, position: int, names: list[str]) -> str:
    """Returns a name that no earlier subscription has, so that errors tell them apart."""
    if not isinstance(given, str) or not given:
        return f"subscriptions[{position}]"
    return f"{given} (subscriptions[{position}])" if given in names else given


def _flag(field: str, value: object) -> bool:
    if value is None:
        return False
    if value is True or value is False:
        return value
    raise SettingsError(field, f"expected true or false, got {show(value)}.")
