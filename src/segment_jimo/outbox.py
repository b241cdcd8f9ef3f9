"""Passes the commands of the Jimo client to the page side, and receives their answers.

Until the page side is ready, it keeps the commands, each with its stamp. The page side reports the
outcome of a command by its number.
"""

import json

from .answer import Answer
from .errors import CommandError, safe, tell
from .text import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .actions import Plan
    from .browser import Browser

MOST_WAITING = 100

# The kinds of commands, as web/later/subscriptions.js has them.
IDENTIFIES = 0
WRITES = 1
FREE = 2

# Why the page side refuses a command; the numbers are those of web/later/client.js.
_CLOSED = -10
_NO_USER = -11
_TOO_MANY = -12
_DROPPED = -13
_REFUSALS = {
    _CLOSED: "The destination has ended. See errors in destination.status()",
    _NO_USER: (
        "manual_init is on and no user is known, so Jimo does not start. "
        "Call analytics.identify() first"
    ),
    _TOO_MANY: f"{MOST_WAITING} commands already wait. See state and sdk in destination.status()",
}


class Outbox:
    """Passes commands to the page side, and keeps the answers that code waits for.

    Args:
        stopped: Returns why the destination has ended, or "".
        stamp: Stamps a command; returns the number of the stamp, and whether Jimo may start.
    """

    def __init__(
        self, stopped: "Callable[[], str]", stamp: "Callable[[], tuple[int, bool]]"
    ) -> None:
        self._stopped = stopped
        self._stamp = stamp
        self._ended = False
        self._browser: Browser | None = None
        self._last = 0
        # Commands from before the page side was ready: number, name, and command with its stamp.
        self._early: list[tuple[int, str, dict[str, Any]]] = []
        self._answers: dict[int, Answer] = {}
        self._listeners: dict[int, tuple[str, Callable[..., object]]] = {}

    def connect(self, browser: "Browser") -> None:
        """Starts to pass commands on, beginning with the earlier ones."""
        self._browser = browser
        browser.listen(self._hear, MOST_WAITING)
        early, self._early = self._early, []
        for number, name, command in early:
            try:
                self._hand_over(browser, number, name, command)
            except CommandError as error:
                browser.report("command-refused", tell(error))
                self._settle(number, None, str(error))

    def end(self) -> None:
        """Fails the commands that still wait for the page side."""
        self._ended = True
        early, self._early = self._early, []
        for number, _, _ in early:
            self._settle(number, None, f"{_REFUSALS[_CLOSED]}.")

    def listen(self, name: str, listener: "Callable[..., object]") -> None:
        """Makes Jimo call ``listener`` for this name."""
        number = self._last - 1
        self._listeners[number] = (name, listener)
        try:
            self.send(f"on {name}", [["callback"]], FREE, {"listens": number})
        except CommandError:
            del self._listeners[number]
            raise

    def unlisten(self, name: str) -> None:
        """Removes the listeners of this name, and sends ``off`` to Jimo."""
        for number, known in list(self._listeners.items()):
            if known[0] == name:
                del self._listeners[number]
        self.send(f"off {name}", None)

    def question(self, method: str) -> "Awaitable[Any]":
        """Asks Jimo with ``get <method>``; returns the awaitable answer."""
        return self.ask(f"get {method}", [], FREE, {"answers": True})

    def ask(
        self, name: str, args: "list[Plan]", kind: int, known: "dict[str, Any]"
    ) -> "Awaitable[Any]":
        """Sends a command; returns its awaitable answer."""
        answer = Answer()
        number = self._last - 1
        self._answers[number] = answer
        try:
            self.send(name, args, kind, known)
        except CommandError:
            del self._answers[number]
            raise
        return answer

    def send(
        self,
        name: str,
        args: "list[Plan] | None",
        kind: int = FREE,
        known: "dict[str, Any] | None" = None,
    ) -> None:
        """Sends a command.

        ``name`` is "<verb> <method>"; ``args`` are plans, None for a command that has none.
        """
        verb, _, method = name.partition(" ")
        plan: Plan = ["list", ["value", verb], ["value", method]]
        if args is not None:
            inner: Plan = ["list"]
            inner.extend(args)
            plan.append(inner)
        command: dict[str, Any] = {"plan": plan, "kind": kind}
        command.update(known or {})
        self._last -= 1
        if self._browser:
            self._hand_over(self._browser, self._last, name, command)
            return
        stopped = self._stopped() or (self._ended and f"{_REFUSALS[_CLOSED]}.")
        if stopped:
            raise safe(CommandError(f"{name}: {stopped}"))
        if len(self._early) >= MOST_WAITING:
            raise safe(CommandError(f"{name}: {_REFUSALS[_TOO_MANY]}."))
        # Stamp it now: later, the visitor may be another one.
        command["stamp"], may_start = self._stamp()
        if not may_start:
            raise safe(CommandError(f"{name}: {_REFUSALS[_NO_USER]}."))
        self._early.append((self._last, name, command))

    def _hand_over(
        self, browser: "Browser", number: int, name: str, command: "dict[str, Any]"
    ) -> None:
        outcome = browser.command(to_json(command), number)
        if outcome < 0:
            reason = browser.refusal() if outcome == _DROPPED else _REFUSALS.get(outcome)
            why = (reason or "it failed in the page. Report this").rstrip(".")
            raise safe(CommandError(f"{name}: {why}."))

    def _hear(self, number: int, what: str, text: str) -> int:
        """Called by the page side; must return a number."""
        try:
            if what == "event":
                known = self._listeners.get(number)
                if known:
                    known[1](*json.loads(text))
            elif what == "answer":
                self._settle(number, json.loads(text))
            else:
                self._settle(number, None, text)
        except Exception as error:
            if self._browser:
                self._browser.report_error(error)
        return 0

    def _settle(self, number: int, value: "Any", problem: str = "") -> None:
        answer = self._answers.pop(number, None)
        if answer:
            answer.settle(value, problem)
