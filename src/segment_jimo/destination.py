"""The destination of one page: puts settings, plans and delivery together."""

from .actions import SEND_USER_DATA
from .delivery import Delivery
from .errors import SegmentJimoError, SettingsError
from .settings import Settings
from .subscriptions import Subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from .browser import Browser
    from .events import View
    from .functions import Rule as AnyRule
    from .jimo import Jimo


class Destination:
    """A destination on a page. Call ``attach`` to get one.

    Args:
        settings: The checked settings.
        middleware: As ``attach`` takes it.

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
        self._stopped: Callable[[], str] = lambda: ""
        self._stamp: Callable[[], tuple[int, bool]] | None = None
        self._browser: Browser | None = None
        self._jimo: Jimo | None = None

    def watch(
        self,
        status: "Callable[[], dict[str, Any]]",
        stopped: "Callable[[], str]",
        stamp: "Callable[[], tuple[int, bool]]",
    ) -> None:
        """Sets how to read the state of the page, and how to stamp a command.

        ``status`` returns ``segmentJimo.status()``. ``stopped`` returns why the destination has
        ended, or "". ``stamp`` returns the number of the stamp, and whether Jimo may start for
        this visitor.
        """
        self._status = status
        self._stopped = stopped
        self._stamp = stamp

    def prepare(self, browser: "Browser") -> "Iterator[None]":
        """Connects to a page, in steps. Called when the page side is ready."""
        settings = self.settings
        for fault in settings.faults:
            browser.report("invalid-settings", str(fault), fault.subscription, fault.field)
        for warning in settings.warnings:
            browser.report("settings-warning", str(warning), warning.subscription, warning.field)
        rules: list[AnyRule] = []
        middleware = None
        if self._middleware:
            from .functions import MIDDLEWARE, Rule

            middleware = Rule(MIDDLEWARE, self._middleware).number_in(rules)
        actions = {one.action.name: one.action for one in settings.subscriptions}
        if settings.user_of_event:
            actions[SEND_USER_DATA.name] = SEND_USER_DATA
        for action in actions.values():
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
        # The subscriptions that say who the user is. Without any, the preset does, unless one was
        # refused: the preset must not replace the ID that the refused one maps.
        naming: list[object] = [
            index
            for index, one in enumerate(settings.subscriptions)
            if one.action.name == SEND_USER_DATA.name
        ]
        if not naming and settings.user_of_event:
            preset = Subscription(SEND_USER_DATA)
            browser.add("mapping", preset.mapping.plan(rules, preset.name))
            naming.append(preset.plan(rules, len(numbers)))
        browser.configure(
            {
                "rules": [rule.name for rule in rules],
                "middleware": middleware,
                "naming": naming,
                "refused": settings.refused,
            }
        )
        delivery = Delivery(
            browser,
            browser.era(),
            settings.manual_init,
            settings.kill_on_reset,
            browser.earlier(),
        )
        browser.connect(delivery, rules)
        self._browser = browser
        if self._jimo:
            self._jimo.connect(browser)

    def end(self) -> None:
        """Called when the destination has ended on its page."""
        if self._jimo:
            self._jimo.end()

    @property
    def jimo(self) -> "Jimo":
        """The client for commands of your own. Use it right after ``attach``.

        Raises:
            SegmentJimoError: The destination was not made by ``attach``.
        """
        if self._jimo is None:
            from .jimo import Jimo

            if self._stamp is None:
                raise SegmentJimoError(
                    "This destination is on no page. Use the one that attach() returns."
                )
            self._jimo = Jimo(self._stopped, self._stamp)
            if self._browser:
                self._jimo.connect(self._browser)
        return self._jimo

    def status(self) -> "dict[str, Any]":
        """Returns what ``segmentJimo.status()`` returns in the page, as a dict.

        That is ``{"version", "runtime", "state", "sdk", "events", "errors", "timings", "recent"}``;
        docs/status.md describes each of them.

        Raises:
            SegmentJimoError: The destination was not made by ``attach``.
        """
        if self._status is None:
            raise SegmentJimoError(
                "This destination is on no page. Use the one that attach() returns."
            )
        return self._status()
