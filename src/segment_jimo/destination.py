"""The destination: settings, what they compile to, and delivery, put together for one page."""

from .actions import SEND_USER_DATA
from .delivery import Delivery
from .errors import SegmentJimoError
from .jimo import Jimo
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .browser import Browser
    from .events import View


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
        functions: list[Callable[[View], object]] = []
        actions = {one.action.name: one.action for one in settings.subscriptions}
        browser.configure(
            {
                "actions": [action.plan(settings.refetch) for action in actions.values()],
                "subscriptions": [one.plan(functions) for one in settings.subscriptions],
                # Whose field userId tells who the user is.
                "users": [
                    index
                    for index, one in enumerate(settings.subscriptions)
                    if one.action.name == SEND_USER_DATA.name
                ],
            }
        )
        delivery = Delivery(browser, settings.subscriptions, settings.manual_init)
        browser.attach(delivery, functions)
        self._browser = browser

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
