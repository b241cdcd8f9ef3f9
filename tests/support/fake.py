"""A browser for CPython: what web/ does around Python, on plain dicts and a simulated clock."""

import json
from collections.abc import Callable
from typing import Any

from segment_jimo import Destination, Settings, SettingsError
from segment_jimo.delivery import (
    ASIDE,
    DELIVERED,
    DROPPED,
    HELD,
    MISSING,
    PUSHED,
    SKIPPED,
    THREW,
    WRONG_TYPE,
    Delivery,
)

ABSENT = object()


def run(plan: Any, event: Any, payload: Any = None) -> Any:
    """Carries a plan out as web/plan.js does; ABSENT is undefined."""
    operator, *operands = plan
    if operator == "value":
        return operands[0]
    if operator == "@path":
        operator, operands = "path", operands[0][1].removeprefix("$.").split(".")
    if operator == "path":
        for key in operands:
            event = event.get(key, ABSENT) if isinstance(event, dict) else ABSENT
        return event
    if operator == "field":
        return payload.get(operands[0], ABSENT)
    if operator == "or":
        values = [run(one, event, payload) for one in operands]
        return next((value for value in values if value is not ABSENT and value is not None), None)
    if operator == "list":
        return [run(one, event, payload) for one in operands]
    if operator in ("object", "record"):
        pairs = [(key, run(one, event, payload)) for key, one in operands]
        return {key: value for key, value in pairs if value is not ABSENT}
    if operator == "is":
        # The rest of the language is run on web/plan.js itself.
        texts = zip(operands[::2], operands[1::2], strict=True)
        return all(event.get(field) == text for field, text in texts)
    return {"callback": "callback", "nothing": ABSENT}[operator]


class FakeBrowser:
    """Stands in for Browser and for the queue of the page. Times are in milliseconds."""

    def __init__(self, given: dict[str, Any], sdk: str = "none") -> None:
        self.now = 0
        self.pushed: list[Any] = []
        self.errors: list[dict[str, Any]] = []
        self.events = dict.fromkeys(("received", "unmatched", "held", "delivered", "dropped"), 0)
        self.sdk_word = sdk
        self.sdk_state = "none"
        self.stalls = False
        self.loads = 0
        self._queue: list[tuple[int, Any]] = []
        self._stale: set[int] = set()
        self._known: dict[int, Any] = {}
        self._identified: dict[int, Any] = {}
        # Of which something reached Jimo; which a page before has left.
        self._sent: set[int] = set()
        self._started: set[int] = set()
        self._restored: set[int] = set()
        self._owner: Any = None
        self._timers: dict[int, tuple[int, Callable[[], None]]] = {}
        self._ids = self._tokens = 0
        self._user: tuple[Any, int, Any] | None = None
        self._told: tuple[Any, Any] | None = None
        self._switched = False
        self._manual = given.get("manualInit", False)
        self._waiting = self._manual
        self._delivery: Delivery | None = None
        self._detail = ""
        self._plans: dict[str, Any] = {}
        # Of the Jimo client: analytics.js's user by now and in the last event that has come, whom
        # a command has identified beside which, and what is in the line or on the way to it.
        self.user: Any = None
        self._seen: Any = None
        self._named: tuple[Any, Any] | None = None
        self._own: dict[int, dict[str, Any]] = {}
        self._early: list[tuple[int, Any]] = []
        # The event or command behind each identify.
        self._tokens_of: dict[int, int] = {}
        try:
            settings = Settings.from_json({"projectId": "p1", **given})
        except SettingsError as error:
            self.report("invalid-settings", str(error), "", error.field)
        else:
            self.destination = Destination(settings)
            self.destination.watch(lambda: {"state": "running"})
            self.destination.connect(self)  # type: ignore[arg-type]
            self.tell("start")

    # What a test does.

    def event(self, event: dict[str, Any], stale: bool = False) -> None:
        """analytics.js hands an event over; ``stale`` if it was created before a reset."""
        self._ids += 1
        if stale:
            self._stale.add(self._ids)
        self.events["received"] += 1
        self._known[self._ids] = event
        if not self._delivery:
            self.events["dropped"] += 1
            self.errors.append(self._closed)
            return
        if not self._matched(event):
            self.events["unmatched"] += 1
        else:
            self.events["held"] += 1
            self._queue.append((self._ids, event))
        user = self._user_of(event)
        if self._waiting and user and not stale:
            self._waiting = False
            self._user = (user, self._ids, event.get("userId"))
            self._owner = event.get("userId") or self._owner
            self.tell("user", self._ids)
        else:
            self.drain()
        self._seen = event.get("userId")
        while self._early and self._own[self._early[0][0]]["now"] == self._seen:
            self._queue.append(self._early.pop(0))
            self.drain()

    def leave(self) -> tuple[list[Any], int, Any]:
        """The page is left: what it keeps for the next one, how many it cannot, and whose it is."""
        kept = [
            content
            for event, content in self._queue
            if event not in self._stale and event not in self._sent and event > 0
        ]
        return kept, self.events["held"] - len(kept), self._owner

    def take_over(self, kept: list[Any], lost: int, owner: Any, anonymous: Any, user: Any) -> None:
        """Takes what the page before has left, where it is this visitor's."""
        if owner:
            kept = [{**event, "userId": event.get("userId") or owner} for event in kept]
        while kept and not all(
            event.get("anonymousId") == anonymous and event.get("userId") in (None, user)
            for event in kept
        ):
            kept = kept[1:]
            lost += 1
        for event in kept:
            self._restored.add(self._ids + 1)
            self.event(event)
        if lost:
            self.events["received"] += lost
            self.events["dropped"] += lost
            self.report("not-kept", "")

    def callback(self, token: int) -> None:
        """Jimo calls back, for its identify number ``token``, counted from 1."""
        if self._tokens_of.get(token, 0) < 0:
            self._own[self._tokens_of[token]]["answered"] = True
        self.tell("identified", token)

    def reset(self) -> None:
        """``analytics.reset()``."""
        self._stale |= {event for event, _ in self._queue}
        self._user = self._owner = None
        self._waiting = self._manual
        for event, content in self._queue[:]:
            if event in self._restored and event not in self._started:
                self._queue.remove((event, content))
                self.report("reset", "")
                self._settled(DROPPED)
        self._named = None
        for number, _ in self._early:
            self._settle_own(number, DROPPED)
        self._early = []
        self.tell("reset")

    def pass_time(self, ms: int) -> None:
        """Lets time pass, and the timers with it."""
        end = self.now + ms
        while due := [(at, key) for key, (at, _) in self._timers.items() if at <= end]:
            self.now, key = min(due)
            self._timers.pop(key)[1]()
            self.drain()
        self.now = end

    def tell(self, what: str, token: int = 0) -> None:
        """A signal of the page side."""
        if not self._delivery:
            return
        if what in ("start", "reset"):
            getattr(self._delivery, what)()
        elif what in ("user", "identified"):
            getattr(self._delivery, what)(token)
        else:
            self._delivery.hear(what)
        self.drain()

    def drain(self) -> None:
        while self._queue and self._delivery:
            event, content = self._queue[0]
            if self._waiting and event not in self._stale:
                break
            matched = self._own[event]["matched"] if event < 0 else self._matched(content)
            outcome = self._delivery.offer(event, matched, event in self._stale)
            if outcome == HELD:
                break
            self._queue.pop(0)
            if outcome != ASIDE:
                self.settle(event, outcome)
        counts = self.events
        assert counts["received"] == sum(counts.values()) - counts["received"]

    # What Python calls.

    def close(self, code: str, message: str, field: str = "") -> None:
        self.report(code, message, "", field)
        self._closed = self.errors[-1]
        self._delivery = None
        self._timers.clear()
        self.events["dropped"] += self.events["held"]
        self.events["held"] = 0
        self._queue.clear()
        for number, own in self._own.items():
            if "outcome" not in own:
                self._settle_own(number, DROPPED)

    def add(self, kind: str, plans: dict[str, Any]) -> None:
        self._plans.setdefault(f"{kind}s", []).append(plans)

    def configure(self, plans: dict[str, Any]) -> None:
        plans = self._plans = (
            {"mappings": [], "subscriptions": [], "actions": []} | self._plans | plans
        )
        actions = {action["name"]: action for action in plans["actions"]}
        for one in plans["subscriptions"]:
            mapping = plans["mappings"][one["mapping"]]
            action = actions[mapping["action"]]
            one["commands"] = action["commands"]
            one["fields"] = [
                {**field, "plan": plan}
                for field, plan in zip(action["fields"], mapping["fields"], strict=True)
            ]

    def attach(self, delivery: Delivery, functions: list[Any]) -> None:
        self._delivery = delivery

    def push(self, event: int, subscription: int, command: int) -> int:
        if event < 0:
            return self._push_own(event)
        plan = self._plans["subscriptions"][subscription]
        content = self._known[event]
        payload = {}
        for field in plan["fields"]:
            raw = run(field["plan"], content)
            value = self._fit(field["type"], raw)
            nothing = raw is ABSENT or raw is None
            if (field["required"] and nothing) or (value is ABSENT and not nothing):
                self._detail = f"{field['name']} {'nothing' if nothing else type(raw).__name__}"
                return MISSING if nothing else WRONG_TYPE
            payload[field["name"]] = value
        what = plan["commands"][command]
        if what["when"] and payload.get(what["when"]) in (None, ABSENT):
            return SKIPPED
        built = run(what["plan"], content, payload)
        if not what["identifies"]:
            self._sent.add(event)
            return PUSHED if self.send(built, event) else THREW
        user = payload[what["when"]]
        if self._user and self._user[1] == event:
            self._identified.setdefault(event, self._user[0])
        if user == "" or self._identified.get(event) == user:
            return SKIPPED
        answer = self._tell_jimo(user, content.get("userId"), built, event)
        if answer != THREW:
            self._identified[event] = user
            self._started.add(event)
        return answer

    def identify(self) -> int:
        assert self._user
        user, _, owner = self._user
        return self._tell_jimo(user, owner, ["do", "identify", [user, "callback"]])

    def send(self, command: Any, event: int = 0) -> bool:
        """``window.jimo.push``, for an event if it is for one; False where it throws."""
        self.pushed.append(command)
        return True

    def switched(self) -> bool:
        return self._switched

    def foreign(self, event: int) -> bool:
        user = self._known[event].get("userId")
        return bool(user and self._told and self._told[1] and user != self._told[1])

    def settle(self, event: int, outcome: int) -> None:
        if event < 0:
            self._settle_own(event, outcome)
        else:
            self._settled(outcome)

    def listen(self, hear: Callable[[int, str, str], int]) -> None:
        self._hear = hear

    def command(self, text: str, number: int) -> int:
        if not self._delivery or self._waiting:
            return -11 if self._delivery else -10
        own = self._own[number] = json.loads(text)
        own["now"] = self.user
        if "identifies" in own:
            self._named = own["identifies"], self.user
        named = self._named and self._named[1] == self.user
        user = self._named[0] if self._named and named else self.user
        content = {"messageId": f"own {number}", "timestamp": "now", "userId": user}
        self._known[number] = content
        if self._early or (self.user is not None and self.user != self._seen and not named):
            self._early.append((number, content))
            self.after(10_000, lambda: self._too_early(number))
        else:
            self._queue.append((number, content))
            self.drain()
        own["returned"] = True
        return int(own.get("outcome", HELD))

    def after(self, ms: int, work: Callable[[], None]) -> int:
        self._ids += 1
        self._timers[self._ids] = (self.now + ms, work)
        return self._ids

    def cancel(self, timer: int) -> None:
        self._timers.pop(timer, None)

    def look(self) -> str:
        return self.sdk_word

    def load(self, manual_init: bool) -> str:
        self.loads += 1
        if self.sdk_word == "none":
            self.sdk_word = "ready" if manual_init else "live"
        return ""

    def withdraw(self) -> bool:
        if self.stalls:
            self.sdk_word = "none"
        return self.stalls

    def init(self) -> None:
        if self.sdk_word == "ready":
            self.pushed.append(["init"])
            self.sdk_word = "live"

    def sdk(self, state: str) -> None:
        self.sdk_state = state

    def detail(self) -> str:
        return self._detail

    def report(self, code: str, message: str, subscription: str = "", field: str = "") -> None:
        self.errors.append(
            {"code": code, "message": message, "subscription": subscription, "field": field}
        )

    # Inside.

    def _push_own(self, number: int) -> int:
        own = self._own[number]
        built = run(own["plan"], self._known[number])
        if "identifies" in own:
            return self._tell_jimo(own["identifies"], own["identifies"], built, number)
        if not self.send(built, number):
            return THREW
        if "answers" in own:
            self._hear(number, "answer", json.dumps(len(self.pushed)))
        return PUSHED

    def _settle_own(self, number: int, outcome: int) -> None:
        own = self._own[number]
        own["outcome"] = outcome
        if not own.get("returned"):
            return
        if outcome == DROPPED:
            self._hear(number, "failed", self.errors[-1]["message"] if self.errors else "reset")
        elif "identifies" in own:
            self._hear(number, "answer" if own.get("answered") else "failed", "null")

    def _too_early(self, number: int) -> None:
        if number in [early for early, _ in self._early]:
            self._early = [one for one in self._early if one[0] != number]
            self._settle_own(number, DROPPED)

    def _tell_jimo(self, user: Any, owner: Any, command: Any, event: int = 0) -> int:
        self._switched |= self._told is not None and self._told[0] != user
        self._told = (user, owner)
        self._tokens += 1
        self._tokens_of[self._tokens] = event
        return PUSHED + self._tokens if self.send(command, event) else THREW

    def _settled(self, outcome: int) -> None:
        self.events["held"] -= 1
        self.events["delivered" if outcome == DELIVERED else "dropped"] += 1

    def _matched(self, event: Any) -> str:
        plans = enumerate(self._plans["subscriptions"])
        return ",".join(str(index) for index, plan in plans if run(plan["trigger"], event))

    def _user_of(self, event: Any) -> Any:
        fields = [
            field
            for index in self._plans["users"]
            for field in self._plans["subscriptions"][index]["fields"]
            if field["name"] == "userId"
        ]
        plans = [field["plan"] for field in fields] or [["path", "userId"]]
        found = [self._fit("STRING", run(plan, event)) for plan in plans]
        return next((one for one in found if isinstance(one, str) and one), None)

    def _fit(self, kind: str, value: Any) -> Any:
        if value is ABSENT or value is None:
            return value
        if kind == "OBJECT":
            return value if isinstance(value, dict) else ABSENT
        return str(value) if isinstance(value, str | int | float) else ABSENT
