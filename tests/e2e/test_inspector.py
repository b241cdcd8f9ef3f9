"""The inspector: what it shows of each event on a page, and that the page notices nothing of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route

from tests.e2e.test_playground import GOOD, REASONS, axe_problems, open_playground
from tests.support.outside import static
from tests.support.site import LIBRARY, SNIPPET, STALL, Site, both_runtimes, plain_snippet, tag
from tools.build import DIST

SUBSCRIPTIONS = [
    {"partnerAction": "sendUserData", "name": "Users", "subscribe": 'type = "identify"'},
    {
        "partnerAction": "sendTrackEvent",
        "name": "Big orders",
        "subscribe": 'event = "Order Completed" and properties.total > 100',
    },
    {
        "partnerAction": "sendTrackEvent",
        "name": "Views",
        "subscribe": 'type = "track" and match(event, "*Viewed")',
    },
    {
        "partnerAction": "sendGroupData",
        "name": "Teams",
        "subscribe": 'type = "group"',
        "mapping": {"groupId": {"@path": "$.traits.team"}},
    },
]
GIVEN = f"""<script type="application/json" data-segment-jimo>{
    json.dumps({"subscriptions": SUBSCRIPTIONS})
}</script>"""
SIGNED = '{ integrations: { "Jimo (Actions)": { signature: "5ecret" } } }'
CALLS = f"""
const traits = {{ email: "ada@example.com", plan: "pro", home: {{ city: "Rome" }} }};
analytics.identify("ada", traits, {SIGNED});
analytics.track("Order Completed", {{ total: "150" }});
analytics.track("Pricing Viewed", {{ tab: "teams" }});
analytics.track("Private", {{}}, {{ integrations: {{ All: false }} }});
analytics.group("acme", {{ name: "Acme" }});
"""


def panel(site: Site) -> Locator:
    return site.page.locator("[data-segment-jimo-inspector] .panel")


def row(site: Site, name: str) -> Locator:
    return panel(site).locator(".event").filter(has=site.page.locator(".name", has_text=name))


def open_inspected(site: Site, runtime: str = "micropython", calls: str = CALLS) -> None:
    """Opens a page with the inspector from the beginning."""
    site.snippet(before=GIVEN + tag(runtime=runtime, debug=False, inspector=True), calls="")
    site.goto("/page?segment-jimo=inspect")
    panel(site).wait_for()
    site.run(f"(() => {{ {calls} }})()")


def text_of(locator: Locator) -> str:
    return re.sub(r"\s+", " ", locator.inner_text())


@both_runtimes
def test_each_event_has_a_row_with_what_became_of_it_and_why(site: Site, runtime: str) -> None:
    open_inspected(site, runtime)
    site.settled(4)
    for name, outcome, why in (
        ("ada", "delivered", ""),
        ("Pricing Viewed", "delivered", ""),
        (
            "Order Completed",
            "unmatched",
            'properties.total > 100 is not met: properties.total is "150", '
            "which is text and not a number.",
        ),
        ("Private", "kept back", "Its integrations switch all destinations off"),
        ("acme", "dropped", "field groupId has no value"),
    ):
        end = row(site, name).locator(".end").filter(has_text=re.compile(f"^{outcome}"))
        end.filter(has_text=why).wait_for()
    counts = "4 received = 1 unmatched + 0 held + 2 delivered + 1 dropped"
    assert counts in text_of(panel(site).locator(".summary"))


def test_an_event_that_is_switched_off_has_a_row_also_when_the_panel_is_open_before_analytics_js(
    site: Site,
) -> None:
    asked: list[Route] = []
    site.page.route("**/projects/test/settings", lambda route: asked.append(route))
    open_inspected(site)
    asked[-1].continue_()
    end = row(site, "Private").locator(".end")
    end.filter(has_text="Its integrations switch all destinations off").wait_for()


@both_runtimes
def test_a_row_opens_to_triggers_fields_and_commands(site: Site, runtime: str) -> None:
    open_inspected(site, runtime)
    site.settled(4)
    row(site, "Pricing Viewed").locator(".line").press("Enter")
    way = text_of(row(site, "Pricing Viewed").locator(".way"))
    for part in (
        '"event": "Pricing Viewed"',
        'Views wants it type = "track" and match(event, "*Viewed")',
        'Users does not want it type = "identify" type = "identify" is not met: type is "track".',
        'event_name $.event "Pricing Viewed"',
        'properties $.properties {"tab": "teams"} object',
        'jimo.push([ "do", "segmentio:track"',
    ):
        assert part in way, (part, way)
    row(site, "acme").locator(".line").click()
    missing = row(site, "acme").locator("[data-type=missing]")
    assert text_of(missing) == "groupId $.traits.team nothing, and it is required"


def test_the_head_says_who_how_and_what_to_do(site: Site) -> None:
    open_inspected(site)
    site.settled(4)
    panel(site).get_by_text("Visitor, settings, timings").click()
    head = panel(site).locator(".head")
    # The head is drawn now and then.
    for part in ("Jimo knows", "3 names", "missing-field"):
        head.filter(has_text=part).wait_for()
    text = text_of(head)
    for part in (
        "MicroPython runs Jimo is live",
        "User ID ada",
        "Jimo knows ada",
        "Monthly users not reached",
        "Project p1",
        "3 names: email, plan, home. Jimo does not take the attribute “home”: it is an object.",
        "missing-field Subscription",
        "Check the event or the mapping.",
    ):
        assert part in text, (part, text)
    # The message says what to do. Nothing else in the head says it again.
    assert "What to do" not in text


def test_the_head_counts_the_names_of_attributes_also_when_its_list_was_cleared(
    site: Site,
) -> None:
    open_inspected(site, calls="analytics.identify('ada', { plan: 'pro' });")
    site.settled(1)
    panel(site).get_by_text("Visitor, settings, timings").click()
    entry = panel(site).locator(".head dl div").filter(has_text="Attributes seen")
    entry.filter(has_text="1 name: plan.").wait_for()
    panel(site).get_by_role("button", name="Clear").click()
    # Another user, who has none of these traits.
    site.run("""void analytics.identify("grace", Object.fromEntries(
      Array.from({ length: 16 }, (_, number) => [`key${number}`, number])))""")
    site.settled(2)
    entry.filter(has_text="17 names: plan, key0, key1").wait_for()
    assert text_of(entry).endswith(
        "17 different attributes so far on this page. Jimo keeps each name for good, "
        "and advises 10 to 15."
    )


def test_the_head_says_what_the_events_say_of_consent(site: Site) -> None:
    consent = "{ consent: { categoryPreferences: { Analytics: true, Ads: false } } }"
    open_inspected(site, calls=f"analytics.track('one', {{}}, {consent});")
    site.settled(1)
    panel(site).get_by_text("Visitor, settings, timings").click()
    entry = panel(site).locator(".head dl div").filter(has_text="Consent")
    entry.filter(has_text="Analytics: yes, Ads: no").wait_for()


def test_what_was_before_the_inspector_is_named_as_far_as_it_is_known(site: Site) -> None:
    site.snippet(before=tag(debug=False, sdk_url=STALL), calls='analytics.track("one");')
    site.until("segmentJimo.status().sdk === 'loading'")
    site.run("segmentJimo.inspect()")
    # Held, so its content is still there.
    row(site, "one").locator(".end", has_text="Jimo is starting").wait_for()
    row(site, "one").locator(".line").click()
    assert "Send Track Event wants it" in text_of(row(site, "one").locator(".way"))
    site.run("segmentJimo.inspect().close()")
    site.server.stalled.set()
    site.settled(1)
    site.run("segmentJimo.inspect()")
    row(site, "one").locator(".line").click()
    assert "came before the inspector was open" in text_of(row(site, "one").locator(".way"))


def test_an_event_of_the_page_before_is_as_old_as_it_is(site: Site) -> None:
    before = tag(debug=False, sdk_url=STALL, inspector=True)
    site.snippet(before=before, calls='analytics.track("one");')
    site.until("segmentJimo.status().events.held === 1")
    site.until("performance.now() > 2500")
    site.snippet(before=before, calls='analytics.track("two");', path="/next")
    site.goto("/next?segment-jimo=inspect")
    row(site, "one").first.wait_for()
    row(site, "two").first.wait_for()
    # In seconds, beside how long this page has been there.
    ages = """["one", "two"].map((name) => {
      const rows = document.querySelector("[data-segment-jimo-inspector]").shadowRoot
        .querySelectorAll(".event");
      const row = [...rows].find((one) => one.querySelector(".name").textContent === name);
      return parseInt(row.querySelector("small").textContent) * 1000 > performance.now();
    })"""
    site.until(f"({ages})[0]")
    assert site.run(ages) == [True, False]
    site.server.stalled.set()
    site.until("segmentJimo.status().events.delivered > 1")
    end = row(site, "one").locator(".end", has_text=re.compile("^delivered"))
    end.filter(has_text=re.compile("It waited .*for the next page.")).wait_for()


def test_it_filters_and_clears(site: Site) -> None:
    open_inspected(site)
    site.settled(4)
    events = panel(site).locator(".event:visible")
    row(site, "acme").locator(".end", has_text="dropped").wait_for()
    row(site, "Private").wait_for()
    panel(site).get_by_label("Filter").fill("track")
    assert events.count() == 3
    panel(site).get_by_label("Outcome").select_option("delivered")
    assert events.count() == 1
    panel(site).get_by_label("Filter").fill("nothing like it")
    panel(site).get_by_text("No event fits the filter.").wait_for()
    panel(site).get_by_label("Filter").fill("")
    panel(site).get_by_label("Outcome").select_option("all")
    panel(site).get_by_role("button", name="Clear").click()
    site.run("analytics.track('Docs Viewed')")
    row(site, "Docs Viewed").wait_for()
    assert row(site, "Pricing Viewed").locator(".way pre").count() == 0


def copied(site: Site, button: Locator) -> str:
    """What a button puts on the clipboard."""
    site.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    button.click()
    site.until("window.copied")
    text: str = site.run("window.copied")
    return text


def test_a_report_has_no_value_and_no_signature_in_it(site: Site) -> None:
    open_inspected(site)
    site.settled(4)
    row(site, "acme").locator(".end", has_text="dropped").wait_for()
    row(site, "Private").locator(".end", has_text="kept back").wait_for()
    report = copied(site, panel(site).get_by_role("button", name="Copy a report"))
    for secret in ("ada", "Rome", "5ecret", "Acme", "teams", "Pricing Viewed"):
        assert secret not in report.replace('match(event, \\"*Viewed\\")', ""), secret
    events = json.loads(report)["events"]
    assert {event["outcome"] for event in events} == {
        "delivered",
        "unmatched",
        "dropped",
        "kept back",
    }
    assert ["do", "identify", ["(text)", "callback", "(text)"]] in events[0]["commands"]


def test_an_event_is_copied_as_a_test_case_with_the_signature_masked(site: Site) -> None:
    open_inspected(site)
    site.settled(4)
    row(site, "ada").locator(".line").click()
    button = row(site, "ada").get_by_role("button", name="Copy as a test case")
    (event,) = json.loads(copied(site, button))
    assert (event["type"], event["userId"]) == ("identify", "ada")
    assert event["integrations"]["Jimo (Actions)"] == {"signature": "(signature)"}
    assert "5ecret" not in text_of(row(site, "ada").locator(".way"))


@both_runtimes
def test_an_event_is_tried_with_changes_and_nothing_is_sent(site: Site, runtime: str) -> None:
    open_inspected(site, runtime)
    site.settled(4)
    before = site.log()
    order = row(site, "Order Completed")
    order.locator(".line").click()
    order.get_by_role("button", name="Try it with changes").click()
    area = order.get_by_label("Event to try, as JSON")
    area.fill(area.input_value().replace('"150"', "150"))
    order.get_by_role("button", name="Try it", exact=True).click()
    order.locator(".verdict", has_text="delivered with 1 command").wait_for()
    assert '"total": 150' in order.get_by_label("What would be pushed").inner_text()
    area.fill("{")
    order.get_by_role("button", name="Try it", exact=True).click()
    order.get_by_text("This is not JSON").wait_for()
    assert site.log() == before and site.status()["events"]["received"] == 4


@pytest.mark.parametrize("name", REASONS)
@both_runtimes
def test_a_scenario_of_the_playground_is_read_from_the_inspector_alone(
    site: Site, runtime: str, name: str
) -> None:
    site.page.add_init_script(
        """if (parent !== window) {
          const timer = setInterval(() => {
            if (!window.segmentJimo) return;
            clearInterval(timer);
            segmentJimo.inspect();
          }, 1);
        }"""
    )
    open_playground(site, f"?scenario={name}&runtime={runtime}", GOOD)
    event, outcome, reason = REASONS[name]
    frame = site.page.frame_locator("#stage")
    line = frame.locator("[data-segment-jimo-inspector] .event", has_text=event).last
    line.locator(".end", has_text=re.compile(f"^{outcome}.*{reason}")).wait_for()


# What the page notices of it


def test_the_address_opens_it_only_where_the_tag_allows_that(site: Site) -> None:
    for address in ("/page?segment-jimo=inspect", "/page#segment-jimo=inspect"):
        site.snippet(before=tag(debug=False), calls="analytics.page();")
        site.settled(1)
        site.goto(address)
        site.settled(1)
        # A change of the hash alone loads nothing.
        site.page.reload()
        site.settled(1)
        assert site.page.locator("[data-segment-jimo-inspector]").count() == 0
    assert not any("inspector" in path or "tools" in path for path in site.server.requests)
    site.snippet(before=tag(debug=False, inspector=True), calls="analytics.page();")
    site.settled(1)
    site.goto("/page?a=1#b&segment-jimo=inspect")
    panel(site).wait_for()
    # What is held here would be one more event of the next page.
    site.settled(1)
    site.goto("/page?segment-jimo=inspection")
    site.settled(1)
    assert panel(site).count() == 0


def test_it_works_under_the_strictest_policy_with_trusted_types(site: Site) -> None:
    logged: list[str] = []
    site.page.on("console", lambda message: logged.append(message.text))
    site.server.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
        "require-trusted-types-for 'script'; trusted-types segment-jimo"
    )
    code = f"""{plain_snippet()};analytics._writeKey = "test";
      analytics._cdn = location.origin + "/cdn";
      analytics._loadOptions = {{integrations: {{"Segment.io": false}}}};
      analytics.track("one");"""
    site.server.answers["/snippet.js"] = lambda _: (200, "text/javascript", code.encode())
    ours = tag(debug=False, inspector=True)
    site.open(f'{ours}<script src="/snippet.js"></script>{LIBRARY}')
    site.goto("/page?segment-jimo=inspect")
    panel(site).wait_for()
    site.run("void analytics.track('two')")
    row(site, "two").locator(".end", has_text="delivered").wait_for()
    row(site, "two").locator(".line").click()
    assert "jimo.push" in text_of(row(site, "two").locator(".way"))
    # Its style has been taken.
    assert panel(site).evaluate("one => getComputedStyle(one).position") == "fixed"
    assert [line for line in logged if "Content Security Policy" in line] == []


COUNT = """[document.documentElement.childElementCount, document.querySelectorAll("*").length,
  Object.keys(window).length, document.documentElement.scrollHeight, document.body.clientWidth]"""


def test_opened_and_closed_ten_times_it_leaves_nothing_behind(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls='analytics.track("one");')
    site.settled(1)
    session = site.page.context.new_cdp_session(site.page)
    session.send("HeapProfiler.enable")

    def counters() -> dict[str, Any]:
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
            site.page.wait_for_timeout(50)
        found: dict[str, Any] = session.send("Memory.getDOMCounters")
        return found

    open_ten_times = """(async () => {
      for (let times = 0; times < 10; times++) {
        const panel = await segmentJimo.inspect();
        analytics.track("again");
        await new Promise((resolve) => setTimeout(resolve, 60));
        panel.close();
      }
    })()"""
    site.run(open_ten_times)
    before = (site.run(COUNT), counters())
    site.run(open_ten_times)
    after = (site.run(COUNT), counters())
    assert after[0] == before[0]
    assert after[1]["nodes"] <= before[1]["nodes"] + 5
    assert after[1]["jsEventListeners"] <= before[1]["jsEventListeners"]
    assert site.page.locator("[data-segment-jimo-inspector]").count() == 0


def test_it_moves_nothing_of_the_page_and_no_style_of_the_page_moves_it(site: Site) -> None:
    style = "<style>div { display: none !important; position: static } * { color: red }</style>"
    site.snippet(before=style + tag(debug=False), calls="analytics.page();")
    site.settled(1)
    # What Jimo itself adds to the page is there.
    site.until("segmentJimo.status().sdk === 'live'")
    before = site.run(COUNT)
    site.run("segmentJimo.inspect()")
    panel(site).wait_for()
    after = site.run(COUNT)
    assert after[2:] == before[2:]
    assert panel(site).evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"


def test_the_page_does_not_hear_what_is_typed_into_it(site: Site) -> None:
    heard = """window.heard = 0;
      for (const name of ["keydown", "input", "click"]) addEventListener(name, () => heard++);"""
    site.snippet(before=f"<script>{heard}</script>{tag(debug=False)}", calls="")
    site.until("window.segmentJimo")
    site.run("segmentJimo.inspect()")
    panel(site).get_by_label("Filter").press_sequentially("abc")
    panel(site).get_by_role("button", name="Clear").click()
    assert site.run("heard") == 0


def test_it_is_moved_collapsed_and_closed_by_keyboard(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls="")
    site.until("window.segmentJimo")
    site.run("window.opened = segmentJimo.inspect(); undefined")
    panel(site).wait_for()
    start = panel(site).bounding_box()
    assert start
    panel(site).get_by_role("button", name="Move").press("ArrowLeft")
    panel(site).get_by_role("button", name="Move").press("ArrowUp")
    moved = panel(site).bounding_box()
    assert moved
    assert (round(start["x"] - moved["x"]), round(start["y"] - moved["y"])) == (32, 32)
    panel(site).get_by_role("button", name="Collapse").press("Enter")
    fold = panel(site).get_by_role("button", name="Expand")
    assert fold.get_attribute("aria-expanded") == "false"
    assert not panel(site).get_by_label("Filter").is_visible()
    # The same panel, not another one.
    assert site.run("segmentJimo.inspect().then((one) => opened.then((two) => one === two))")
    panel(site).get_by_role("button", name="Close").press("Enter")
    assert panel(site).count() == 0


def test_it_is_dragged_by_its_title(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls="")
    site.until("window.segmentJimo")
    site.run("segmentJimo.inspect()")
    title = panel(site).get_by_role("heading")
    box = title.bounding_box()
    start = panel(site).bounding_box()
    assert box and start
    site.page.mouse.move(box["x"] + 20, box["y"] + 10)
    site.page.mouse.down()
    site.page.mouse.move(box["x"] - 80, box["y"] - 40)
    site.page.mouse.up()
    moved = panel(site).bounding_box()
    assert moved
    assert (round(start["x"] - moved["x"]), round(start["y"] - moved["y"])) == (100, 50)


@pytest.mark.parametrize("kind", ("light", "dark", "phone"))
def test_axe_finds_nothing_in_it(browser: Browser, site: Site, kind: str) -> None:
    phone = kind == "phone"
    with browser.new_context(
        color_scheme="dark" if kind == "dark" else "light",
        viewport={"width": 360 if phone else 1280, "height": 800},
    ) as context:
        page = context.new_page()
        inspected = Site(page, site.server)
        open_inspected(inspected)
        inspected.settled(4)
        row(inspected, "acme").locator(".end", has_text="dropped").wait_for()
        panel(inspected).get_by_text("Visitor, settings, timings").click()
        for name in ("ada", "acme", "Order Completed"):
            row(inspected, name).locator(".line").click()
        order = row(inspected, "Order Completed")
        order.get_by_role("button", name="Try it with changes").click()
        order.get_by_role("button", name="Try it", exact=True).click()
        order.locator(".verdict").wait_for()
        assert axe_problems(page, "[data-segment-jimo-inspector]") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = panel(inspected).bounding_box()
        assert box and box["width"] <= page.viewport_size["width"]  # type: ignore[index]


# Doctor


def finding(page: Page, *words: str) -> None:
    found = page.locator("[data-segment-jimo-inspector] .findings li")
    for word in words:
        found = found.filter(has_text=word)
    found.first.wait_for()


def test_what_a_policy_stops_is_turned_into_the_directive_to_add(site: Site) -> None:
    site.server.headers["Content-Security-Policy"] = (
        "script-src 'self' 'unsafe-inline'; connect-src 'self'"
    )
    site.open(
        f"{tag(debug=False, inspector=True, sdk_url='https://undercity.usejimo.com/jimo-invader.js')}"
        f"<script>{SNIPPET}analytics.track('one');</script>{LIBRARY}"
    )
    site.goto("/page?segment-jimo=inspect")
    finding(site.page, "WebAssembly", "Add to the policy: script-src 'wasm-unsafe-eval'")
    finding(site.page, "jimo-invader.js", "script-src https://undercity.usejimo.com")


def test_a_script_that_does_not_come_is_told_with_what_blocks_it(site: Site) -> None:
    blocked = "http://127.0.0.1:9/jimo-invader.js"
    site.snippet(
        before=tag(debug=False, sdk_url=blocked, inspector=True), calls='analytics.track("one");'
    )
    site.goto("/page?segment-jimo=inspect")
    finding(site.page, "127.0.0.1:9", "An ad blocker may be the cause")
    missing = "/web/playground/simulator.js?answer=404"
    site.snippet(
        before=tag(debug=False, sdk_url=missing, inspector=True), calls='analytics.track("one");'
    )
    site.goto("/page?segment-jimo=inspect")
    finding(site.page, "answer=404", "The server answers 404")


def test_a_file_that_its_server_lets_nobody_read_is_told_with_the_header(
    site: Site, tmp_path: Path
) -> None:
    (tmp_path / "jimo.py").write_text("import segment_jimo\nsegment_jimo.attach()\n")
    with static(tmp_path) as other:
        site.page.route(f"{other}/**", lambda route: route.continue_())
        site.snippet(before=tag(debug=False, python=f"{other}/jimo.py", inspector=True))
        site.goto("/page?segment-jimo=inspect")
        finding(site.page, f"{other}/jimo.py", "Send that header (CORS)")


def test_a_page_in_the_place_of_a_file_is_told(site: Site) -> None:
    (image,) = DIST.glob("micropython-image-*.wasm")
    log_in = (200, "text/html", b"<!doctype html><title>Log in</title>")
    for path in (f"/dist/{image.name}", "/web/playground/simulator.js"):
        site.server.answers = {path: lambda _: log_in}
        # A browser runs HTML as a script otherwise.
        site.server.headers["X-Content-Type-Options"] = "nosniff"
        site.snippet(
            before=tag(debug=False, inspector=True), calls='analytics.track("one");', path="/in"
        )
        site.goto("/in?segment-jimo=inspect")
        finding(site.page, path, "sends a page (text/html) instead of the file")


def test_a_script_of_another_type_is_told(site: Site) -> None:
    site.server.headers["X-Content-Type-Options"] = "nosniff"
    path = "/web/playground/simulator.js"
    site.server.answers[path] = lambda _: (200, "text/plain", b"window.jimo = {}")
    site.snippet(before=tag(debug=False, inspector=True), calls='analytics.track("one");')
    site.goto("/page?segment-jimo=inspect")
    finding(site.page, path, "sends it as text/plain. Send it as text/javascript.")
