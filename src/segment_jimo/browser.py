"""The only module that talks to the page side. All others get a Browser.

All calls go through one object, the bridge of web/later/bridge.js. Its functions never throw, and
return scalars. Python gives the page side four functions, which return scalars too. The page side
reaches each of them by one route only, because MicroPython mixes up arguments otherwise.
"""

import json

from .delivery import Delivery
from .destination import Destination
from .errors import SettingsError, tell
from .identity import BITS, DEFER, FAILED, HOLD, REASONS, SEND, verdict
from .settings import Settings
from .text import to_json, traceback_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import Any

    from .functions import Rule

try:
    # Pyodide destroys a function that was only passed as an argument.
    from pyodide.ffi import create_proxy as create_proxy
except ImportError:

    def create_proxy(value: "Any") -> "Any":
        return value


_TRACEBACK = "Switch data-debug on, and report the traceback."

# A signal returns the sum of these.
WAITING = 1
KNOWN = 2

# The verdict for an event on which Python itself failed.
GIVEN_UP = verdict(FAILED, FAILED, FAILED)

PROTOCOL = {
    "givenUp": GIVEN_UP,
    "send": SEND,
    "defer": DEFER,
    "hold": HOLD,
    "bits": BITS,
    "waiting": WAITING,
    "known": KNOWN,
    "reasons": {str(number): list(reason) for number, reason in REASONS.items()},
}
"""The numbers that both sides use. The page side gets them when it connects."""


class Browser:
    """The bridge, with the types that Python expects. Times are in milliseconds."""

    def __init__(self, js_bridge: "Any") -> None:
        self._js = js_bridge
        self._timers: dict[int, Callable[[], None]] = {}
        self._last_timer = 0
        self._steps: Iterator[None] | None = None

    def reading(self) -> "Generator[None, None, Settings]":
        """Reads the page's settings in steps, and returns them.

        Raises SettingsError if they cannot be used at all.
        """
        read: dict[str, Any] = json.loads(self._js.settings())
        given: dict[str, object] = read["given"]
        count = read["subscriptions"]
        if count is not None:
            from .decode import decode_subscription

            mappings: list[object] = []
            subscriptions = []
            for number in range(count):
                one = json.loads(self._js.subscription(number))
                subscriptions.append(decode_subscription(one, mappings))
                yield
            given["subscriptions"] = subscriptions
        settings = yield from Settings.steps(given)
        return settings

    def era(self) -> int:
        """The current era: how many resets the page side knows of; see identity.py."""
        return int(self._js.era())

    def earlier(self) -> int:
        """The user of whom Jimo was told on an earlier page; 0 for none."""
        return int(self._js.earlier())

    def add(self, kind: str, plan: dict[str, object]) -> None:
        """Gives the page side a compiled "action", "mapping" or "subscription"."""
        if self._js.add(kind, to_json(plan)) < 0:
            self.close(
                "internal", "The page side could not read the compiled settings. Report this."
            )

    def configure(self, plans: dict[str, object]) -> None:
        """Gives the page side the rest of the plans; see Destination.prepare."""
        plans["protocol"] = PROTOCOL
        if self._js.configure(to_json(plans)) < 0:
            self.close(
                "internal", "The page side could not read the compiled settings. Report this."
            )

    def work(self, steps: "Iterator[None]") -> None:
        """Lets the page side run the steps, with turns of the page in between.

        It calls ``go_on`` until that returns 0. Each call runs as many steps as there is time for,
        because after a call MicroPython may search its whole memory for garbage.
        """

        self._steps = steps

        def go_on() -> int:
            try:
                while self._steps:
                    next(self._steps)
                    if self._js.isLong() == 1:
                        return 1
            except StopIteration:
                pass
            except SettingsError as error:
                self.close("invalid-settings", str(error), error.field)
            except Exception as error:
                self._explain(error)
                self.close(
                    "internal", f"Python could not read the settings: {tell(error)}. Report this."
                )
            # Otherwise MicroPython would keep their data.
            self._steps = None
            return 0

        self._js.work(create_proxy(go_on))

    def connect(self, delivery: Delivery, rules: "list[Rule]") -> None:
        """Lets the page side call ``delivery``, and ``rules`` by their number.

        No error of Python reaches the page.
        """

        def offer(event: int, era: int, user: int, profile: int, token: int) -> int:
            try:
                return delivery.offer(event, era, user, profile, token)
            except Exception as error:
                # Give this event up. Otherwise all events behind it would wait for ever.
                self.report_error(error)
                return GIVEN_UP

        def flags() -> int:
            return (WAITING if delivery.waiting else 0) + (KNOWN if delivery.known else 0)

        def named(event: int, era: int, user: int, profile: int) -> int:
            try:
                delivery.named(event, era, user, profile)
            except Exception as error:
                self.report_error(error)
            return flags()

        def signal(name: str, number: int) -> int:
            try:
                if name == "timer":
                    work = self._timers.pop(number, None)
                    if work:
                        work()
                elif name == "answered":
                    delivery.answered(number)
                elif name == "not-taken":
                    delivery.not_taken(number)
                elif name == "starter-gone":
                    delivery.starter_gone()
                elif name == "earlier":
                    delivery.earlier(number)
                elif name == "of-another":
                    delivery.of_another()
                elif name == "reset":
                    delivery.reset(number)
                elif name == "drained":
                    delivery.drained()
                elif name == "start":
                    delivery.start()
                else:
                    delivery.hear(name)
            except Exception as error:
                self.report_error(error)
            return flags()

        def call(rule: int, handed: int) -> str:
            def read(what: str, path: str) -> str:
                answer: str = self._js.read(handed, what, path)
                return answer

            return rules[rule].answer(read, self._explain)

        self._js.connect(
            create_proxy(offer), create_proxy(named), create_proxy(signal), create_proxy(call)
        )

    def identify(self, event: int, token: int) -> bool:
        """Pushes ``do identify`` for the user that an event named. Returns False if Jimo threw."""
        return bool(self._js.identify(event, token) == 1)

    def next_token(self) -> int:
        """Returns a new number for an identify."""
        return int(self._js.nextToken())

    def give_up(self, reason: int) -> None:
        """Drops all deferred commands; ``reason`` is a key of REASONS."""
        self._js.giveUp(reason)

    def listen(self, hear: "Callable[[int, str, str], int]", most_waiting: int) -> None:
        """Calls ``hear`` with the outcome of commands of the Jimo client; see outbox.py.

        No more than ``most_waiting`` commands wait at a time.
        """
        self._js.listen(create_proxy(hear), most_waiting)

    def command(self, command: str, number: int) -> int:
        """Queues a command of the Jimo client, as JSON; outbox.py lists the return values."""
        return int(self._js.command(command, number))

    def after(self, ms: int, work: "Callable[[], None]") -> int:
        """Calls ``work`` once after ``ms``; returns the number for ``cancel``."""
        self._last_timer += 1
        self._timers[self._last_timer] = work
        self._js.after(ms, self._last_timer)
        return self._last_timer

    def cancel(self, timer: int) -> None:
        """Cancels a call of ``after``."""
        if self._timers.pop(timer, None):
            self._js.cancel(timer)

    def look(self) -> str:
        """Returns one word for the state of Jimo on the page; see web/later/sdk.js."""
        return str(self._js.look())

    def load(self, manual_init: bool) -> str:
        """Adds the Jimo script to the page. Returns "", or one word for why it cannot."""
        return str(self._js.load(manual_init))

    def withdraw(self) -> bool:
        """Removes a script that has not loaded, so that it never runs. False if it has loaded."""
        return bool(self._js.withdraw() == 1)

    def init(self) -> None:
        """Calls ``jimoInit()`` if Jimo waits for it."""
        self._js.init()

    def kill(self) -> bool:
        """Ends a Jimo that this destination started. Returns False if there is none."""
        return bool(self._js.kill() == 1)

    def sdk(self, state: str) -> None:
        """Sets ``status().sdk``."""
        self._js.sdk(state)

    def refusal(self) -> str:
        """Returns why the last command of the Jimo client was dropped at once."""
        return str(self._js.refusal())

    def report(self, code: str, message: str, subscription: str = "", field: str = "") -> None:
        """Adds to ``status().errors``."""
        self._js.report(code, message, subscription, field)

    def report_error(self, error: Exception) -> None:
        """Reports an unexpected error."""
        self._explain(error)
        self.report("python-error", f"An unexpected error in Python: {tell(error)}. {_TRACEBACK}")

    def _explain(self, error: BaseException) -> None:
        """Shows an error on the console in debug mode only: its text may quote the event."""
        self._js.explain(traceback_of(error))

    def close(self, code: str, message: str, field: str = "") -> None:
        """Ends the destination for this reason. Waiting events are dropped."""
        self._js.close(code, message, field)


def connect(js_bridge: object) -> None:
    """Runs the destination that the page describes. Called by web/later/start.js."""
    browser = Browser(js_bridge)
    browser.work(_connecting(browser))


def _connecting(browser: Browser) -> "Iterator[None]":
    settings = yield from browser.reading()
    yield from Destination(settings).prepare(browser)
