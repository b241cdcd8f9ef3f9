"""Leaving a page while something is held, coming back to it, and pages that sleep."""

from typing import Any

import pytest

from tests.support.site import STALL, Site, both_runtimes, tag


def received(site: Site, number: int) -> None:
    site.until(f"window.segmentJimo?.status().events.received === {number}")


def leave(site: Site) -> Any:
    """Goes to a page without us, and returns what was kept."""
    site.server.answers["/elsewhere"] = lambda _: (200, "text/html", b"<title>elsewhere</title>")
    site.page.goto(f"{site.server.url}/elsewhere")
    return site.run("Object.entries(sessionStorage)")


@both_runtimes
def test_what_python_and_jimo_have_not_got_yet_survives_too(site: Site, runtime: str) -> None:
    # Jimo's script stalls on the first page, and Python on the second.
    site.snippet(before=tag(runtime=runtime, sdk_url=STALL), calls='analytics.track("one");')
    site.until("segmentJimo.status().sdk === 'loading' && segmentJimo.status().events.held === 1")
    site.page.route("**/dist/*.wasm", lambda route: None)
    site.page.route("**/dist/*/*.wasm", lambda route: None)
    site.snippet(before=tag(runtime=runtime), calls='analytics.track("two");')
    received(site, 2)
    site.page.unroute("**/dist/*.wasm")
    site.page.unroute("**/dist/*/*.wasm")
    site.snippet(before=tag(runtime=runtime), calls='analytics.track("three");')
    site.settled(3)
    assert site.log() == [
        f"do segmentio:track {name} @anonymous" for name in ("one", "two", "three")
    ]


@both_runtimes
def test_an_identify_that_is_open_is_said_again_on_the_next_page(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?boot=30&identify=never"),
        calls='analytics.identify("u1", {plan: "pro"}); analytics.track("one");',
    )
    site.until("window.jimoSimulator?.log.length === 1 && segmentJimo.status().events.held === 2")
    site.snippet(before=tag(runtime=runtime))
    site.settled(2)
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:attributes {"plan":"pro"} @u1',
        "do segmentio:track one @u1",
    ]


@both_runtimes
def test_what_waits_for_the_next_identify_goes_to_the_next_page(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime), calls='analytics.identify("u1");')
    site.settled(1)
    site.run("analytics.reset(); analytics.group('g1')")
    site.until("segmentJimo.status().events.held === 1")
    site.snippet(before=tag(runtime=runtime), calls='analytics.identify("u2");')
    site.settled(2)
    log = site.log()
    assert log[0] == 'do identify "u2" @anonymous' and "set user:group g1 @u2" in log


@both_runtimes
def test_nothing_survives_a_reset_or_reaches_another_user(site: Site, runtime: str) -> None:
    held = tag(runtime=runtime, sdk_url=STALL)
    site.snippet(before=held, calls='analytics.identify("u1"); analytics.track("mine");')
    received(site, 2)
    site.run("analytics.reset()")
    site.until("segmentJimo.status().events.dropped === 2")
    site.snippet(before=tag(runtime=runtime), calls='analytics.track("next");')
    site.settled(1)
    assert site.log() == ["do segmentio:track next @anonymous"]

    # The reset comes on the next page, or elsewhere in the meantime.
    for then in ("analytics.reset()", "localStorage.clear(), document.cookie = 'ajs_user_id=u2'"):
        site.snippet(before=held, calls='analytics.identify("u1"); analytics.track("mine");')
        received(site, 2)
        # Python has looked at who the visitor is.
        site.until("segmentJimo.status().state === 'running'")
        if "local" in then:
            # Python has looked at the visitor before.
            site.until("segmentJimo.status().sdk === 'loading'")
            site.run(then)
        site.snippet(before=held if "reset" in then else tag(runtime=runtime))
        received(site, 2)
        site.until("window.analytics.initialized")
        if "reset" in then:
            site.run(then)
        site.until("segmentJimo.status().events.dropped === 2")
        assert site.log() == []


@both_runtimes
def test_a_copy_of_the_tab_does_not_deliver_it_again(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=STALL), calls='analytics.track("one");')
    site.until("segmentJimo.status().events.held === 1")
    ((key, text),) = leave(site)
    site.snippet(before=tag(runtime=runtime))
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
    # The copy has the storage of the tab, and goes on to a page of its own.
    assert leave(site) == []
    site.run(f"sessionStorage.setItem({key!r}, {text!r})")
    site.snippet(before=tag(runtime=runtime), calls='analytics.track("two");')
    site.settled(1)
    assert site.log() == ["do segmentio:track two @anonymous"]
    assert site.run("Object.keys(sessionStorage)") == []


# Python's start is about to go on when the visitor leaves.
GATE = """<script>{
  const { host } = Object.getPrototypeOf(segmentJimo);
  const { load } = host;
  host.load = async (file) => {
    const found = await load(file);
    if (!window.goOn) await new Promise((resolve) => { window.goOn = resolve; });
    return found;
  };
}</script>"""


def test_a_page_that_is_left_while_python_starts_takes_nothing_back(site: Site) -> None:
    site.snippet(before=tag(sdk_url=STALL) + GATE, calls='analytics.track("one");')
    site.until("window.goOn && segmentJimo.status().events.held === 1")
    site.run("addEventListener('pagehide', goOn)")
    assert len(leave(site)) == 1
    site.snippet(before=tag())
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]


@both_runtimes
def test_what_is_kept_is_bounded_and_the_user_stays(site: Site, runtime: str) -> None:
    site.snippet(before=tag(runtime=runtime, sdk_url=STALL), calls='analytics.identify("u1");')
    site.until("window.analytics.initialized && segmentJimo.status().events.held === 1")
    site.run(
        """Array.from({length: 30}, (_, index) =>
            analytics.track(`t${index}`, {text: "x".repeat(20_000)})).length"""
    )
    received(site, 31)
    site.snippet(before=tag(runtime=runtime))
    status = site.settled(31)
    assert 20 < status["events"]["dropped"] < 25
    assert site.log()[0] == 'do identify "u1" @anonymous'
    assert site.log()[-1] == "do segmentio:track t29 @u1"


@pytest.mark.parametrize("how", ("blocked", "full"))
@both_runtimes
def test_without_storage_it_carries_on(site: Site, runtime: str, how: str) -> None:
    site.page.add_init_script(
        {
            "blocked": "Object.defineProperty(window, 'sessionStorage', {get() { throw 0; }})",
            "full": """for (let text = "x".repeat(2 ** 22); text; )
                try { sessionStorage[Math.random()] = text; }
                catch { text = text.slice(text.length / 2 + 1); }""",
        }[how]
    )
    site.snippet(before=tag(runtime=runtime, manual_init=True), calls='analytics.track("one");')
    site.until("segmentJimo.status().events.held === 1")
    site.snippet(before=tag(runtime=runtime, manual_init=True), calls='analytics.identify("u1");')
    site.settled(1)
    assert site.log() == ['do identify "u1" @anonymous', "set user:attributes {} @u1"]


@both_runtimes
def test_a_page_that_slept_goes_on_and_a_jump_of_the_clock_changes_nothing(
    site: Site, runtime: str
) -> None:
    site.snippet(before=tag(runtime=runtime), calls='analytics.identify("u1");')
    site.settled(1)
    site.run('(analytics.identify("u1", {plan: "pro"}), analytics.track("one"))')
    session = site.page.context.new_cdp_session(site.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    session.send("Page.setWebLifecycleState", {"state": "active"})
    site.settled(3)
    site.run("(Date.now = () => 5, analytics.track('two'))")
    site.settled(4)
    assert site.log()[2:] == [
        'do identify "u1" @u1',
        'set user:attributes {"plan":"pro"} @u1',
        "do segmentio:track one @u1",
        "do segmentio:track two @u1",
    ]
