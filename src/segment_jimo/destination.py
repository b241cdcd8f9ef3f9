"""The destination: settings, what they compile to, and delivery, put together for one page."""

from .actions import SEND_USER_DATA
from .delivery import Delivery
from .errors import SegmentJimoError
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .browser import Browser
    from .events import View
    from .jimo import Jimo
    from .subscriptions import Mapping


class Destination:
    """A destination with checked settings. ``jimo`` is the client for commands of one's own.

    ``middleware`` is a function that takes each event, a View, before anything else is done with
    it. It returns None to let the event pass, False to drop it, or a dict of new values by their
    path, such as ``{"traits.email": None}``.
    """

    def __init__(
        self, settings: Settings, middleware: "Callable[[View], object] | None" = None
    ) -> None:
        self.settings = settings
        self._middleware = middleware
        self._browser: Browser | None = None

    def connect(self, browser: "Browser") -> None:
        """Begins to work on a page."""
        settings = self.settings
        for fault in settings.faults:
            browser.report("invalid-settings", str(fault), fault.subscription, fault.field)
        functions: list[Callable[[View], object]] = []
        middleware = None
        if self._middleware:
            from .events import checked_middleware

            middleware = 0
            functions.append(checked_middleware(self._middleware))
        actions = {one.action.name: one.action for one in settings.subscriptions}
        mappings: list[Mapping] = []
        subscriptions = []
        for one in settings.subscriptions:
            if one.mapping not in mappings:
                mappings.append(one.mapping)
            subscriptions.append(one.plan(functions) | {"mapping": mappings.index(one.mapping)})
        browser.configure(
            {
                "actions": [action.plan(settings.refetch) for action in actions.values()],
                "mappings": [mapping.plan(functions) for mapping in mappings],
                "subscriptions": subscriptions,
                "middleware": middleware,
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
    def jimo(self) -> "Jimo":
        """Raises SegmentJimoError until the page side is connected, right after ``attach``."""
        from .jimo import Jimo

        return Jimo(self._connected())

    def status(self) -> "dict[str, Any]":
        """Returns what ``segmentJimo.status()`` returns, as a dict."""
        return self._connected().status()

    def _connected(self) -> "Browser":
        if self._browser is None:
            raise SegmentJimoError("The page side is not connected yet; try again in a moment.")
        return self._browser
