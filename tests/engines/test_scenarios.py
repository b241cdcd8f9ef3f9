"""What has to be the same in every engine; the tests' names are the rows of docs/engines.md."""

from threading import Event

import pytest

from tests.e2e.test_page import OTHER
from tests.e2e.test_rest import BESIDE as RARELY
from tests.e2e.test_rest import fetched
from tests.support.site import (
    AFTER_A_RESET,
    LIBRARY,
    NEEDS_FRAME,
    SNIPPET,
    both_runtimes,
    pyscript,
    tag,
)
from tools.serve import Answer

from .conftest import EngineSite

BIG = 1764000000000
# Everything that a page with this destination must allow, and nothing else: no 'unsafe-eval'.
POLICY = (
    "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'; "
    "connect-src 'self'; require-trusted-types-for 'script'; "
    "trusted-types segment-jimo test-page"
)
WASM = {"micropython": "/dist/micropython-", "pyodide": "/dist/pyodide-"}
ADDRESS = "/cdn/analytics.js/v1/test/analytics.min.js"
SIMULATOR = "/web/playground/simulator.js"
WAITED: Answer = (0, "", b"")
GONE: Answer = (404, "text/plain", b"")
READY = "window.analytics.initialized && segmentJimo.status().sdk === 'live'"


def hold(site: EngineSite, prefix: str) -> Event:
    """Lets what begins with a prefix wait until the event is set."""
    gate = Event()
    site.server.answers[prefix] = lambda _: WAITED if gate.wait(300) else GONE
    return gate


def miss(site: EngineSite, prefix: str) -> None:
    """Lets what begins with a prefix answer 404."""
    site.server.answers[prefix] = lambda _: GONE


@both_runtimes
@pytest.mark.parametrize("place", ("before", "after"))
def test_the_script_stands_before_or_after_the_snippet(
    site: EngineSite, runtime: str, place: str
) -> None:
    site.snippet(
        calls='analytics.identify("u1", {email: "a@b.c", plan: "pro"});analytics.track("one");',
        **{place: tag(runtime=runtime)},
    )
    site.until("window.segmentJimo?.status().events.received === 2")
    site.do('analytics.track("two"); analytics.group("g1", {size: 3});')
    status = site.settled(4)
    assert status["state"] == "running" and status["runtime"] == runtime and status["sdk"] == "live"
    assert status["errors"] == []
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:email "a@b.c" @u1',
        'set user:attributes {"email":"a@b.c","plan":"pro"} @u1',
        "do segmentio:track one @u1",
        "do segmentio:track two @u1",
        "set user:group g1 @u1",
    ]


@pytest.mark.parametrize(("before", "frames"), (("", 0), (NEEDS_FRAME, 1)), ids=("own", "changed"))
def test_micropython_has_a_frame_only_where_a_script_has_changed_what_it_needs(
    site: EngineSite, before: str, frames: int
) -> None:
    site.snippet(before=before + tag(), calls='analytics.identify("u1"); analytics.track("one");')
    assert site.settled(2)["errors"] == []
    assert site.run("document.querySelectorAll('iframe').length") == frames


def test_the_second_file_of_micropython_is_fetched_when_needed_and_nothing_is_lost(
    site: EngineSite,
) -> None:
    site.snippet(before=RARELY + tag(), calls='analytics.track("one"); analytics.track("two");')
    assert site.settled(2)["errors"] == []
    assert site.log() == ["do segmentio:track one @anonymous", "do segmentio:track two @anonymous"]
    assert fetched(site) == 1


@both_runtimes
def test_events_from_before_analytics_js_before_python_and_before_jimo_keep_their_order(
    site: EngineSite, runtime: str
) -> None:
    python, jimo = hold(site, WASM[runtime]), hold(site, SIMULATOR)
    site.open(
        f'{tag(runtime=runtime)}<script>{SNIPPET}analytics.track("before analytics.js");</script>'
    )
    site.do(
        f"""const script = document.createElement("script");
        script.dataset.globalSegmentAnalyticsKey = "analytics";
        script.src = "{ADDRESS}";
        document.head.append(script);"""
    )
    site.until("segmentJimo.status().events.held === 1 && window.analytics.initialized")
    site.do('analytics.group("before Python");')
    site.until("segmentJimo.status().events.held === 2")
    assert site.status()["state"] == "booting"
    python.set()
    site.until("segmentJimo.status().state === 'running' && segmentJimo.status().sdk === 'loading'")
    site.do('analytics.track("before Jimo");')
    site.until("segmentJimo.status().events.held === 3")
    jimo.set()
    assert site.settled(3)["errors"] == []
    assert site.log() == [
        "do segmentio:track before analytics.js @anonymous",
        "set user:group before Python @anonymous",
        "do segmentio:track before Jimo @anonymous",
    ]


@both_runtimes
def test_identified_only_fetches_nothing_before_a_user_then_identifies_first(
    site: EngineSite, runtime: str
) -> None:
    site.snippet(
        before=tag(runtime=runtime, manual_init=True, debug=False),
        calls='analytics.track("one"); analytics.page();',
    )
    site.until("segmentJimo.status().events.received === 2")
    assert site.run("[segmentJimo.initialized, 'jimo' in window]") == [False, False]
    assert site.status()["state"] == "waiting"
    ours = [path for path in site.server.requests if "/dist/" in path or SIMULATOR in path]
    assert ours == ["/dist/segment-jimo.js"]
    site.do('analytics.identify("u1", {email: "a@b.c"}); analytics.track("two");')
    assert site.settled(4)["events"]["delivered"] == 3
    assert site.run("segmentJimo.initialized") is True
    assert site.log() == [
        'do identify "u1" @anonymous',
        "do segmentio:track one @u1",
        'set user:email "a@b.c" @u1',
        'set user:attributes {"email":"a@b.c"} @u1',
        "do segmentio:track two @u1",
    ]


@both_runtimes
@pytest.mark.parametrize("manual", (False, True))
def test_what_is_asked_for_ahead_is_used_so_no_engine_warns_of_it(
    site: EngineSite, runtime: str, manual: bool
) -> None:
    site.snippet(before=tag(runtime=runtime, manual_init=manual), calls='analytics.identify("u1");')
    site.settled(1)
    unused = """[...document.querySelectorAll("link[rel=preload], link[rel=modulepreload]")]
        .map(({ href }) => href)
        .filter((href) => ![...document.scripts].some(({ src }) => src === href))"""
    assert site.run(unused) == []


@both_runtimes
def test_two_users_in_a_row_get_only_their_own_traits(site: EngineSite, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=f"{SIMULATOR}?boot=30&identify=200"))
    site.until(READY)
    site.do(
        """analytics.identify("u1", {plan: "pro"}); analytics.track("mine");
        analytics.identify("u2", {plan: "free"});"""
    )
    site.settled(3)
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:attributes {"plan":"pro"} @u1',
        "do segmentio:track mine @u1",
        'do identify "u2" @u1',
        'set user:attributes {"plan":"free"} @u2',
    ]


@both_runtimes
def test_after_a_reset_the_open_identify_writes_nothing(site: EngineSite, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=f"{SIMULATOR}?boot=30&identify=300"))
    site.until(READY)
    site.do('analytics.identify("u1", {plan: "pro"});')
    site.until("jimoSimulator.log.length === 1")
    site.do("analytics.reset();")
    site.settled(1)
    site.until("jimoSimulator.active === 'u1'")
    site.do('analytics.track("after");')
    assert site.settled(2)["events"]["dropped"] == 1
    assert site.log() == ['do identify "u1" @anonymous', "do segmentio:track after @u1"]


@both_runtimes
def test_values_pass_by_reference(site: EngineSite, runtime: str) -> None:
    # The page's own script makes them: a driver's would be of another realm in Firefox.
    send = f"""function send() {{
        window.sent = {{ when: new Date(5), big: {BIG}, none: null,
            z: 1, a: {{ deep: [new Date(6)] }} }};
        analytics.track("t", sent);
        analytics.group("g");
    }}
    function found() {{
        const [[track], group] = jimoSimulator.log.map(({{ command }}) => command[2]);
        const {{ properties, timestamp, receivedAt }} = track;
        return {{
            same: properties === sent || properties.when === sent.when,
            date: properties.when instanceof Date && properties.a.deep[0].getTime(),
            big: properties.big, none: properties.none,
            keys: Object.keys(properties).join(),
            timestamp: timestamp instanceof Date && timestamp === receivedAt,
            userId: "userId" in track, group,
        }};
    }}"""
    site.snippet(before=tag(runtime=runtime), calls=send)
    site.until(READY)
    site.do("send();")
    site.settled(2)
    assert site.run("found()") == {
        "same": True,
        "date": 6,
        "big": BIG,
        "none": None,
        "keys": "when,big,none,z,a",
        "timestamp": True,
        "userId": False,
        "group": [{"groupId": "g", "traits": {}}, {"fromSegment": True}],
    }


def test_a_jimo_that_answers_404_heals(site: EngineSite) -> None:
    miss(site, SIMULATOR)
    site.snippet(before=tag(), calls='analytics.identify("u1"); analytics.track("one");')
    site.until("segmentJimo.status().errors[0]?.code === 'sdk-failed'")
    del site.server.answers[SIMULATOR]
    site.do("dispatchEvent(new Event('online'));")
    site.settled(2)
    assert site.log()[-1] == "do segmentio:track one @u1"
    assert site.run("jimoSimulator.loads") == 1


@both_runtimes
def test_a_python_that_answers_404_heals_and_nobody_else_notices(
    site: EngineSite, runtime: str
) -> None:
    miss(site, WASM[runtime])
    site.snippet(before=tag(runtime=runtime), calls=OTHER)
    site.until("segmentJimo.status().state === 'failed' && window.isReady")
    status = site.status()
    assert [error["code"] for error in status["errors"]] == ["boot-failed"]
    assert status["events"]["held"] == 1
    assert site.run("other") == ["one"]
    del site.server.answers[WASM[runtime]]
    site.do('analytics.track("two");')
    site.settled(2)
    assert site.log() == [
        "do segmentio:track one @anonymous",
        "do segmentio:track two @anonymous",
    ]


def test_our_own_script_that_answers_404_heals(site: EngineSite) -> None:
    miss(site, "/dist/segment-jimo-start-")
    miss(site, "/dist/segment-jimo-tools-")
    site.snippet(before=tag(debug=False), calls='analytics.track("one");')
    site.until("segmentJimo.status().state === 'failed'")
    del site.server.answers["/dist/segment-jimo-start-"]
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
    explain = (
        "segmentJimo.explain({ type: 'track', event: 'e' }).then((found) => (window.found = found))"
    )
    site.do(f"{explain}.then(() => (window.answered = true));")
    site.until("window.answered && !window.found")
    del site.server.answers["/dist/segment-jimo-tools-"]
    site.do(f"{explain};")
    site.until("!!window.found")


@both_runtimes
def test_a_policy_without_wasm_is_a_named_error(site: EngineSite, runtime: str) -> None:
    site.server.headers["Content-Security-Policy"] = "script-src 'self' 'unsafe-inline'"
    site.snippet(before=tag(runtime=runtime), calls=OTHER)
    site.until("segmentJimo.status().state === 'failed' && window.isReady")
    (error,) = site.status()["errors"]
    assert error["code"] == "boot-failed"
    assert "wasm" in error["message"].lower() or "webassembly" in error["message"].lower()
    assert site.run("other") == ["one"]


@both_runtimes
def test_it_works_under_a_strict_policy_with_nonce_and_trusted_types(
    site: EngineSite, runtime: str
) -> None:
    site.server.headers["Content-Security-Policy"] = POLICY
    blocked = (
        "<script>window.blocked = []; addEventListener('securitypolicyviolation',"
        " ({ effectiveDirective: what, blockedURI }) => {"
        # Some engines tell of their own wish for an icon.
        " if (what !== 'img-src') blocked.push([what, blockedURI]); });</script>"
    )
    html = (
        f"{blocked}{tag(runtime=runtime)}<script>{SNIPPET}analytics.track('one');</script>{LIBRARY}"
    )
    site.open(
        html.replace("<script ", '<script nonce="abc" ').replace("<script>", '<script nonce="abc">')
    )
    status = site.settled(1)
    assert (status["errors"], site.run("blocked")) == ([], [])
    assert site.log() == ["do segmentio:track one @anonymous"]


@both_runtimes
def test_what_was_held_comes_first_on_the_next_page_with_its_dates(
    site: EngineSite, runtime: str
) -> None:
    ours = tag(runtime=runtime, manual_init=True)
    send = """function send() {
        analytics.track("one", {when: new Date(5), text: "\\u0001", list: [1, [new Date(6)]]});
        analytics.track("lost", {work: () => 10});
        analytics.page();
    }"""
    site.snippet(before=ours, calls=send)
    site.until("window.analytics.initialized")
    site.do("send();")
    site.until("segmentJimo.status().events.received === 3")
    site.snippet(
        before=ours,
        calls="""analytics.identify("u1");
        function found() {
            const { timestamp, properties } = jimoSimulator.log[1].command[2][0];
            const { when, text, list } = properties;
            return [timestamp instanceof Date, when.getTime(), text, list[1][0].getTime()];
        }""",
    )
    status = site.settled(4)
    assert site.log() == [
        'do identify "u1" @anonymous',
        "do segmentio:track one @u1",
        "set user:attributes {} @u1",
    ]
    assert (status["events"]["unmatched"], status["events"]["dropped"]) == (1, 1)
    assert [error["code"] for error in status["errors"]] == ["not-kept"]
    assert site.run("found()") == [True, 5, "\u0001", 6]
    assert site.run("Object.keys(sessionStorage)") == []


@both_runtimes
def test_a_page_that_comes_back_does_not_deliver_what_the_next_page_has(
    site: EngineSite, runtime: str
) -> None:
    ours = tag(runtime=runtime, manual_init=True)
    # A page that is not loaded, or has an open request, is not kept; one for an icon would be.
    icon = '<link rel="icon" href="data:,">'
    # By a script of the page: in Firefox a listener of the driver's hears nothing of it.
    count = """<script>window.returns = 0;
        addEventListener("pageshow", ({ persisted }) => { if (persisted) returns++; });</script>"""
    site.snippet(before=icon + count + ours, calls='analytics.track("one");', path="/first")
    site.until("segmentJimo.status().events.held === 1")
    site.until("performance.getEntriesByType('resource').some(({name}) => name.includes('/api/'))")
    site.until("document.readyState === 'complete'")

    # To a page without us and back: it stays where it is, until a page runs Python.
    site.open("", path="/elsewhere")
    assert site.run("sessionStorage.length") == 1
    site.engine.back()
    site.until("window.returns === 1")
    assert site.status()["events"]["received"] == 0
    assert site.run("sessionStorage.length") == 1

    # To a page that takes it over and delivers it.
    site.snippet(before=ours, calls='analytics.identify("u1");', path="/next")
    site.settled(2)
    assert site.log()[1] == "do segmentio:track one @u1"
    site.engine.back()
    site.until("window.returns === 2")
    assert site.status()["events"]["received"] == 0
    site.do('analytics.track("two");')
    site.settled(1)
    assert site.log() == ['do identify "u1" @anonymous', "do segmentio:track two @u1"]


def test_deregister_takes_everything_back(site: EngineSite) -> None:
    site.snippet(before=tag(), calls='analytics.track("one");')
    site.settled(1)
    site.until("window.analytics.initialized")
    site.do('analytics.deregister("Jimo (Actions)");')
    site.until("!('segmentJimo' in window) && !document.querySelector('iframe')")


KEEP_PLUGIN = """analytics.ready(() => { window.plugin = analytics.queue.plugins.find(
  ({ name }) => name === "Jimo (Actions)"); });"""


@pytest.mark.parametrize("manual", (False, True))
@both_runtimes
def test_jimo_ends_when_deregistered_and_starts_as_new_when_registered_again(
    site: EngineSite, runtime: str, manual: bool
) -> None:
    site.snippet(
        before=tag(runtime=runtime, manual_init=manual),
        calls=KEEP_PLUGIN + 'analytics.identify("u1");',
    )
    site.settled(1)
    site.until("!!window.plugin")
    site.do('analytics.deregister("Jimo (Actions)");')
    site.until("!window.segmentJimo && !document.querySelector('iframe')")
    assert site.run("[jimoSimulator.kills, jimoSimulator.live]") == [1, False]
    site.do("analytics.register(plugin).then(() => analytics.track('again'));")
    site.until("window.segmentJimo?.status().events.delivered === 2")
    assert site.run("[jimoSimulator.kills, jimoSimulator.live]") == [1, True]
    assert site.log()[-1].startswith("do segmentio:track again")


@pytest.mark.parametrize("manual", (False, True))
@both_runtimes
def test_a_reset_ends_jimo_and_what_comes_next_starts_it_as_new(
    site: EngineSite, runtime: str, manual: bool
) -> None:
    site.snippet(
        before=tag(runtime=runtime, manual_init=manual, kill_on_reset=True),
        calls='analytics.identify("u1", { plan: "pro" });',
    )
    site.settled(1)
    site.do("analytics.track('last').then(() => analytics.reset());")
    site.until("jimoSimulator.kills === 1")
    assert site.run("[jimoSimulator.live, segmentJimo.status().sdk]") == [False, "none"]
    site.do("analytics.identify('u2', { plan: 'free' }); analytics.track('first');")
    assert site.settled(4)["errors"] == []
    assert [line.split(" @")[0] for line in site.log()] == AFTER_A_RESET


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_python_of_the_page_attaches_itself(site: EngineSite, kind: str) -> None:
    code = """
from segment_jimo import SEND_TRACK_EVENT, Subscription, attach

def shout(event):
    return {
        "messageId": event.messageId,
        "timestamp": event.timestamp,
        "event_name": event.event.upper(),
        "properties": event.properties,
    }

attach(
    subscriptions=[
        Subscription(
            SEND_TRACK_EVENT, trigger=lambda event: event.event == "one", mapping=shout
        ),
    ]
)
"""
    site.open(
        f"{tag(runtime='page')}<script>{SNIPPET}"
        f'analytics.track("one", {{big: {BIG}}}); analytics.track("two");</script>{LIBRARY}',
        pyscript(kind, code),
    )
    status = site.settled(2)
    assert (status["runtime"], status["errors"]) == ("page", [])
    assert site.log() == ["do segmentio:track ONE @anonymous"]
    assert site.run("jimoSimulator.log[0].command[2][0].properties.big") == BIG


def test_the_pages_own_micropython_is_left_alone(site: EngineSite) -> None:
    site.snippet(
        before=tag(),
        after=pyscript("mpy", "import js; js.document.title = 'theirs'"),
        calls='analytics.track("one");',
    )
    site.settled(1)
    site.until("document.title === 'theirs'")
    site.do('analytics.track("two");')
    site.settled(2)


@both_runtimes
def test_the_inspector_opens_under_a_strict_policy_and_closes(
    site: EngineSite, runtime: str
) -> None:
    site.server.headers["Content-Security-Policy"] = POLICY
    ours = tag(runtime=runtime, debug=False)
    html = f"{ours}<script>{SNIPPET}analytics.track('one');</script>{LIBRARY}"
    site.open(
        html.replace("<script ", '<script nonce="abc" ').replace("<script>", '<script nonce="abc">')
    )
    site.until("!!window.segmentJimo")
    site.do("window.opened = segmentJimo.inspect();")
    site.until("!!document.querySelector('[data-segment-jimo-inspector]')")
    site.do(
        "window.part = (what) =>"
        " document.querySelector('[data-segment-jimo-inspector]').shadowRoot.querySelector(what);"
    )
    site.settled(1)
    site.do('analytics.track("two");')
    site.until("part('.name')?.textContent === 'two'")
    site.until("part('.end').textContent.startsWith('delivered')")
    site.do("part('.line').click();")
    site.until("part('.way')?.textContent.includes('jimo.push([')")
    assert site.run("getComputedStyle(part('.panel')).position") == "fixed"
    site.do("opened.close();")
    site.until("!document.querySelector('[data-segment-jimo-inspector]')")
    assert (site.status()["errors"], site.run("pageErrors")) == ([], [])
