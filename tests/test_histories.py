"""Random histories of a visitor, on CPython with a simulated clock, analytics.js and Jimo.

What must hold is said here once more, without a look at how delivery does it: whose profile Jimo
may have at a moment, whose each value is, and which events may be given up.
"""

from typing import Any

from segment_jimo.delivery import THREW

from .fake import FakeBrowser

ANONYMOUS = "anonymous"
# A step of a history, as often as it stands here.
STEPS = (
    *("identify u1", "identify u2", "identify u3", "traits", "group", "page") * 2,
    *("track", "track and wait", "deliver", "callback", "callback", "reset") * 2,
    *("callback again", "late callback"),
    *("time 100", "time 1000", "time 11000", "time 60000", "online", "reload"),
    *("script comes", "script comes", "script fails", "script stalls", "script dies"),
    *("push throws", "quota"),
)


class Event:
    """Something that the visitor did. ``user`` is who they were, ``era`` counts resets."""

    def __init__(self, number: int, kind: str, user: str | None, era: int) -> None:
        self.number = number
        self.kind = kind
        self.user = user
        self.era = era
        self.writes = kind in ("identify", "group")
        # What of it reached Jimo: the methods of its commands.
        self.reached: list[str] = []
        self.threw = False
        name = f"{kind} {number}"
        self.content: dict[str, Any] = {"type": kind, "userId": user, "messageId": name}
        if kind == "track":
            self.content |= {"event": name, "timestamp": "now"}
        elif kind == "group":
            self.content |= {"groupId": name, "traits": {}}
        elif kind == "identify":
            self.content["traits"] = {"email": name}

    def complete(self) -> bool:
        """All that it means has reached Jimo."""
        wanted = {"track": ["segmentio:track"], "group": ["user:group"], "page": []}
        writes = [method for method in self.reached if method != "identify"]
        return writes == wanted.get(self.kind, ["user:email", "user:attributes"])


class Page(FakeBrowser):
    """A page with a Jimo whose script and pushes can fail, and that says what it was given."""

    def __init__(self, visit: "Visit", restored: list[Any], lost: int) -> None:
        self.visit = visit
        self.script = "comes"
        self.throws = False
        self.told_users: list[str] = []
        self.said: set[str] = {ANONYMOUS}
        self.waited_in_vain = False
        self.untaken = False
        super().__init__({"manualInit": visit.identified_only}, restored=restored, lost=lost)

    # The script.

    def load(self, manual_init: bool) -> None:
        self.visit.started()
        assert self.sdk_word != "loading", "two SDKs at once"
        self.loads += 1
        self.sdk_word = "loading"
        if self.script == "comes":
            self.after(50, lambda: self._comes(manual_init))
        elif self.script == "fails":
            self.after(50, self._fails)

    def _comes(self, manual_init: bool) -> None:
        self.sdk_word = "ready" if manual_init else "live"

    def _fails(self) -> None:
        self.sdk_word = "none"
        self.tell("sdk-error")

    def withdraw(self) -> bool:
        if self.script != "stalls" or self.sdk_word != "loading":
            return False
        self.sdk_word = "none"
        return True

    def init(self) -> None:
        assert self.told_users, "started without a user"
        if self.sdk_word == "ready":
            self.sdk_word = "live"

    # What it is given.

    def push(self, event: int, subscription: int, command: int) -> int:
        before = len(self.pushed)
        done = self.visit.by_content(self._known[event])
        if self.throws:
            self.throws = False
            done.threw = True
            # As far as anyone knows Jimo has seen a part of it.
            if self._plans["subscriptions"][subscription]["commands"][command]["identifies"]:
                self.untaken = True
                self.said |= {"nobody knows"}
            return THREW
        answer = super().push(event, subscription, command)
        if len(self.pushed) > before:
            self._given(done, self.pushed[-1])
        return answer

    def identify(self) -> int:
        answer = super().identify()
        self._given(None, self.pushed[-1])
        return answer

    def _given(self, event: Event | None, command: Any) -> None:
        _, method, args = command
        visit = self.visit
        if event:
            event.reached.append(method)
            if method != "identify":
                assert event.reached.count(method) == 1, "twice"
            visit.in_order(event, method)
        if method == "identify":
            assert args[0] in visit.users_of_this_era, "a user who has ended"
            self.told_users.append(args[0])
            self.said = (self.said | {args[0]}) if not self.untaken else {args[0], "nobody knows"}
            self.untaken = False
        elif event and event.writes:
            assert event.era == visit.era, "written after a reset"
            own = {event.user} if event.user else {visit.first_user_of_this_era}
            # An identify's own traits are for that user alone.
            if event.kind == "group" or not event.user:
                own |= {ANONYMOUS}
            assert self.said <= own, f"of {event.user}, in {self.said}"
        if visit.identified_only and event and not event.user and event.era == visit.era:
            assert visit.named_in_this_era(self), "an anonymous visitor's"


class Visit:
    """One tab: what analytics.js knows of the visitor, and page after page."""

    def __init__(self, identified_only: bool) -> None:
        self.identified_only = identified_only
        self.era = 0
        self.user: str | None = None
        self.users_of_this_era: list[str] = []
        self.first_user_of_this_era: str | None = None
        self.handed_users = False
        self.events: list[Event] = []
        self.coming: list[Event] = []
        self.order: list[Event] = []
        self.delivered = 0
        self.page = Page(self, [], 0)
