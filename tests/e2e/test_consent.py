"""Nothing without consent: the ways of docs/consent.md, as they stand there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.outside import bundle, delivered, play, static
from tests.support.site import plain_snippet
from tools.build import ROOT

PAGE = (ROOT / "docs" / "consent.md").read_text()
TOOLS, TAG = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)

# What stands for a consent tool: the page's visitor answers by calling cmp.answer(…).
CMP = """<script>
window.cmp = {
  given: {}, listeners: {},
  categories: () => cmp.given,
  answered: () => new Promise((resolve) => { cmp.resolve = resolve; }),
  answer(given) { cmp.given = given; cmp.resolve?.(); },
  onConsent(listener) { cmp.consent = listener; },
  onWithdrawal(listener) { cmp.withdraw = listener; },
};
window.others = [];
</script>"""
# Another destination, for which consent does not matter.
OTHER = """
window.analytics.register({
  name: "Other", type: "destination", version: "1",
  isLoaded: () => true, load: () => Promise.resolve(),
  track: (ctx) => { window.others.push(ctx.event.event); return ctx; },
});
window.analytics.track("one");
"""
SETTINGS: dict[str, Any] = {
    "integrations": {"Segment.io": {"apiKey": "k"}, "Jimo (Actions)": {}},
    "remotePlugins": [
        {
            "name": "Jimo (Actions)",
            "creationName": "Jimo (Actions)",
            "libraryName": "jimoDestination",
            "url": "https://cdn.segment.com/next-integrations/actions/jimo/x.js",
            "settings": {"projectId": "p1"},
        }
    ],
    "consentSettings": {"allCategories": ["Analytics", "Experience"]},
}


class Visit:
    """A page with a consent tool, and what it asked for."""

    def __init__(self, page: Page, folder: Path, url: str) -> None:
        self.page = page
        self.folder = folder
        self.url = url
        self.requests: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, code: str, head: str = "", settings: dict[str, Any] = SETTINGS) -> None:
        """Opens a page with this module."""
        play(self.page, settings)
        bundle(self.folder, code, CMP + head)
        self.page.goto(self.url)
        self.page.wait_for_function("!!window.analytics")

    def answer(self, experience: bool) -> None:
        """Says whether Jimo may be used. Analytics may."""
        self.page.wait_for_function("!!cmp.resolve")
        self.page.evaluate(
            "(experience) => cmp.answer({ Analytics: true, Experience: experience })", experience
        )

    def fetched(self) -> list[str]:
        """What of us, of Python and of Jimo was asked for."""
        ours = re.compile("/dist/|/segment-jimo/|jimo-invader")
        return [url for url in self.requests if ours.search(url)]


@pytest.fixture
def visit(page: Page, tmp_path: Path) -> Iterator[Visit]:
    """A visit that must stay free of errors."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with static(tmp_path) as url:
        yield Visit(page, tmp_path, url)
    assert errors == []


def test_consent_tools_load_nothing_before_the_answer(visit: Visit) -> None:
    visit.open(TOOLS + OTHER)
    visit.page.wait_for_function("!!cmp.resolve")
    assert visit.fetched() == []
    assert visit.page.evaluate("[others.length, 'segmentJimo' in window]") == [0, False]


def test_consent_tools_without_consent_leave_jimo_out(visit: Visit) -> None:
    visit.open(TOOLS + OTHER)
    visit.answer(False)
    visit.page.wait_for_function("others.length === 1")
    visit.page.evaluate("analytics.track('two')")
    visit.page.wait_for_function("others.length === 2")
    assert visit.fetched() == []
    assert visit.page.evaluate("['segmentJimo' in window, 'jimo' in window]") == [False, False]


def test_consent_tools_with_consent_deliver_everything(visit: Visit) -> None:
    visit.open(TOOLS + OTHER)
    visit.answer(True)
    (told,) = delivered(visit.page)
    assert told[2][0]["event"] == "one"
    assert visit.page.evaluate("others") == ["one"]


def test_consent_tools_that_let_opt_out_stop_the_events_only(visit: Visit) -> None:
    visit.open(TOOLS.replace('"opt-in"', '"opt-out"') + OTHER)
    visit.answer(False)
    visit.page.wait_for_function(
        "window.segmentJimo?.status().sdk === 'live' && others.length === 1"
    )
    assert visit.page.evaluate("segmentJimo.status().events.received") == 0
    visit.answer(True)
    visit.page.evaluate("analytics.track('two')")
    assert [command[2][0]["event"] for command in delivered(visit.page)] == ["two"]


def test_consent_tools_do_not_see_the_script_tag(visit: Visit) -> None:
    code = re.sub(r", plugins: \[jimoDestination\]", "", TOOLS)
    assert code != TOOLS
    tag = '<script src="/dist/segment-jimo.js" data-project-id="p1"></script>'
    settings = SETTINGS | {"remotePlugins": [], "integrations": SETTINGS["integrations"]}
    visit.open(code + OTHER, tag, settings)
    visit.answer(False)
    assert len(delivered(visit.page)) == 1


def with_snippet(visit: Visit) -> None:
    """Opens a page with Segment's snippet, where the tag is added later."""
    load = 'analytics.load("YOUR_WRITE_KEY"); analytics.track("before");'
    visit.open(TAG, f"<script>{plain_snippet()}{load}</script>", SETTINGS | {"remotePlugins": []})
    visit.page.wait_for_function("analytics.initialized && !!cmp.consent")


def test_a_tag_added_after_consent_gets_what_follows(visit: Visit) -> None:
    with_snippet(visit)
    assert visit.fetched() == []
    visit.page.evaluate("cmp.consent()")
    visit.page.wait_for_function("window.segmentJimo?.status().timings.registered")
    visit.page.evaluate("analytics.track('after')")
    assert [command[2][0]["event"] for command in delivered(visit.page)] == ["after"]


def test_a_withdrawal_takes_the_destination_away(visit: Visit) -> None:
    with_snippet(visit)
    visit.page.evaluate("cmp.consent()")
    visit.page.wait_for_function("window.segmentJimo?.status().sdk === 'live'")
    visit.page.evaluate("cmp.withdraw()")
    visit.page.wait_for_function("!window.segmentJimo && !document.querySelector('iframe')")
    assert visit.page.evaluate("[jimoSimulator.kills, jimoSimulator.live]") == [1, False]
    assert not visit.page.evaluate("'jimo' in window")
    visit.page.evaluate("analytics.track('without')")
    visit.page.evaluate("cmp.consent()")
    visit.page.wait_for_function("window.segmentJimo?.status().timings.registered")
    visit.page.evaluate("analytics.track('again')")
    assert [command[2][0]["event"] for command in delivered(visit.page)] == ["again"]
