"""The playground as a visitor uses it: what it shows, and that what it promises happens."""

import json
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Error, Locator, Page

from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes
from tools.build import DIST, ROOT
from tools.serve import OF_OTHERS, SETTINGS
from tools.site import copy_playground

SCENARIOS = re.findall(
    r"^  (\w+): \{$", (ROOT / "web" / "playground" / "scenarios.js").read_text(), re.MULTILINE
)
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
GOOD = "document.querySelector('#brief').dataset.state === 'good'"
LIVE = "window.segmentJimo?.status().sdk === 'live'"


def open_playground(site: Site, query: str = "", until: str = LIVE) -> None:
    site.page.goto(f"{site.server.url}/{query}")
    site.until(until)


def delivered(count: int) -> str:
    return f"window.segmentJimo?.status().events.delivered === {count}"


def call(page: Page, method: str) -> None:
    """Uses the form."""
    page.get_by_role("group", name="Method").get_by_text(method, exact=True).click()
    page.get_by_role("button", name=f"Call {method}", exact=True).click()


def row(page: Page, text: str) -> Locator:
    return page.locator("#events .event").filter(has_text=text)


# Events and their way


@both_runtimes
def test_events_are_seen_on_their_way_to_commands_and_profiles(site: Site, runtime: str) -> None:
    open_playground(site, "" if runtime == "micropython" else f"?runtime={runtime}")
    for method in ("identify", "track", "group"):
        call(site.page, method)
    site.until(delivered(3))
    assert site.status()["runtime"] == runtime
    line = row(site.page, "Order Completed").get_by_role("button")
    for part in ("Send Track Event", "6 fields", "Commands: track", "Jimo: ada", "delivered"):
        assert part in re.sub(r"\s+", " ", line.text_content() or ""), part
    profile = site.page.locator("#profiles [data-active=true]")
    for part in ("ada@example.com", "acme"):
        profile.get_by_text(part).first.wait_for()


def test_a_row_opens_to_what_the_event_was_at_each_station(site: Site) -> None:
    open_playground(site, "?scenario=login", GOOD)
    line = row(site.page, "Dashboard Opened").get_by_role("button")
    assert line.get_attribute("aria-expanded") == "false"
    line.press("Enter")
    assert line.get_attribute("aria-expanded") == "true"
    texts = row(site.page, "Dashboard Opened").locator(".way section").all_inner_texts()
    assert len(texts) == 5
    for text, part in zip(
        texts,
        ('"type": "track"', 'type = "track"', "$.event", "jimo.push", "→ profile ada"),
        strict=True,
    ):
        assert part in text
    # The timestamp that is passed on is a date, not text.
    assert re.search(r"timestamp\s+\$\.timestamp\s+Date 2\d.* date", texts[2])


def test_what_was_held_when_the_visitor_left_arrives_on_the_next_page(site: Site) -> None:
    open_playground(site, "?sdk=slow", "window.segmentJimo?.status().state === 'running'")
    call(site.page, "track")
    site.until("segmentJimo.status().events.held === 1")
    site.page.get_by_role("button", name="Next page").click()
    row(site.page, "Order Completed").locator("[data-state=passed]").nth(4).wait_for()
    assert row(site.page, "Order Completed").count() == 1


# Scenarios


# What the row of an event says in a scenario: its end, and why.
REASONS = {
    "login": ("Dashboard Opened", "delivered", ""),
    "anonymous": ("Docs Opened", "held", "there is no user yet"),
    "known": ("Dashboard Opened", "delivered", "It waited"),
    "two": ("grace", "delivered", "It waited"),
    "blocked": ("Pricing Viewed", "held", "did not load"),
    "logout": ("identify", "dropped", "analytics.reset()"),
    "slow": ("Step 5", "delivered", "It waited"),
    "offline": ("Article Saved", "delivered", "It waited"),
    "quota": ("Docs Opened", "dropped", "over its monthly users"),
    "mapping": ("group", "dropped", "groupId has no value"),
    "snippet": ("page", "unmatched", "No subscription wants a page"),
    "signed": ("ada", "delivered", ""),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_does_what_it_says(site: Site, name: str) -> None:
    # What an earlier visitor has left is nothing to it.
    site.page.add_init_script("if (top === window) localStorage.ajs_user_id = '\"zoe\"'")
    open_playground(site, f"?scenario={name}", GOOD)
    checks = site.page.locator("#checks li")
    assert checks.count() >= 2
    assert checks.count() == site.page.locator("#checks [data-state=good]").count()
    site.page.locator("#pipeline-title").get_by_text("passed", exact=True).wait_for()
    assert "zoe" not in site.run("JSON.stringify(window.jimoSimulator?.profiles ?? {})")
    event, outcome, reason = REASONS[name]
    end = row(site.page, event).first.locator(".end")
    end.filter(has_text=re.compile(f"^{outcome}.*{reason}")).wait_for()


def test_there_are_all_the_scenarios_and_each_is_a_link(site: Site) -> None:
    open_playground(site)
    links = site.page.locator("#scenarios a")
    assert links.count() == len(SCENARIOS) == 12
    for name in SCENARIOS:
        assert site.page.locator(f'#scenarios a[href="/?scenario={name}"]').count() == 1
    links.filter(has_text="Login flow").click()
    site.until(GOOD)
    assert site.page.url.endswith("/?scenario=login")
    # Each begins with a new visitor.
    links.filter(has_text="Anonymous visitor").click()
    site.until(f"{GOOD} && location.search === '?scenario=anonymous'")
    assert site.run("[analytics.user().id(), window.jimo]") == [None, None]


def test_a_scenario_says_so_where_something_is_not_as_it_must_be(site: Site) -> None:
    site.page.clock.install()
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    open_playground(site, "?scenario=snippet", "window.segmentJimo?.status().events.received === 3")
    site.page.clock.fast_forward(16_000)
    site.until("document.querySelector('#brief').dataset.state === 'bad'")
    site.page.locator("#checks [data-state=bad]").get_by_text("loaded once").wait_for()


# Settings and state


def test_its_state_is_in_the_address(site: Site) -> None:
    open_playground(site)
    site.page.get_by_label("User ID").fill("grace")
    site.page.get_by_label("Initialize only for identified users").check()
    # Written at once, before anything is loaded.
    assert site.run("location.search") == "?manual=1&user=grace"
    site.until("window.segmentJimo?.initialized === false")
    open_playground(site, site.run("location.search"), "window.segmentJimo?.initialized === false")
    assert site.page.get_by_label("User ID").input_value() == "grace"
    call(site.page, "identify")
    site.until("window.jimoSimulator?.profiles.grace")


def test_a_change_of_settings_leaves_the_focus_where_it_is(site: Site) -> None:
    open_playground(site)
    switch = site.page.get_by_label("Refetch experiences after traits changes")
    switch.press("Space")
    site.until("location.search === '?refetch=1'")
    site.until(LIVE)
    assert switch.evaluate("element => element === document.activeElement")


def test_a_project_id_brings_jimo_itself(site: Site) -> None:
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body="window.jimo = {push() {}}", content_type="text/javascript")

    site.page.route("https://undercity.usejimo.com/**", answer)
    open_playground(site)
    assert asked == []
    site.page.get_by_label("Your Jimo project ID").fill("abc-123")
    site.page.get_by_label("Your Jimo project ID").press("Enter")
    site.until(
        "window.JIMO_PROJECT_ID ?? document.querySelector('#stage').contentWindow.JIMO_PROJECT_ID"
    )
    call(site.page, "track")
    site.until(delivered(1))
    assert asked and set(asked) == {"https://undercity.usejimo.com/jimo-invader.js"}
    assert "project=abc-123" in site.page.url
    assert not site.page.locator("#profiles").is_visible()
    assert not site.page.get_by_label("The simulated Jimo").is_visible()
    assert "abc-123" in site.page.locator("#real").inner_text()


def test_wrong_json_is_said_at_the_field_and_nothing_is_sent(site: Site) -> None:
    open_playground(site)
    before = site.status()["events"]["received"]
    site.page.get_by_role("group", name="Method").get_by_text("track").click()
    site.page.get_by_label("Properties").fill("{total: 1}")
    site.page.get_by_role("button", name="Call track").click()
    site.page.locator("#properties-error").get_by_text("not JSON").wait_for()
    assert site.page.get_by_label("Properties").get_attribute("aria-invalid") == "true"
    assert site.status()["events"]["received"] == before


def test_what_cannot_be_loaded_is_named(site: Site) -> None:
    site.server.answers["/cdn/analytics.js/v1/playground"] = lambda _: (404, "text/plain", b"")
    site.page.goto(f"{site.server.url}/")
    site.page.locator("#sentence").get_by_text("analytics.min.js did not load").wait_for()


# Profiles and experiences


def test_an_experience_shows_up_at_once_only_where_a_refetch_is_asked_for(site: Site) -> None:
    card = site.page.frame_locator("#stage").get_by_label("Experience of the Jimo simulator")
    open_playground(site, "?scenario=login", GOOD)
    assert site.run("jimoSimulator.profiles.ada.fetched") == 1
    assert card.count() == 0
    open_playground(site, "?scenario=login&refetch=1", GOOD)
    card.wait_for()
    ada = site.run("jimoSimulator.profiles.ada")
    assert (ada["fetched"], ada["refetched"]) == (2, 1)
    site.page.locator("#profiles").get_by_text("sees the tour").wait_for()
    assert site.run("document.activeElement === document.body")
    card.get_by_role("button").click()
    assert card.count() == 0


def test_without_a_refetch_it_shows_up_when_the_user_is_next_identified(site: Site) -> None:
    open_playground(site, "?scenario=known", GOOD)
    site.page.frame_locator("#stage").get_by_label("Experience of the Jimo simulator").wait_for()
    assert site.run("jimoSimulator.profiles.ada.refetched") == 0


# Boot


def test_the_boot_line_tells_what_was_fetched_and_when(site: Site) -> None:
    open_playground(site, "?scenario=login", GOOD)
    line = site.page.locator("#boot-line").filter(has_text="first command at")
    line.wait_for()
    sizes = json.loads((ROOT / "dist" / "sizes.json").read_text())
    wanted = r"segment-jimo(-start-.*)?\.m?js|micropython-image-.*"
    ours = [size["gzip"] for name, size in sizes.items() if re.fullmatch(wanted, name)]
    total = sum(ours) - sizes["segment-jimo.mjs"]["gzip"]
    assert f"{len(ours) - 1} files of ours, {total / 1000:.0f} kB" in line.inner_text()
    assert site.page.locator("#waterfall tr").count() >= 6
    moments = site.page.locator("#moments li[data-there=true]")
    assert moments.count() == 4


def test_both_runtimes_are_measured_side_by_side(site: Site) -> None:
    open_playground(site)
    site.page.get_by_role("button", name="Measure both").click()
    site.page.get_by_text("Measured.", exact=True).wait_for(timeout=60_000)
    cells = site.page.locator("#runtimes tbody tr").all_inner_texts()
    assert re.match(r"MicroPython\s+1\d\d kB\s+.*s", cells[0])
    assert re.match(r"Pyodide\s+4\.\d MB\s+.*s", cells[1])
    # The page itself has noticed nothing.
    assert (
        site.status()["errors"] == []
        and site.run("document.querySelectorAll('iframe').length") == 1
    )


# Mappings


def edit(site: Site, text: str) -> None:
    site.page.get_by_label("Subscriptions", exact=True).fill(text)


def checked(site: Site) -> None:
    site.until("document.querySelector('#dry-run').dataset.state === 'done'")


def broken(field: str, value: object) -> str:
    """A subscription with one thing in it that is wrong, over several lines."""
    given: dict[str, Any] = {
        "partnerAction": "sendTrackEvent",
        "name": "Purchases",
        "subscribe": 'type = "track"',
        "mapping": {"event_name": {"@path": "$.event"}},
    }
    if field.startswith("mapping."):
        given["mapping"][field.removeprefix("mapping.")] = value
    else:
        given[field] = value
    return json.dumps([given], indent=1)


# A text, where in it the mistake is, and what is said.
MISTAKES = (
    ('[\n  {"name": "a",}\n]', "}", "Expected a key in double quotes, got “}”."),
    ('[\n  {"name": "a}\n]', '"a}', "This text has no closing quote."),
    ('[\n  {"name": 1}\n{', "{", "Expected a comma or ], got “{”."),
    (broken("subscribe", 'type = "track" and (event = "a"'), "(event", "for this parenthesis"),
    (broken("partnerAction", "sendMail"), '"sendMail"', "expected one of sendUserData"),
    (broken("mapping.price", 1), '"price"', "unknown field"),
    (broken("mapping.userId", {"@json": {"mode": "encode"}}), '{\n     "mode"', "the option value"),
)


def test_a_mistake_is_shown_where_it_is(site: Site) -> None:
    open_playground(site)
    editor = site.page.get_by_label("Subscriptions", exact=True)
    for text, wrong, message in MISTAKES:
        at = text.rindex(wrong)
        before = text[:at].split("\n")
        place = (len(before), len(before[-1]) + 1)
        edit(site, text)
        fault = site.page.locator("#faults li").filter(has_text=message)
        fault.wait_for()
        assert fault.get_by_role("button").inner_text() == f"Line {place[0]}, column {place[1]}"
        assert message in site.page.locator("#bubble").inner_text()
        assert site.page.locator("#gutter .wrong").inner_text() == str(place[0])
        assert editor.get_attribute("aria-invalid") == "true"
        fault.get_by_role("button").click()
        assert editor.evaluate("editor => editor.selectionStart") == at
    edit(site, "[]")
    checked(site)
    assert site.page.locator("#faults li").count() == 0


def test_a_dry_run_shows_what_would_be_pushed(site: Site) -> None:
    open_playground(site)
    result = site.page.locator("#dry-run")
    checked(site)
    result.get_by_text("Delivered with one command.").wait_for()
    assert '"segmentio:track"' in result.get_by_label("What is pushed").inner_text()
    # The timestamp is the date that it is in Segment's events.
    assert '"receivedAt": Date 2026' in result.get_by_label("What is pushed").inner_text()
    site.page.get_by_label("Kind of event").select_option("page")
    result.get_by_text("No subscription wants it.").wait_for()
    site.page.get_by_label("Kind of event").select_option("group")
    result.get_by_text("Delivered with one command.").wait_for()
    site.page.get_by_label("Dry run on this event").fill('{"type": "group"}')
    result.get_by_text("missing-field").wait_for()
    # None of it was a command for the visitor's own Jimo.
    assert site.run("jimoSimulator.log.length") == 0


def test_a_refused_subscription_stays_in_the_list_of_the_dry_run(site: Site) -> None:
    open_playground(site)
    given = json.loads(broken("subscribe", 'type = "page"'))
    typo = {"partnerAction": "sendTrackEvent", "name": "Typo", "subscibe": 'type = "track"'}
    edit(site, json.dumps([*given, typo]))
    result = site.page.locator("#dry-run")
    result.get_by_text("No subscription wants it; 1 subscription refused.").wait_for()
    result.locator(".problem").filter(has_text="Typo is refused.").wait_for()


def test_subscriptions_are_applied_and_in_the_address(site: Site) -> None:
    open_playground(site)
    checked(site)
    given = json.loads(site.page.get_by_label("Subscriptions", exact=True).input_value())
    assert [one["partnerAction"] for one in given] == [
        "sendUserData",
        "sendTrackEvent",
        "sendGroupData",
    ]
    given[1]["mapping"]["event_name"] = "Renamed"
    edit(site, json.dumps(given))
    site.page.get_by_role("button", name="Apply to the page").click()
    site.until(LIVE)
    open_playground(site, site.run("location.search"))
    call(site.page, "track")
    site.until(delivered(1))
    assert site.run("jimoSimulator.log.at(-1).command[2][0].event") == "Renamed"
    site.page.get_by_role("button", name="Back to the presets").click()
    site.until("location.search === '?method=track'")
    site.until(LIVE)


def test_what_is_not_json_is_not_applied(site: Site) -> None:
    open_playground(site)
    edit(site, "[")
    site.page.get_by_role("button", name="Apply to the page").click()
    site.page.locator("#applied").get_by_text("Not applied").wait_for()
    assert site.run("location.search") == ""


# The code to copy

CALLS = 'analytics.identify("u1", {plan: "pro"}); analytics.track("one");'
FULL = {
    "manual": "1",
    "refetch": "1",
    "subscriptions": json.dumps(
        [
            {
                "partnerAction": "sendUserData",
                "name": "Users",
                "enabled": True,
                "subscribe": 'type = "identify"',
                "mapping": {
                    "userId": {"@path": "$.userId"},
                    "traits": {"plan": {"@path": "$.traits.plan"}, "none": None},
                },
            },
            {
                "partnerAction": "sendTrackEvent",
                "name": "Tracks",
                "enabled": True,
                "subscribe": 'event = "one"',
                "mapping": {
                    "event_name": {"@template": "<b>{{event}}</b>"},
                    "messageId": {"@path": "$.messageId"},
                    "timestamp": {"@path": "$.timestamp"},
                },
            },
        ]
    ),
}


def stand_in(site: Site) -> None:
    """The hosts that a page of one's own asks, answered from here; Jimo's by the simulator."""
    modules = ROOT / "node_modules"

    def segment(route: Any) -> None:
        if route.request.url.endswith("/settings"):
            route.fulfill(json=SETTINGS)
        else:
            route.fulfill(path=OF_OTHERS["cdn/analytics.js/v1/playground/analytics.min.js"])

    def package(route: Any) -> None:
        name = re.sub(r".*/npm/|(?<=\w)@[\d.-]+(?=/)|[?#].*", "", route.request.url)
        kind = "application/wasm" if name.endswith(".wasm") else "text/javascript"
        route.fulfill(
            path=modules / name, content_type=kind, headers={"Access-Control-Allow-Origin": "*"}
        )

    simulator = ROOT / "web" / "playground" / "simulator.js"
    jimo = "https://undercity.usejimo.com/jimo-invader.js"
    site.page.route(jimo, lambda route: route.fulfill(path=simulator))
    site.page.route("https://cdn.segment.com/**", segment)
    site.page.route("https://cdn.jsdelivr.net/npm/**", package)


def put_into_a_page(site: Site, kind: str, code: str) -> None:
    """Opens a page of one's own with the code that was copied."""
    core = '<script type="module" src="/node_modules/@pyscript/core/dist/core.js"></script>'
    if kind == "tag":
        site.snippet(after=code, calls=CALLS)
    elif kind == "pyscript":
        site.open(f"<script>{SNIPPET}{CALLS}</script>{core}{code}{LIBRARY}")
    elif kind == "segment":
        site.open(f"<script>{SNIPPET}{code}{CALLS}</script>")
    else:
        bundled = subprocess.run(
            [
                ROOT / "node_modules/.bin/esbuild",
                "--bundle",
                "--format=esm",
                "--alias:segment-jimo=./dist/segment-jimo.mjs",
            ],
            cwd=ROOT,
            check=True,
            input=f"{code}\n{CALLS}",
            text=True,
            stdout=subprocess.PIPE,
        ).stdout
        # As `npx segment-jimo copy public/segment-jimo` leaves it.
        site.server.answers["/segment-jimo/"] = lambda path: (
            200,
            "text/javascript" if ".mjs" in path else "application/octet-stream",
            (DIST / path.removeprefix("/segment-jimo/").split("?")[0]).read_bytes(),
        )
        site.server.answers["/bundle.mjs"] = lambda _: (200, "text/javascript", bundled.encode())
        site.open('<script type="module" src="/bundle.mjs"></script>')


@pytest.mark.parametrize("state", ("presets", "everything"))
@pytest.mark.parametrize("kind", ("tag", "npm", "pyscript", "segment"))
def test_code_that_is_copied_works(site: Site, kind: str, state: str) -> None:
    query = urlencode({"code": kind, **(FULL if state == "everything" else {})})
    site.page.goto(f"{site.server.url}/?{query}")
    site.page.get_by_role("tab", selected=True).wait_for()
    copied = site.page.evaluate(
        """new Promise((resolve) => {
          navigator.clipboard.writeText = (text) => Promise.resolve(resolve(text));
          document.querySelector("#copy-code").click();
        })"""
    )
    assert copied == site.page.locator("#embed").text_content()
    site.page.get_by_role("button", name="Copied").wait_for()
    stand_in(site)
    put_into_a_page(site, kind, copied)
    site.until("window.jimoSimulator?.profiles.u1?.tracks.length === 1")
    site.settled(2)
    assert site.status()["errors"] == []
    everything = state == "everything"
    assert site.run("jimoSimulator.projectId") == "YOUR_PROJECT_ID"
    assert site.run("window.JIMO_MANUAL_INIT === true") == everything
    user = site.run(
        "(({email, attributes, refetched}) => [attributes, refetched])(jimoSimulator.profiles.u1)"
    )
    # What a mapping says to be null is null.
    assert user == ([{"plan": "pro", "none": None}, 1] if everything else [{"plan": "pro"}, 0])
    event = site.run("jimoSimulator.profiles.u1.tracks[0].event")
    assert event == ("<b>one</b>" if everything else "one")


# As plain files


@pytest.fixture
def plain_host(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A host of plain files, with the playground in a folder of it, and what it was asked for."""
    copy_playground(tmp_path / "some" / "where")
    asked: list[str] = []

    class Plain(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            asked.append(format % args)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Plain, directory=str(tmp_path)))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/some/where/", asked
    server.shutdown()
    server.server_close()


def test_it_works_as_plain_files_in_a_folder_of_any_host(
    page: Page, plain_host: tuple[str, list[str]]
) -> None:
    url, asked = plain_host
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((url, "about:")) else elsewhere.append(request.url)
        ),
    )
    page.goto(f"{url}?scenario=known")
    page.wait_for_function(GOOD, timeout=60_000)
    page.wait_for_function("document.querySelector('#dry-run').dataset.state === 'done'")
    assert "/some/where/dist/segment-jimo.js" in page.locator("#embed").inner_text()
    assert elsewhere == []
    assert [line for line in asked if not re.match(r'"GET \S+ HTTP/1.\d" (200|304)', line)] == []


# For everybody


def axe_problems(page: Page, root: str = "html") -> list[str]:
    """What axe finds in a part of the page."""
    for frame in page.frames:
        try:
            frame.evaluate(AXE)
        except Error:
            # The frame in which a mapping was tried may be taken away meanwhile.
            if not frame.is_detached():
                raise
    found = page.evaluate(f"axe.run({json.dumps(root)})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("look", ("light", "dark", "phone"))
def test_axe_finds_nothing(browser: Browser, site: Site, look: str) -> None:
    phone = look == "phone"
    page = browser.new_page(
        color_scheme="dark" if look == "dark" else "light",
        viewport={"width": 360 if phone else 1280, "height": 800},
        reduced_motion="reduce",
    )
    page.goto(f"{site.server.url}/?refetch=1")
    page.wait_for_function(LIVE, timeout=60_000)
    for scenario in ("", "login", "mapping"):
        if scenario:
            page.locator(f"[href*='scenario={scenario}']").click()
            here = f"location.search.includes('scenario={scenario}')"
            page.wait_for_function(f"{GOOD} && {here}", timeout=60_000)
        page.wait_for_function("document.querySelector('#dry-run').dataset.state === 'done'")
        page.locator("#events .line").first.click()
        assert axe_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_on_a_phone_a_scenario_leads_to_its_events_and_their_names(
    browser: Browser, site: Site
) -> None:
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{site.server.url}/")
        page.wait_for_function(LIVE, timeout=60_000)
        board = page.locator("#pipeline")
        page.locator("[href*='scenario=login']").click()
        page.wait_for_function(f"{GOOD} && location.search.includes('login')", timeout=60_000)
        top = board.evaluate("one => one.getBoundingClientRect().top")
        assert -100 < top < 400
        line = row(page, "Dashboard Opened")
        for part in ("Dashboard Opened", "Send Track Event", "track"):
            shown = line.get_by_text(part, exact=False).filter(visible=True)
            shown.first.wait_for()


def test_everything_is_reached_by_keyboard_and_the_focus_is_seen(site: Site) -> None:
    open_playground(site, "?scenario=login", GOOD)
    page = site.page
    seen = []
    for _ in range(120):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const it = document.activeElement, box = it.closest(".editor") ?? it;
              const shown = it.matches(".choice input") ? it.nextElementSibling : box;
              const look = getComputedStyle(shown);
              return [it.id || it.className || it.name || it.textContent.trim(),
                it === document.body || it.tagName === "IFRAME" || look.outlineStyle !== "none"];
            }"""
        )
        if here[0] == "copy-code":
            break
        seen.append(here)
    names = [name for name, _ in seen]
    wanted = ("copy-link", "manual", "sdk", "project", "events-box", "line", "send", "stage")
    for name in (*wanted, "next-page", "measure", "subscriptions", "apply", "sample", "tab-tag"):
        assert name in names, (name, names)
    assert [name for name, visible in seen if not visible] == []
    page.get_by_role("link", name="Skip to the pipeline").press("Enter")
    assert page.evaluate("document.activeElement.id") == "pipeline"


def test_the_tabs_of_the_code_go_by_arrow_keys(site: Site) -> None:
    open_playground(site)
    site.page.get_by_role("tab", name="Script tag").press("ArrowRight")
    tab = site.page.get_by_role("tab", name="npm")
    assert tab.get_attribute("aria-selected") == "true"
    assert tab.evaluate("tab => tab === document.activeElement")
    assert "AnalyticsBrowser" in site.page.get_by_role("tabpanel").inner_text()
    assert site.run("location.search") == "?code=npm"


def test_those_who_want_no_motion_get_none(site: Site) -> None:
    site.page.emulate_media(reduced_motion="reduce")
    open_playground(site, "?scenario=anonymous", GOOD)
    assert site.run("document.getAnimations().length") == 0


# Python of one's own

UPPER = """import segment_jimo


def louder(event):
    if event.type == "track":
        return {"event": event.event.upper()}


segment_jimo.attach(middleware=louder)
"""


def program(page: Page, text: str) -> None:
    page.get_by_role("group", name="Rules in").get_by_text("Python", exact=True).click()
    page.get_by_label("Program").fill(text)


@both_runtimes
def test_rules_in_python_are_tried_applied_and_in_the_address(site: Site, runtime: str) -> None:
    open_playground(site, f"?runtime={runtime}")
    program(site.page, UPPER)
    site.page.locator("#dry-run").get_by_text('"ORDER COMPLETED"').first.wait_for()
    site.page.get_by_role("button", name="Run it on the page").click()
    site.until(LIVE)
    site.page.goto("about:blank")
    open_playground(site, f"?{urlencode({'python': UPPER, 'runtime': runtime})}")
    assert site.page.get_by_label("Program").input_value() == UPPER
    call(site.page, "track")
    site.until(delivered(1))
    assert site.run("jimoSimulator.log.at(-1).command[2][0].event") == "ORDER COMPLETED"


def test_an_error_of_python_is_shown_at_its_line(site: Site) -> None:
    open_playground(site)
    for text, line, words in (
        ("import segment_jimo\nsegment_jimo.attach(\n", 3, "SyntaxError"),
        ("import segment_jimo\nsegment_jimo.attach(subscriptions=5)\n", 2, "expected a list"),
        ("import requests\n", 1, "standard library"),
    ):
        program(site.page, text)
        fault = site.page.locator("#program-faults li").filter(has_text=words)
        fault.wait_for()
        assert fault.get_by_role("button").inner_text() == f"Line {line}"
        assert site.page.locator("#program-gutter .wrong").inner_text() == str(line)
    program(site.page, UPPER)
    site.page.locator("#dry-run").get_by_text("ORDER COMPLETED").first.wait_for()
    assert site.page.locator("#program-faults li").count() == 0


@pytest.mark.parametrize("kind", ("tag", "npm", "pyscript", "segment"))
def test_code_with_rules_in_python_works(site: Site, kind: str) -> None:
    site.page.goto(f"{site.server.url}/?{urlencode({'code': kind, 'python': UPPER})}")
    site.page.get_by_role("tab", selected=True).wait_for()
    copied = site.page.locator("#embed").text_content() or ""
    if kind in ("npm", "segment"):
        lines = re.findall(r"^//   ?(.*)$", copied, re.MULTILINE)
        content = "\n".join(lines).encode()
        site.server.answers["/jimo.py"] = lambda _: (200, "text/plain", content)
    stand_in(site)
    put_into_a_page(site, kind, copied)
    site.until("window.jimoSimulator?.profiles.u1?.tracks.length === 1")
    assert site.run("jimoSimulator.profiles.u1.tracks[0].event") == "ONE"
