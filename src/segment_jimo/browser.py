"""The only module that talks to the page side; everything else is handed a Browser.

All traffic goes through the one bridge object of web/later/bridge.js, whose functions never throw
and answer with scalars. Python hands out four functions, which answer with scalars too, and each is
reached by one route only (MicroPython mixes up arguments otherwise).
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

# What a signal answers, as the sum of these.
WAITING = 1
KNOWN = 2

# The verdict for an event at which Python itself has failed.
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
"""The numbers that both sides use; the page side is handed them when it connects."""


class Browser:
    """The bridge, with the types that Python expects. Times are in milliseconds."""

    def __init__(self, js_bridge: "Any") -> None:
        self._js = js_bridge
        self._timers: dict[int, Callable[[], None]] = {}
        self._last_timer = 0
        self._steps: Iterator[None] | None = None

    def reading(self) -> "Generator[None, None, Settings]":
        """Reads the settings that the page has given, in steps, and returns them.

        Raises SettingsError for what cannot be used at all.
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
        """Hands over what is compiled of an "action", a "mapping" or a "subscription"."""
        if self._js.add(kind, to_json(plan)) < 0:
            self.close(
                "internal", "The page side failed to read the compiled settings. Report this."
            )

    def configure(self, plans: dict[str, object]) -> None:
        """Hands over the rest, after which the page side has all; see Destination.prepare."""
        plans["protocol"] = PROTOCOL
        if self._js.configure(to_json(plans)) < 0:
            self.close(
                "internal", "The page side failed to read the compiled settings. Report this."
            )

    def work(self, steps: "Iterator[None]") -> None:
        """Has the page side go through the steps, with turns of the page in between.

        It calls ``go_on`` as long as that answers 1. As many steps as there is time for are one
        call: after a call MicroPython may look through its whole memory for what is not needed.
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
                    "internal", f"Python failed to read the settings: {tell(error)}. Report this."
                )
            # MicroPython would keep all that was in them.
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
                # That event is given up: it would stop all that wait behind it.
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
        """Pushes ``do identify`` for the user whom an event has named; False if Jimo has thrown."""
        return bool(self._js.identify(event, token) == 1)

    def next_token(self) -> int:
        """Returns a number for an identify that was not given to another."""
        return int(self._js.nextToken())

    def give_up(self, reason: int) -> None:
        """Drops all commands that were put aside; ``reason`` is a key of REASONS."""
        self._js.giveUp(reason)

    def listen(self, hear: "Callable[[int, str, str], int]", most_waiting: int) -> None:
        """Has ``hear`` told what becomes of the commands of the Jimo client; see outbox.py.

        No more than ``most_waiting`` commands wait at a time.
        """
        self._js.listen(create_proxy(hear), most_waiting)

    def command(self, command: str, number: int) -> int:
        """Puts a command of the Jimo client, as JSON, into the line; see outbox.py for answers."""
        return int(self._js.command(command, number))

    def after(self, ms: int, work: "Callable[[], None]") -> int:
        """Calls ``work`` once after some time; returns the number for ``cancel``."""
        self._last_timer += 1
        self._timers[self._last_timer] = work
        self._js.after(ms, self._last_timer)
        return self._last_timer

    def cancel(self, timer: int) -> None:
        """Forgets what ``after`` was to do."""
        if self._timers.pop(timer, None):
            self._js.cancel(timer)

    def look(self) -> str:
        """Returns what of Jimo is on the page: see web/later/sdk.js."""
        return str(self._js.look())

    def load(self, manual_init: bool) -> str:
        """Adds the Jimo script to the page; returns the word for why it cannot, if so."""
        return str(self._js.load(manual_init))

    def withdraw(self) -> bool:
        """Takes back a script that has not come, so that it never runs; False if it has come."""
        return bool(self._js.withdraw() == 1)

    def init(self) -> None:
        """Calls ``jimoInit()`` where Jimo waits for it."""
        self._js.init()

    def kill(self) -> bool:
        """Ends a Jimo that this destination has started; False if there is none."""
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
        """Reports an error that nobody has expected."""
        self._explain(error)
        self.report("python-error", f"An unexpected error in Python: {tell(error)}. {_TRACEBACK}")

    def _explain(self, error: BaseException) -> None:
        """Shows an error on the console, in debug mode: its text may quote the event."""
        self._js.explain(traceback_of(error))

    def close(self, code: str, message: str, field: str = "") -> None:
        """Ends the destination, for the reason given; what is held is dropped."""
        self._js.close(code, message, field)


def connect(js_bridge: object) -> None:
    """Runs the destination that the page describes. Called by web/later/start.js."""
    browser = Browser(js_bridge)
    browser.work(_connecting(browser))


def _connecting(browser: Browser) -> "Iterator[None]":
    settings = yield from browser.reading()
    yield from Destination(settings).prepare(browser)
