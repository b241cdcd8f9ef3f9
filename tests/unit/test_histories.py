"""Random histories of a visitor, on CPython with a simulated clock, analytics.js and Jimo.

What must hold is said here once more, without a look at how delivery does it: whose profile Jimo
may have at a moment, whose each value is, and which events may be given up.
"""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fake import FakeBrowser

ANONYMOUS = "anonymous"
HISTORIES = 6_000

# What can happen, the likely ones more than once.
STEPS = (
    *("identify u1", "identify u2", "identify u3", "traits", "group", "track", "page") * 3,
    *("identify u1, not handed over yet", "track, not handed over yet", "hand over") * 2,
    *("callback", "callback", "callback of the first", "callback once more", "reset", "reset"),
    *("100 ms pass", "1000 ms pass", "11000 ms pass", "60000 ms pass", "online", "reload"),
    *("script comes", "script fails", "script stalls", "script never lives"),
    *("a push throws", "quota"),
)


class Event:
    """Something that the visitor did. ``user`` is who they were then, ``era`` counts resets."""

    def __init__(self, number: int, kind: str, user: str | None, era: int) -> None:
        self.number = number
        self.kind = kind
        self.user = user
        self.era = era
        self.writes = kind in ("identify", "group")
        # The methods of its commands that reached Jimo, apart from identify.
        self.reached: list[str] = []
        self.excused = False
        name = f"{kind} {number}"
        self.content: dict[str, Any] = {
            "type": kind,
            "messageId": name,
            "userId": user,
            "anonymousId": f"era {era}",
        }
        if kind == "track":
            self.content |= {"event": name, "timestamp": "now"}
        elif kind == "group":
            self.content |= {"groupId": name, "traits": {}}
        elif kind == "identify":
            self.content["traits"] = {"email": name}

    def complete(self) -> bool:
        """All that it means has reached Jimo, once and in order."""
        meant = {
            "identify": ["user:email", "user:attributes"],
            "group": ["user:group"],
            "track": ["segmentio:track"],
            "page": [],
        }
        return self.reached == meant[self.kind]


class Page(FakeBrowser):
    """A page whose Jimo can fail, and that looks at each command which reaches it."""

    def __init__(self, visit: "Visit") -> None:
        self.visit = visit
        self.script = "comes"
        self.throws = False
        # Whose profile Jimo may have, and the users it was told of.
        self.may_be = {ANONYMOUS}
        self.told: list[str] = []
        self.told_in: list[int] = []
        self.answered = 0
        # The users of this era whose events were handed over, and all events, in that order.
        self.named: list[str] = []
        self.handed: list[Event] = []
        self.strict = True
        self.last = self.last_free = 0
        super().__init__({"manualInit": visit.identified_only})

    # Jimo's script.

    def load(self, manual_init: bool) -> str:
        assert self.sdk_word == "none", "two SDKs at once"
        if self.visit.identified_only:
            assert self.told_of_anyone, "fetched for an anonymous visitor"
        self.loads += 1
        self.sdk_word = self.script
        if self.script == "comes":
            self.after(50, self._comes)
        elif self.script == "fails":
            self.after(50, self._fails)
        return ""

    @property
    def told_of_anyone(self) -> bool:
        """Whether an event with a user has ever been handed over on this page."""
        return any(event.user for event in self.handed) or bool(self.named)

    def look(self) -> str:
        known = ("none", "ready", "live", "quota")
        return self.sdk_word if self.sdk_word in known else "loading"

    def _comes(self) -> None:
        if self.sdk_word == "comes":
            self.sdk_word = "ready" if self._manual else "live"

    def _fails(self) -> None:
        if self.sdk_word == "fails":
            self.sdk_word = "none"
            self.tell("sdk-error")

    def withdraw(self) -> bool:
        if self.sdk_word != "stalls":
            return False
        self.sdk_word = "none"
        return True

    def init(self) -> None:
        assert self.told_in and self.told_in[-1] == self.visit.era, "started for nobody"
        if self.sdk_word == "ready":
            self.sdk_word = "live"

    # What reaches it.

    def send(self, command: Any, event: int = 0) -> bool:
        visit = self.visit
        what = visit.events[self._known[event]["messageId"]] if event else None
        _, method, args = command
        if method == "identify":
            assert args[0] in self.named, "a user who has ended, or is not there yet"
            self.told.append(args[0])
            self.told_in.append(visit.era)
            self.may_be.add(args[0])
        if self.throws:
            self.throws = False
            visit.untaken |= method == "identify"
            if what:
                what.excused = True
            return False
        if what:
            if method != "identify":
                what.reached.append(method)
            if method != "identify" and what.writes:
                self._written(what)
            assert what.era == visit.era or max(self.told_in, default=0) <= what.era, "too late"
            self._in_order(what)
            if visit.identified_only and not what.user and what.era == visit.era:
                assert visit.era in self.told_in, "of an anonymous visitor"
        return super().send(command, event)

    def _written(self, event: Event) -> None:
        visit = self.visit
        assert event.era == visit.era, "after a reset"
        # What an anonymous visitor said of themselves belongs to the user they turn out to be.
        own = {event.user or visit.first_user}
        if event.kind == "group" or not event.user:
            own.add(ANONYMOUS)
        assert self.may_be <= own, f"of {event.user}, into one of {self.may_be}"

    def _in_order(self, event: Event) -> None:
        position = self.handed.index(event)
        # What writes to a profile may come later, for an identify's sake, and never earlier.
        assert position >= self.last_free or (event.writes and not self.strict)
        assert position >= self.last or not self.strict
        self.last = max(self.last, position)
        if not event.writes:
            self.last_free = position

    def report(self, code: str, message: str, subscription: str = "", field: str = "") -> None:
        super().report(code, message, subscription, field)
        if code == "identify-timeout":
            self.strict = False

    def answer(self, number: int) -> None:
        """Jimo calls back for its identify of this number, from 1."""
        if self.sdk_word == "live" and 0 < number <= len(self.told):
            self.answered = number
            if number == len(self.told):
                self.may_be = {self.told[-1]}
            self.callback(number)


class Visit:
    """One tab: what analytics.js knows of the visitor, and page after page."""

    def __init__(self, identified_only: bool) -> None:
        self.identified_only = identified_only
        self.era = 0
        self.user: str | None = None
        self.first_user: str | None = None
        self.events: dict[str, Event] = {}
        self.coming: list[Event] = []
        self.handed = 0
        self.settled = dict.fromkeys(("delivered", "dropped", "unmatched"), 0)
        self.untaken = self.over = False
        self.page = Page(self)

    def do(self, step: str) -> None:
        """One step of a history."""
        page = self.page
        words = step.split()
        if words[0] == "identify":
            self.user = words[1].strip(",")
        if words[0] in ("identify", "traits", "group", "track,", "track", "page"):
            self._create({"traits": "identify"}.get(words[0], words[0].strip(",")))
            if "not handed" not in step:
                self._hand_over()
        elif step == "hand over":
            self._hand_over()
        elif step == "callback":
            page.answer(len(page.told))
        elif step == "callback of the first":
            page.answer(1)
        elif step == "callback once more":
            page.answer(page.answered)
        elif step == "reset":
            self.era += 1
            self.user = self.first_user = None
            page.named = []
            page.strict = False
            page.reset()
        elif words[-1] == "pass":
            page.pass_time(int(words[0]))
        elif words[0] == "script":
            page.script = step.partition(" ")[2]
        elif step == "a push throws":
            page.throws = True
        elif step == "online":
            page.tell("online")
        elif step == "quota":
            self.over = True
            page.tell("jimo:mau-limit-reached")
        else:
            self._reload()

    def _create(self, kind: str) -> None:
        event = Event(len(self.events), kind, self.user, self.era)
        self.events[event.content["messageId"]] = event
        self.coming.append(event)

    def _hand_over(self) -> None:
        for event in self.coming:
            self.handed += 1
            self._receive(event)
            self.page.event(event.content, stale=event.era < self.era)
        self.coming = []

    def _receive(self, event: Event) -> None:
        self.page.handed.append(event)
        if event.user and event.era == self.era:
            self.page.named.append(event.user)
            self.first_user = self.first_user or event.user

    def _reload(self) -> None:
        kept, lost, owner = self.page.leave()
        # analytics.js loses what it had not handed over.
        self.coming = []
        users = [event.user or self.first_user for event in self.events.values()]
        others = max([number for number, user in enumerate(users) if user != self.user], default=-1)
        for event in self.events.values():
            # What waits for an identify is not kept, nor what is another user's by now.
            begun = event.writes and event.content not in kept
            if begun or event.number <= others:
                event.excused = True
        self._add_up()
        self.page = Page(self)
        for content in kept:
            self._receive(self.events[content["messageId"]])
            if owner:
                self.page.named.append(owner)
        self.page.take_over(kept, lost, owner, f"era {self.era}", self.user)

    def _add_up(self) -> None:
        for outcome in self.settled:
            self.settled[outcome] += self.page.events[outcome]

    def check_reasons(self, dropped: int, errors: int, page: Page) -> None:
        """What was dropped in a step has a reason."""
        if page is self.page and page.events["dropped"] > dropped:
            assert len(page.errors) > errors, "dropped without a word"

    def heal(self) -> None:
        """Whatever failed works again, and Jimo answers."""
        page = self.page
        page.script = "comes"
        page.throws = False
        self._hand_over()
        if page.sdk_word == "never lives":
            page.sdk_word = "ready" if self.identified_only else "live"
        # Each round may bring the next identify, which waited for the one before.
        for _ in range(2 * len(self.events) + 3):
            page.pass_time(40_000)
            page.answer(len(page.told))

    def check(self) -> None:
        """After all: each event was delivered, or there is a reason why not."""
        page = self.page
        held = page.events["held"]
        self._add_up()
        assert self.handed == sum(self.settled.values()) + held
        complete = [event for event in self.events.values() if event.complete()]
        pages = [event for event in complete if event.kind == "page"]
        assert self.settled["delivered"] == len(complete) - len(pages)
        if held:
            assert not page.named, "held in spite of a user"
            assert self.era or self.identified_only, "held for nothing"
        if self.over:
            return
        late = "identify-timeout" in {error["code"] for error in page.errors}
        for event in page.handed:
            excused = event.excused or event.era < self.era
            excused |= event.writes and (late or self.untaken)
            assert event.complete() or excused or held, f"{event.content} was lost"


@settings(
    max_examples=HISTORIES,
    # The same ones each time: who changes something else is not to be stopped by an old fault.
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.booleans(),
    # Short ones are easy to read when they fail; long ones find more.
    st.lists(st.sampled_from(STEPS), max_size=10)
    | st.lists(st.sampled_from(STEPS), min_size=12, max_size=40),
)
def test_no_history_loses_an_event_or_writes_to_a_wrong_profile(
    identified_only: bool, steps: list[str]
) -> None:
    visit = Visit(identified_only)
    for step in steps:
        page = visit.page
        before = page.events["dropped"], len(page.errors)
        visit.do(step)
        visit.check_reasons(*before, page)
    visit.heal()
    visit.check()
