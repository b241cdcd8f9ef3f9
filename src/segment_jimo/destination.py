"""The destination: settings, what they compile to, and delivery, put together for one page."""

from .delivery import Delivery
from .errors import SegmentJimoError
from .jimo import Jimo
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .browser import Browser


class Destination:
    """A destination with checked settings. ``jimo`` is the client for commands of one's own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._browser: Browser | None = None

    def connect(self, browser: "Browser") -> None:
        """Begins to work on a page."""
        settings = self.settings
        for fault in settings.faults:
            browser.report("invalid-settings", str(fault), fault.subscription, fault.field)
        browser.configure(
            {
                "subscriptions": [one.plan(settings.refetch) for one in settings.subscriptions],
                "users": self._users(),
            }
        )
        browser.attach(Delivery(browser, settings.subscriptions, settings.manual_init))
        self._browser = browser

    def _users(self) -> list[dict[str, object]]:
        """Where an event tells who the user is: the id of Send User Data, else the event's."""
        found: list[dict[str, object]] = []
        for index, subscription in enumerate(self.settings.subscriptions):
            for field, plan in subscription.fields:
                if subscription.action.name == "sendUserData" and field.name == "userId":
                    found.append({"subscription": index, "plan": plan})
        return found or [{"subscription": -1, "plan": ["path", "userId"]}]

    @property
    def jimo(self) -> Jimo:
        """Raises SegmentJimoError until the page side is connected, right after ``attach``."""
        return Jimo(self._connected())

    def status(self) -> "dict[str, Any]":
        """Returns what ``segmentJimo.status()`` returns, as a dict."""
        return self._connected().status()

    def _connected(self) -> "Browser":
        if self._browser is None:
            raise SegmentJimoError("The page side is not connected yet; try again in a moment.")
        return self._browser
