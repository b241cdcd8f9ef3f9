"""Every kind of value at every place of every call: nothing is thrown, lost, changed or held up."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.test_hostile_pages import NOTICING, script
from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, tag
from tools.build import ROOT
from tools.serve import Server

STRANGE = (ROOT / "tests" / "support" / "strange.js").read_text()
# Nothing is sent to Segment, and nothing stored: that would be most of the time.
LEFT_TO_ITSELF = """
analytics._loadOptions = {
  disableClientPersistence: true, integrations: { "Segment.io": false } };"""
# Beside the presets, one subscription for each way to touch the values.
MAPPINGS: list[Any] = [
    {"@path": "$.properties.value[0].a"},
    {"text": {"@json": {"mode": "encode", "value": {"@path": "$.properties"}}}},
    {"flat": {"@flatten": {"separator": ".", "value": {"@path": "$.properties"}}}},
    {"text": {"@template": "{{properties}} {{properties.value}}"}},
    {"@merge": {"direction": "left", "objects": [{"@path": "$.properties"}, {"a": 1}]}},
    {"@excludeWhenNull": {"@path": "$.context"}},
]
TRIGGERS = ['type = "track"', "properties.value != null", 'contains(properties.value, "x")']
MAPPED = [
    {"partnerAction": action, "subscribe": f'type = "{kind}"'}
    for action, kind in (
        ("sendUserData", "identify"),
        ("sendTrackEvent", "track"),
        ("sendGroupData", "group"),
    )
] + [
    {
        "partnerAction": "sendGroupData",
        "name": f"{index}",
        "subscribe": TRIGGERS[index % len(TRIGGERS)],
        "mapping": {"groupId": "mapped", "traits": mapping},
    }
    for index, mapping in enumerate(MAPPINGS)
]


# What reaches Jimo with values in it; fewer calls than the buffer holds.
SOME = "/^(track|identify|group) 1/"


def opened(site: Site, **settings: object) -> None:
    """Opens the page; without settings we are not on it."""
    ours = ""
    if settings:
        given = json.dumps({"projectId": "p1"} | settings)
        ours = script(f"analytics.register(watch(window.plugin = jimoDestination({given})));")
    site.open(
        f"{script(NOTICING)}{tag(project_id=False) if settings else ''}"
        f"<script>{SNIPPET}{LEFT_TO_ITSELF}</script>{script(STRANGE)}{ours}{LIBRARY}"
    )
    site.until("analytics.initialized")


def sound(site: Site, *known: str) -> None:
    """What holds after any input: all was counted, nothing failed in us, and Python goes on."""
    # What waits for the next user gets one.
    site.run('analytics.identify("last").then(() => analytics.track("last"))')
    site.until("(s => s.received >= handed.count && s.held === 0)(segmentJimo.status().events)")
    status = site.status()
    assert status["events"]["received"] == site.run("handed.count")
    assert status["state"] == "running"
    codes = {error["code"] for error in status["errors"]}
    bad = {"python-error", "boot-failed", "internal", "not-announced", "buffer-full"}
    assert not codes & bad - {*known}, codes
    assert site.run("faults") == []


@pytest.fixture(scope="module")
def alone(browser: Browser) -> dict[str, Any]:
    """What analytics.js does without us."""
    server = Server()
    server.run()
    page = browser.new_page()
    site = Site(page, server)
    opened(site)
    site.run("callAll(/./)")
    site.run("quiet()")
    found = {name: site.run(name) for name in ("outcomes", "noticed", "CALLS.length")}
    page.close()
    server.shutdown()
    server.server_close()
    return found


@pytest.mark.parametrize(
    ("runtime", "mapped"),
    (("micropython", False), ("micropython", True), ("pyodide", True)),
    ids=("presets", "micropython", "pyodide"),
)
def test_every_value_at_every_place_comes_to_what_it_comes_to_without_us(
    site: Site, runtime: str, mapped: bool, alone: dict[str, Any]
) -> None:
    opened(site, runtime=runtime, **({"subscriptions": MAPPED} if mapped else {}))
    site.until("segmentJimo.status().state === 'running'")
    site.run("callAll(/./)")
    site.until(f"Object.keys(outcomes).length >= {len(alone['outcomes'])}")
    assert alone["CALLS.length"] > 3_000
    assert site.run("outcomes") == alone["outcomes"]
    sound(site)
    # Tracks of a user whose identify had no usable id do not go to the user before.
    assert site.run("compared") > 500
    assert site.run("noticed") == alone["noticed"]


@pytest.mark.parametrize("until", ("python runs", "jimo answers"))
@both_runtimes
def test_every_value_that_is_held_arrives_later(site: Site, runtime: str, until: str) -> None:
    if until == "python runs":

        def wait(_: str) -> tuple[int, str, bytes]:
            site.server.stalled.wait()
            return 0, "", b""

        site.server.answers["/dist/segment-jimo-start"] = wait
    opened(site, runtime=runtime, subscriptions=MAPPED)
    if until == "jimo answers":
        site.until("segmentJimo.status().state === 'running'")
        site.run("(silent = true, analytics.identify('first'))")
        site.until("answers.length")
    site.run(f"callAll({SOME})")
    # The rest is what analytics.js itself refuses.
    site.until("segmentJimo.status().events.held > 500")
    site.server.stalled.set()
    site.until("segmentJimo.status().state === 'running'")
    site.run("answer()")
    sound(site)
    assert site.run("compared") > 300


@both_runtimes
def test_a_context_of_any_kind_goes_back_to_who_handed_it_over(site: Site, runtime: str) -> None:
    opened(site, runtime=runtime, subscriptions=MAPPED)
    site.until("segmentJimo.status().state === 'running'")
    result = site.run("handAll(plugin)")
    assert result["thrown"] == []
    assert result["count"] > 3_000
    # What is no context at all is named so; a thousand of others may wait at once here.
    sound(site, "internal", "buffer-full")
    assert site.run("noticed") == []
