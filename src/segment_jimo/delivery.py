"""Delivery: in which order commands go out, and whose profile they may touch.

The page side keeps the events in order and offers the first of them; the answer says what became
of it. While a ``do identify`` is open nothing passes. Who may call what:

    waiting ──user()──▶ starting ──SDK ready──▶ open ──callback or deadline──▶ passing
    (identified-only)                            ▲                                │
       ▲                                         └───────── do identify ──────────┤
       └──────────────────────────── reset() ─────────────────────────────────────┘

Without identified-only it begins in *passing*, as soon as the SDK is live.

Whose profile Jimo has is not always certain, and a step that writes to one asks first:

- after a reset it is put aside until the next ``do identify``, and goes out in its callback, ahead
  of what that identify itself writes;
- after the deadline it is put aside for the late callback if it belongs to that very identify, or
  if this page has named another user before, whose profile Jimo may still have;
- it is given up where Jimo did not take the last ``do identify``, or was told of another user than
  the event's.
"""

from .sdk import Sdk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .actions import Command
    from .browser import Browser
    from .subscriptions import Subscription

    Step = tuple[int, int, Command]

# What became of an offered event; the numbers are those of web/destination.js.
DELIVERED = 1
HELD = 2
ASIDE = 3
DROPPED = 4

# What a push answers; the numbers are those of web/bridge.js. Above PUSHED: identify's token.
SKIPPED = 0
PUSHED = 1
THREW = -1
MISSING = -2
WRONG_TYPE = -3
FAILED = -4

IDENTIFY_DEADLINE_MS = 10_000
IDENTIFY_RETRY_MS = 1_000

PARKED = 100

_RESET = "The user was reset before this could reach Jimo."
_NEWER = "A newer identify came before Jimo had called back."
_TOO_MANY = f"More than {PARKED} events waited for an identify; the oldest was given up."
_OTHER_USER = "Jimo was told of another user than the one this event belongs to."
_UNTAKEN = "Jimo did not take the identify before this."

# What becomes of steps that write to a profile.
_PASS = 0
_PARK = 1
_GIVE_UP = 2


class Identify:
    """A ``do identify`` whose callback has not come.

    ``event`` is the event that it belongs to, 0 for none. ``late`` are the events whose steps go
    out in the callback, in their order, with those steps.
    """

    def __init__(self, token: int, event: int, late: "list[tuple[int, list[Step]]]") -> None:
        self.token = token
        self.event = event
        self.late = late
        self.timer = 0


class Delivery:
    """Decides on events. ``subscriptions`` are in the order of their indexes."""

    def __init__(
        self, browser: "Browser", subscriptions: "list[Subscription]", manual_init: bool
    ) -> None:
        self._browser = browser
        self.subscriptions = subscriptions
        # The steps for each set of subscriptions that an event has matched.
        self._routes: dict[str, list[Step]] = {}
        self._manual_init = manual_init
        self._sdk = Sdk(browser, manual_init, self._sdk_changed)
        self._waiting = manual_init
        self._starting = False
        self._starter = 0
        # The identify that everything waits for, and the one whose deadline has passed.
        self._open: Identify | None = None
        self._overdue: Identify | None = None
        self._writes = _PASS
        # Steps that write to a profile and came after a reset.
        self._parked: list[tuple[int, list[Step]]] = []
        # The event that is being delivered, and what is left of it.
        self._event = 0
        self._steps: list[Step] = []
        self._failed = False

    # What the page side tells.

    def start(self) -> None:
        """Begins; identified-only, Jimo is left alone until ``user``."""
        if not self._manual_init:
            self._sdk.start()

    def user(self, event: int) -> None:
        """An event has named the user for whom an identified-only page waits."""
        if self._waiting:
            self._waiting = False
            self._starting = True
            self._starter = event
            self._sdk.start()
            self._begin()

    def identified(self, token: int) -> None:
        """A callback of ``do identify`` was called."""
        self._sdk.answered()
        if self._open and self._open.token == token:
            self._browser.cancel(self._open.timer)
            done, self._open = self._open, None
            self._catch_up(done)
        elif self._overdue and self._overdue.token == token:
            done, self._overdue = self._overdue, None
            self._catch_up(done)

    def reset(self) -> None:
        """``analytics.reset()``: the user has ended."""
        self._writes = _PARK
        self._waiting = self._manual_init
        self._starting = False
        self._starter = 0
        for identify in (self._open, self._overdue):
            if identify:
                self._browser.cancel(identify.timer)
                self._give_up(identify.late, "reset", _RESET)
        self._open = self._overdue = None
        self._give_up(self._parked, "reset", _RESET)
        self._parked = []

    def hear(self, what: str) -> None:
        """Anything else that happened; see Sdk."""
        self._sdk.hear(what)

    def offer(self, event: int, matched: str, stale: bool) -> int:
        """Delivers an event as far as it may, and answers what became of it.

        ``matched`` has the indexes of the subscriptions that want it, as in "0,2"; ``stale``
        tells that it was created before a reset. After HELD the same event comes again.
        """
        if not self._sdk.live or self._open:
            if stale and self._manual_init and not self._sdk.live:
                return self._drop_stale()
            return HELD
        if event != self._event:
            self._event = event
            self._failed = False
            self._steps = self._route(matched)[:]
        outcome = self._go(event, stale)
        if outcome != HELD:
            self._event = 0
        return outcome

    @property
    def passing(self) -> bool:
        """Whether what neither identifies nor writes to a profile may go out unasked.

        The page side then carries such an event out by itself until the next signal: entering
        Python costs more than all else that is done for it.
        """
        return self._sdk.live and self._open is None

    def threw(self, index: int) -> None:
        """Jimo did not take the command of an event that went out unasked."""
        self._explain(THREW, self.subscriptions[index])

    def abandon(self) -> None:
        """An error stopped the event that was being delivered: its rest is given up."""
        self._event = 0
        self._steps = []

    # How it goes on.

    def _route(self, matched: str) -> "list[Step]":
        route = self._routes.get(matched)
        if route is None:
            route = [
                (int(index), position, command)
                for index in matched.split(",")
                for position, command in enumerate(self.subscriptions[int(index)].action.commands)
            ]
            # Pages have a handful of them; a bound all the same.
            if len(self._routes) < 1_000:
                self._routes[matched] = route
        return route

    def _go(self, event: int, stale: bool) -> int:
        parked: list[Step] = []
        late: list[Step] = []
        while self._steps:
            step = self._steps.pop(0)
            command = step[2]
            if stale and (command.identifies or command.writes or self._succeeded(event)):
                self._fail("reset", _RESET)
            elif not command.writes:
                answer = self._push(event, step)
                if command.identifies and answer > PUSHED:
                    if late:
                        self._fail("identify-timeout", _NEWER)
                    self._opened(answer - PUSHED, event)
                    self._steps = parked + self._steps
                    return HELD
            elif self._writes == _PARK:
                parked.append(step)
            elif self._writes == _GIVE_UP:
                self._fail("push-failed", _UNTAKEN)
            elif self._overdue and (self._overdue.event == event or self._browser.switched()):
                late.append(step)
            elif self._browser.foreign(event):
                self._fail("other-user", _OTHER_USER)
            else:
                self._push(event, step)
        if late and self._overdue:
            self._put_aside(self._overdue.late, event, late)
            return ASIDE
        if parked:
            self._put_aside(self._parked, event, parked)
            return ASIDE
        return DROPPED if self._failed else DELIVERED

    def _succeeded(self, event: int) -> bool:
        """Whether Jimo was told of another user since the one of a stale event has ended."""
        return self._writes != _PARK or self._browser.foreign(event)

    def _put_aside(
        self, waiting: "list[tuple[int, list[Step]]]", event: int, steps: "list[Step]"
    ) -> None:
        waiting.append((event, steps))
        if len(waiting) > PARKED:
            self._give_up([waiting.pop(0)], "buffer-full", _TOO_MANY)

    def _fail(self, code: str, why: str) -> None:
        if not self._failed:
            self._browser.report(code, why)
        self._failed = True

    def _push(self, event: int, step: "Step") -> int:
        index, position, command = step
        answer = self._browser.push(event, index, position)
        if answer < 0:
            self._failed = True
            # Without its fields, or without its user, nothing more of this action may go out.
            if answer != THREW or command.identifies:
                self._steps = [other for other in self._steps if other[0] != index]
            if answer == THREW and command.identifies:
                self._lose_user()
            self._explain(answer, self.subscriptions[index])
        return answer

    def _explain(self, answer: int, subscription: "Subscription") -> None:
        detail = self._browser.detail()
        action = subscription.action.name
        if answer == THREW:
            self._browser.report(
                "push-failed", f"Jimo did not take a command: {detail}", subscription.name
            )
            return
        field, _, came = detail.partition(" ")
        code = {MISSING: "missing-field", WRONG_TYPE: "wrong-type"}.get(answer, "mapping-failed")
        what = "failed" if answer == FAILED else "got"
        self._browser.report(
            code,
            f'Subscription "{subscription.name}": field {field} {what} {came}, so {action} was '
            "left out. Check the event or the mapping.",
            subscription.name,
            field,
        )

    def _begin(self) -> None:
        """Identifies the user who ended the waiting, then lets the SDK run."""
        if self._starting and not self._open and (self._sdk.ready or self._sdk.live):
            answer = self._browser.identify()
            if answer <= PUSHED:
                self._browser.report("push-failed", "Jimo did not take the identify.")
                if not self._sdk.live:
                    # Started now, it would be for an anonymous visitor.
                    self._browser.after(IDENTIFY_RETRY_MS, self._begin)
                    return
                self._lose_user()
            self._starting = False
            if answer > PUSHED:
                self._opened(answer - PUSHED, self._starter)
            self._sdk.init()

    def _opened(self, token: int, event: int) -> None:
        self._supersede()
        self._open = Identify(token, event, self._parked)
        self._parked = []
        self._writes = _PASS
        if self._sdk.live:
            self._start_deadline()

    def _supersede(self) -> None:
        """A newer identify has come: what the overdue one was to write is never written."""
        if self._overdue:
            self._give_up(self._overdue.late, "identify-timeout", _NEWER)
            self._overdue = None

    def _lose_user(self) -> None:
        """Jimo did not take an identify: nobody knows whose profile it has."""
        self._supersede()
        self._give_up(self._parked, "push-failed", _UNTAKEN)
        self._parked = []
        self._writes = _GIVE_UP

    def _start_deadline(self) -> None:
        if self._open and not self._open.timer:
            self._open.timer = self._browser.after(IDENTIFY_DEADLINE_MS, self._deadline)

    def _deadline(self) -> None:
        if self._open:
            self._overdue, self._open = self._open, None
            self._browser.report(
                "identify-timeout",
                f"Jimo did not call back within {IDENTIFY_DEADLINE_MS // 1000} s after an "
                "identify; what followed it goes on.",
            )

    def _catch_up(self, done: Identify) -> None:
        for event, steps in done.late:
            foreign = self._browser.foreign(event)
            failed = foreign
            if foreign:
                self._browser.report("other-user", _OTHER_USER)
            for index, position, _ in [] if foreign else steps:
                answer = self._browser.push(event, index, position)
                if answer < 0:
                    failed = True
                    self._explain(answer, self.subscriptions[index])
            self._browser.settle(event, DROPPED if failed else DELIVERED)

    def _give_up(self, late: "list[tuple[int, list[Step]]]", code: str, why: str) -> None:
        for event, _ in late:
            self._browser.report(code, why)
            self._browser.settle(event, DROPPED)

    def _drop_stale(self) -> int:
        self._event = 0
        self._browser.report("reset", _RESET)
        return DROPPED

    def _sdk_changed(self) -> None:
        if self._sdk.live:
            self._start_deadline()
        self._begin()
