"""The destination: settings, what they compile to, and delivery, put together for one page."""

from .actions import SEND_USER_DATA
from .delivery import Delivery
from .errors import SegmentJimoError, SettingsError
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from .browser import Browser
    from .events import View
    from .functions import Rule
    from .jimo import Jimo


class Destination:
    """A destination on a page; ``attach`` makes one and returns it.

    Args:
        settings: The checked settings.
        middleware: A function that takes each event, a View, before anything else is done with it.
            It returns None to let the event pass, False to drop it, or a dict of new values by
            their path, such as ``{"traits.email": None}``. Where it raises an error or returns
            anything else, that event is dropped, and ``status()`` says so.

    Attributes:
        settings: As given.

    Raises:
        SettingsError: ``middleware`` is no function.
    """

    def __init__(
        self,
        settings: Settings,
        middleware: "Callable[[View], bool | Mapping[str, object] | None] | None" = None,
    ) -> None:
        if middleware is not None and not callable(middleware):
            raise SettingsError("middleware", f"expected a function, got {middleware!r}.")
        self.settings = settings
        self._middleware = middleware
        self._status: Callable[[], dict[str, Any]] | None = None
        self._connection: tuple[Browser, Delivery] | None = None
        self._jimo: Jimo | None = None

    def watch(self, status: "Callable[[], dict[str, Any]]") -> None:
        """Has ``status`` tell how it goes. Called by ``attach``."""
        self._status = status

    def connect(self, browser: "Browser") -> None:
        """Begins to work on a page, all at once; see ``prepare``."""
        for _ in self.prepare(browser):
            pass

    def prepare(self, browser: "Browser") -> "Iterator[None]":
        """Begins to work on a page, in steps, between which the page may have its turn."""
        settings = self.settings
        for fault in settings.faults:
            browser.report("invalid-settings", str(fault), fault.subscription, fault.field)
        rules: list[Rule] = []
        middleware = None
        if self._middleware:
            from . import functions

            middleware = functions.Rule("middleware", self._middleware).number_in(rules)
        for action in {one.action.name: one.action for one in settings.subscriptions}.values():
            browser.add("action", action.plan(settings.refetch))
        # Subscriptions may share a mapping.
        numbers: dict[int, int] = {}
        for one in settings.subscriptions:
            if id(one.mapping) not in numbers:
                numbers[id(one.mapping)] = len(numbers)
                browser.add("mapping", one.mapping.plan(rules, one.name))
                yield
            browser.add("subscription", one.plan(rules, numbers[id(one.mapping)]))
            yield
        browser.configure(
            {
                "middleware": middleware,
                "names": [rule.name for rule in rules],
                # Whose field userId tells who the user is.
                "users": [
                    index
                    for index, one in enumerate(settings.subscriptions)
                    if one.action.name == SEND_USER_DATA.name
                ],
            }
        )
        delivery = Delivery(browser, settings.subscriptions, settings.manual_init)
        browser.attach(delivery, rules)
        self._connection = browser, delivery
        if self._jimo:
            self._jimo.connect(browser, delivery)

    @property
    def jimo(self) -> "Jimo":
        """The client for commands of your own, always the same one; usable right after ``attach``.

        Raises:
            SegmentJimoError: The destination was not made by ``attach``.
        """
        if self._jimo is None:
            from .jimo import Jimo

            self._jimo = Jimo(self.settings.manual_init, self.status)
            if self._connection:
                self._jimo.connect(*self._connection)
        return self._jimo

    def status(self) -> "dict[str, Any]":
        """Returns what ``segmentJimo.status()`` returns in the page, as a dict.

        That is ``{"version", "runtime", "state", "sdk", "events", "errors", "timings"}``, where
        ``events`` counts, ``errors`` is a list of ``{"code", "message", "count"}``, some with
        ``"subscription"`` and ``"field"``, and ``timings`` are milliseconds since navigation, or
        None.

        Raises:
            SegmentJimoError: The destination was not made by ``attach``.
        """
        if self._status is None:
            raise SegmentJimoError("Only a destination that attach() returns is on a page.")
        return self._status()
