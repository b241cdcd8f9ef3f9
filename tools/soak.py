"""Plays an hour of a visitor in minutes: ``make soak``.

It runs in Chromium on each runtime, with the real analytics.js and the simulator of Jimo. It takes
random steps of tests/support/steps.py: another user logs in, a reset, a page that the visitor
leaves or comes back to, a script that fails, a push that throws. Then it sends a burst of events.
It prints a table. ``--json`` writes the figures, and ``--page`` writes the table into
docs/endurance.md. If the counts of events do not add up, it ends with an error.
"""

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.support.site import LIBRARY, RUNTIMES, SNIPPET, tag
from tests.support.steps import STEPS, Event

from . import report
from .bench import KEEP_MEMORY
from .browser import launch
from .serve import Server

# One step stands for a second in which a visitor does something.
HOUR = 3_600
BATCH = 20
# The reasons for which an event may be lost. status() gives one for each.
REASONS = {"reset", "push-failed", "not-kept", "buffer-full", "other-user", "identify-timeout"}
SIMULATOR = "/web/playground/simulator.js?boot=5&identify=5"
# What the page does for a step of a history. For any other step, it only gets a turn.
SIMULATED: dict[str, list[Any]] = {
    "callback": ["simulate", {"identify": 5}],
    "callback of the first": ["simulate", {"identify": "sync"}],
    "callback once more": ["simulate", {"identify": "twice"}],
    "a push throws": ["simulate", {"fault": "push-throws"}],
    "script lives": ["simulate", {"fault": ""}],
    "online": ["online"],
}


class Account:
    """Keeps account of what the visitor did, and of what has reached the simulator."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.user: str | None = None
        self.era = 0
        # The first user of each era. Earlier events of that era also belong to them.
        self.first: dict[int, str] = {}
        self.last_track = -1

    def steps(self, step: str) -> list[list[Any]]:
        """Returns what the page has to do for a step of a history."""
        word = step.split()[0].strip(",")
        if word == "reset":
            self.user = None
            self.era += 1
            return [["reset"]]
        if word not in ("identify", "traits", "group", "track", "page"):
            return [SIMULATED.get(step, ["pass"])]
        if word == "identify":
            self.user = step.split()[1].strip(",")
            self.first.setdefault(self.era, self.user)
        kind = "identify" if word == "traits" else word
        event = Event(len(self.events), kind, self.user, self.era)
        self.events[event.name] = event
        return [[word, event.name, self.user]]

    def reach(self, method: str, name: str, profile: str) -> None:
        """Notes a command that has reached the simulator, and the profile that got it."""
        event = self.events[name]
        event.reached.append(method)
        if method == "segmentio:track":
            assert event.number > self.last_track, f"{name}: out of order"
            self.last_track = event.number
            return
        own = {event.user} if event.user else {"anonymous", self.first.get(event.era)}
        assert profile in own, f"{name}: in the profile of {profile}"

    def check(self, pages: list[dict[str, Any]]) -> tuple[Counter[str], Counter[str]]:
        """Compares what has reached the simulator with what the pages counted.

        Each page leaves the events that it holds to the next page. Returns the sums of all pages:
        the outcomes, and the errors.
        """
        said: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        for page in pages:
            events = page["events"]
            parts = ("unmatched", "delivered", "dropped", "held")
            assert events["received"] == sum(events[part] for part in parts), events
            said.update({part: events[part] for part in parts[:3]})
            said["received"] += events["received"] - events["held"]
            codes = {error["code"]: error["count"] for error in page["errors"]}
            reasons.update(codes)
            why = {code: count for code, count in codes.items() if code in REASONS}
            # The events that the page before could not keep are one error together.
            enough = "not-kept" in why or sum(why.values()) >= events["dropped"]
            assert enough, f"{events}, but {codes}"
        events = self.events.values()
        complete = [event for event in events if event.complete()]
        visited = sum(event.kind == "page" for event in events)
        assert said["unmatched"] <= visited
        # No subscription wants a page view, so it is complete unless it was dropped.
        assert said["delivered"] == len(complete) - visited, (said, len(complete), visited)
        assert said["received"] == len(events), (said, len(events), pages)
        return said, reasons


class Visit:
    """A tab that shows one page after another."""

    def __init__(self, page: Page, server: Server, runtime: str, seed: int) -> None:
        self.page = page
        self.server = server
        self.runtime = runtime
        self.random = random.Random(seed)
        self.account = Account()
        self.pages = self.failures = 0
        self.fails: list[str] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route(re.compile(r"simulator\.js|segment-jimo-start-"), self._route)
        blank = b"<!doctype html><title>elsewhere</title>"
        server.answers["/elsewhere"] = lambda _: (200, "text/html", blank)
        self.session = page.context.new_cdp_session(page)

    def _route(self, route: Route) -> None:
        for part in self.fails:
            if part in route.request.url:
                self.fails.remove(part)
                self.failures += 1
                return route.abort()
        route.continue_()

    def open(self, *fails: str) -> None:
        """Opens the next page. Requests with one of these words in the address fail once there."""
        self.fails = list(fails)
        self.pages += 1
        ours = tag(
            runtime=self.runtime,
            sdk_url=SIMULATOR,
            debug=False,
            manual_init=self.pages % 2 == 0,
        )
        soak = '<script src="/tools/soak.js"></script>'
        html = f"<!doctype html><title>soak</title>{soak}{ours}<script>{SNIPPET}</script>{LIBRARY}"
        path = f"/soak/{self.pages}"
        self.server.answers[path] = lambda _: (200, "text/html", html.encode())
        self.page.goto(self.server.url + path)
        self.page.wait_for_function("window.analytics.initialized", timeout=60_000)

    def await_failure(self) -> None:
        """Waits until each request that is to fail has failed.

        An identified-only page makes none before there is a user.
        """
        if self.fails:
            self.do("identify u1")
        deadline = monotonic() + 60
        while self.fails:
            assert monotonic() < deadline, f"never requested: {self.fails}"
            self.page.wait_for_timeout(10)

    def come_back(self) -> None:
        """Opens another address and comes back.

        Settles before, because only the very next page gets the events that a page leaves.
        """
        self.settle()
        self.page.goto(f"{self.server.url}/elsewhere")
        self.page.go_back(wait_until="commit")
        self.page.wait_for_function("window.soak && window.analytics?.initialized", timeout=60_000)

    def do(self, *steps: str) -> None:
        """Carries out steps, and notes what has reached the simulator."""
        given = [one for step in steps for one in self.account.steps(step)]
        self.page.evaluate("(given) => soak.run(given)", given)
        self.look()

    def look(self) -> None:
        """Notes what has reached the simulator."""
        for method, name, profile in self.page.evaluate("soak.reached()"):
            self.account.reach(method, name, profile)

    def settle(self) -> None:
        """Repairs everything that failed, and waits until no event is held any more."""
        self.fails = []
        # An identified-only page waits for a user.
        self.do("script lives", "callback", "identify u1")
        quiet = "segmentJimo.status().events.held === 0"
        self.page.wait_for_function(quiet, timeout=60_000)
        self.look()

    def memory(self) -> tuple[float, float]:
        """Returns the MB of JavaScript's heap and of the interpreter's memory."""
        self.session.send("HeapProfiler.collectGarbage")
        heap = self.session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        return heap, self.page.evaluate("wasmMemory.buffer.byteLength") / 1e6


def soak(browser: Browser, runtime: str, steps: int, seed: int = 1) -> dict[str, Any]:
    """Plays this many steps and returns the figures.

    Half of the steps happen on the last page. The comparison of its memory begins after a fifth of
    these.
    """
    server = Server()
    server.run()
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(KEEP_MEMORY)
    visit = Visit(page, server, runtime, seed)
    fails = ((), ("simulator.js",), ("segment-jimo-start-",))
    left = steps // 2
    per_page = max(BATCH, left // 10)
    try:
        while left > 0:
            visit.open(*fails[visit.pages % len(fails)])
            for _ in range(per_page // BATCH):
                visit.do(*visit.random.choices(STEPS, k=BATCH))
            visit.await_failure()
            left -= per_page
            if visit.pages % 3 == 0:
                visit.come_back()
        visit.open()
        visit.settle()
        batches = steps // 2 // BATCH
        start = visit.memory()
        for batch in range(batches):
            if batch == batches // 5:
                visit.settle()
                start = visit.memory()
            visit.do(*visit.random.choices(STEPS, k=BATCH))
        visit.settle()
        end = visit.memory()
        longest = page.evaluate("soak.longest()")
        handed = len(visit.account.events)
        said, reasons = visit.account.check(page.evaluate("soak.pages()"))
        assert visit.errors == [], visit.errors
    finally:
        context.close()
        server.shutdown()
        server.server_close()
    return {
        "runtime": runtime,
        "hours": steps / HOUR,
        "pages": visit.pages,
        "failures": visit.failures,
        "events": handed,
        "delivered": said["delivered"],
        "unmatched": said["unmatched"],
        "dropped": said["dropped"],
        "reasons": dict(reasons),
        # Always 0, because otherwise the account would have raised an error.
        "lost": handed - said["delivered"] - said["unmatched"] - said["dropped"],
        "heap": [start[0], end[0]],
        "wasm": [start[1], end[1]],
        "longest": longest,
    }


def load(browser: Browser, runtime: str) -> dict[str, Any]:
    """Sends 10,000 events before Python runs, then 1,000 a second."""
    server = Server()
    scripts = '<script src="/tools/soak.js"></script><script src="/dist/segment-jimo.js"></script>'
    server.answers["/load"] = lambda _: (200, "text/html", scripts.encode())
    server.run()
    page = browser.new_page()
    try:
        page.goto(f"{server.url}/load")
        found: dict[str, Any] = page.evaluate(f"soak.load({runtime!r})")
    finally:
        page.close()
        server.shutdown()
        server.server_close()
    assert found["outOfOrder"] == 0
    assert found["reached"] == found["delivered"] == found["sent"] - found["dropped"]
    return {"runtime": runtime} | found


def table(soaks: list[dict[str, Any]], loads: list[dict[str, Any]]) -> str:
    """Returns the figures as Markdown."""

    def rows(lines: dict[str, list[str]]) -> str:
        head = [f"| | {' | '.join(RUNTIMES)} |", f"|---|{'---|' * len(RUNTIMES)}"]
        return "\n".join(
            head + [f"| {name} | {' | '.join(cells)} |" for name, cells in lines.items()]
        )

    def task(longest: float) -> str:
        return f"{longest:.0f} ms" if longest else "under 50 ms"

    hour = {
        "hours simulated": [f"{one['hours']:.2g}" for one in soaks],
        "pages": [str(one["pages"]) for one in soaks],
        "failed requests": [str(one["failures"]) for one in soaks],
        "events": [f"{one['events']:,}" for one in soaks],
        "delivered": [f"{one['delivered']:,}" for one in soaks],
        "wanted by no subscription": [f"{one['unmatched']:,}" for one in soaks],
        "dropped with a reason": [f"{one['dropped']:,}" for one in soaks],
        "**lost**": [f"**{one['lost']}**" for one in soaks],
        "JavaScript heap, start to end": [
            "{:.1f} to {:.1f} MB".format(*one["heap"]) for one in soaks
        ],
        "the interpreter's memory, start to end": [
            "{:.1f} to {:.1f} MB".format(*one["wasm"]) for one in soaks
        ],
        "longest task of the last page, analytics.js included": [
            task(one["longest"]) for one in soaks
        ],
    }
    much = {
        "events handed over": [f"{one['sent']:,}" for one in loads],
        "most that waited": [f"{one['most']:,}" for one in loads],
        "one event of the burst": [f"{one['each']:.1f} µs" for one in loads],
        "dropped from a full buffer, counted": [f"{one['dropped']:,}" for one in loads],
        "delivered, in order": [f"{one['delivered']:,}" for one in loads],
        "events per second, after the boot": [f"{one['perSecond']:,.0f}" for one in loads],
        "longest task after the boot": [task(one["longest"]) for one in loads],
    }
    return f"{rows(hour)}\n\nA burst of events:\n\n{rows(much)}"


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=HOUR, help="3,600 are an hour")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--page", type=Path, help="where the table takes the place of the old one")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        about = report.describe(browser)
        loads = [load(browser, runtime) for runtime in RUNTIMES]
        soaks = [soak(browser, runtime, given.steps) for runtime in RUNTIMES]
    found = f"{report.said(about)}\n\n{table(soaks, loads)}"
    print(found)
    if given.json:
        given.json.parent.mkdir(exist_ok=True)
        given.json.write_text(json.dumps(about | {"soaks": soaks, "loads": loads}, indent=2) + "\n")
    if given.page:
        report.write(given.page, found)


if __name__ == "__main__":
    main()
