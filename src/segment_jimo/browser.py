"""The only module that talks to the page side; everything else is handed a Browser.

All traffic goes through the one bridge object of web/later/bridge.js, whose functions never throw
and answer with scalars. Python hands out four functions, which answer with scalars too, and each is
reached by one route only (MicroPython mixes up arguments otherwise).
"""

import json
import sys

from .delivery import Delivery
from .destination import Destination
from .errors import SegmentJimoError, SettingsError
from .identity import BITS, DEFER, HOLD, REASONS, SEND
from .settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .events import View

try:
    # Pyodide destroys a function that was only passed as an argument.
    from pyodide.ffi import create_proxy as create_proxy
except ImportError:

    def create_proxy(value: "Any") -> "Any":
        return value


# What a signal answers, as the sum of these.
WAITING = 1
KNOWN = 2

PROTOCOL = {
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

    def settings(self) -> "dict[str, object]":
        """Settings as the page gave them, as Segment's JSON object."""
        read: dict[str, Any] = json.loads(self._js.settings())
        given: dict[str, object] = read["given"]
        if read["subscriptions"] is not None:
            from .mappings import decode

            mappings = [decode(one) for one in read["mappings"]]
            given["subscriptions"] = decode(read["subscriptions"], mappings)
        return given

    def era(self) -> int:
        """The current era: how many resets the page side knows of; see identity.py."""
        return int(self._js.era())

    def earlier(self) -> int:
        """The user of whom Jimo was told on an earlier page; 0 for none."""
        return int(self._js.earlier())

    def configure(self, plans: dict[str, object]) -> None:
        """Hands over the compiled subscriptions; see Subscription.plan."""
        plans["protocol"] = PROTOCOL
        if self._js.configure(json.dumps(plans)) < 0:
            self.close("internal", "The page side could not read the compiled settings.")

    def connect(self, delivery: Delivery, functions: "list[Callable[[View], object]]") -> None:
        """Lets the page side call ``delivery``, and ``functions`` by their number.

        No error of Python reaches the page.
        """

        def offer(event: int, era: int, user: int, profile: int, token: int) -> int:
            try:
                return delivery.offer(event, era, user, profile, token)
            except Exception as error:
                self.report_error(error)
                return HOLD

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

        def call(function: int, handed: int) -> str:
            from .events import View, describe

            def read(what: str, path: str) -> str:
                answer: str = self._js.read(handed, what, path)
                return answer

            try:
                return json.dumps(describe(functions[function](View(read))))
            except Exception as error:
                return f"!{self._name(error)}"

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

    def listen(self, hear: "Callable[[int, str, str], int]") -> None:
        """Has ``hear`` told what becomes of the commands of the Jimo client; see jimo.py."""
        self._js.listen(create_proxy(hear))

    def command(self, command: str, number: int) -> int:
        """Puts a command of the Jimo client, as JSON, into the line; the answers are in jimo.py."""
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
        self.report("python-error", self._name(error))

    def _name(self, error: Exception) -> str:
        """What an error is: its text may quote the event, so that is for debug mode."""
        if isinstance(error, SegmentJimoError):
            return str(error)
        self._js.explain(_traceback(error))
        return type(error).__name__

    def close(self, code: str, message: str, field: str = "") -> None:
        """Ends the destination, for the reason given; what is held is dropped."""
        self._js.close(code, message, field)


def _traceback(error: Exception) -> str:
    if sys.implementation.name == "micropython":
        import io

        out = io.StringIO()
        sys.print_exception(error, out)  # type: ignore[attr-defined]
        return out.getvalue()
    import traceback

    return "".join(traceback.format_exception(error))


def connect(js_bridge: object) -> None:
    """Runs the destination that the page describes. Called by web/later/start.js."""
    browser = Browser(js_bridge)
    try:
        settings = Settings.from_json(browser.settings())
    except SettingsError as error:
        browser.close("invalid-settings", str(error), error.field)
        return
    Destination(settings).connect(browser)
