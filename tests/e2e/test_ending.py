"""The end of Jimo with the destination that has started it, and its start as new."""

import pytest

from tests.support.site import AFTER_A_RESET, Site, both_runtimes, tag

SDK = "/web/playground/simulator.js?boot=30&identify=30"
DEREGISTER = "analytics.deregister('Jimo (Actions)')"
# The plugin of the tag is at hand where analytics.js was given it.
KEEP = """const register = analytics.register;
analytics.ready(() => { window.plugin = analytics.queue.plugins.find(
  ({ name }) => name === "Jimo (Actions)"); });"""
AGAIN = "analytics.register(plugin).then(() => analytics.track('again'))"
WARNINGS = "window.warnings.filter((text) => text.includes('jimoKill'))"
LISTEN = """<script>window.warnings = [];
const { warn } = console;
console.warn = (...words) => { warnings.push(words.join(" ")); warn(...words); };</script>"""


def start(site: Site, runtime: str = "micropython", sdk: str = SDK, **more: bool) -> None:
    """Opens a page on which Jimo is told of a user."""
    site.snippet(
        before=LISTEN + tag(runtime=runtime, sdk_url=sdk, **more),
        calls=KEEP + 'analytics.identify("u1", { plan: "pro" });',
    )
    site.settled(1)
    site.until("!!window.plugin")


def deregister(site: Site) -> None:
    """Takes the destination away, and waits until it has gone."""
    site.run(DEREGISTER)
    site.until("!window.segmentJimo && !document.querySelector('iframe')")


@pytest.mark.parametrize("kill", ["queue", "object", "nothing"])
@pytest.mark.parametrize("manual", [False, True])
@both_runtimes
def test_deregister_ends_jimo_and_registering_again_starts_it_as_new(
    site: Site, runtime: str, manual: bool, kill: str
) -> None:
    start(site, runtime, f"{SDK}&kill={kill}", manual_init=manual)
    loads = site.run("jimoSimulator.loads")
    deregister(site)
    assert site.run("[jimoSimulator.kills, jimoSimulator.live]") == [1, False]
    site.run("analytics.track('without')")
    site.run(AGAIN)
    site.until("window.segmentJimo?.status().events.delivered === 2")
    assert site.run("jimoSimulator.kills") == 1
    # By `jimoInit()` where that is there, else by the script.
    assert site.run("jimoSimulator.loads") - loads == (0 if manual and kill != "nothing" else 1)
    said = [line.split(" @")[0] for line in site.log()]
    again = ['do identify "u1"', "do segmentio:track again"]
    assert said == [
        'do identify "u1"',
        'set user:attributes {"plan":"pro"}',
        *(again if manual else again[1:]),
    ]
    assert not site.run("jimoSimulator.log.some(({ ended }) => ended)")


def test_a_jimo_of_the_pages_own_is_never_ended(site: Site) -> None:
    snippet = f"<script>window.jimo = [];</script><script async src='{SDK}'></script>"
    site.snippet(
        before=snippet + tag(sdk_url=SDK),
        calls=KEEP + 'analytics.identify("u1");',
    )
    site.settled(1)
    site.until("!!window.plugin")
    deregister(site)
    assert site.run("[jimoSimulator.kills, jimoSimulator.live]") == [0, True]


@pytest.mark.parametrize(
    ("kill", "why"), [("throws", "threw Error"), ("missing", "does not exist")]
)
def test_an_end_that_fails_is_named_and_harmless(site: Site, kill: str, why: str) -> None:
    start(site, sdk=f"{SDK}&kill={kill}")
    deregister(site)
    (warning,) = site.run(WARNINGS)
    assert f"window.jimoKill() {why}, so Jimo may run until the visitor leaves the page." in warning
    assert site.run("jimoSimulator.live")
    site.run(AGAIN)
    site.until("window.segmentJimo?.status().events.delivered === 2")
    assert site.run("[jimoSimulator.loads, jimoSimulator.log.length]") == [1, 3]


def test_a_script_that_has_not_come_is_taken_back(site: Site) -> None:
    site.snippet(before=tag(sdk_url=f"{SDK}&answer=stall"), calls='analytics.identify("u1");')
    site.until("segmentJimo.status().sdk === 'loading'")
    deregister(site)
    site.server.stalled.set()
    site.page.wait_for_load_state("networkidle")
    assert site.run("[typeof jimoSimulator, typeof jimo, typeof JIMO_PROJECT_ID]") == (
        ["undefined"] * 3
    )


def test_commands_of_the_page_that_jimo_has_not_got_stay_with_the_page(site: Site) -> None:
    site.server.answers["/web/playground/simulator.js"] = lambda _: (404, "text/plain", b"")
    own = "<script>window.jimo = window.own = [['set', 'core:language', ['fr']]];</script>"
    site.snippet(before=own + tag(sdk_url=SDK), calls='analytics.identify("u1");')
    site.until("segmentJimo.status().sdk === 'failed'")
    deregister(site)
    assert site.run("window.jimo === own && [own, typeof JIMO_PROJECT_ID]") == [
        [["set", "core:language", ["fr"]]],
        "undefined",
    ]


def test_the_end_of_a_jimo_that_only_starts_keeps_the_pages_own_commands(site: Site) -> None:
    own = "<script>window.jimo = [['set', 'core:language', ['fr']]];</script>"
    sdk = "/web/playground/simulator.js?boot=60000"
    site.snippet(
        before=own + tag(sdk_url=sdk, manual_init=True, kill_on_reset=True),
        calls='analytics.identify("u1");',
    )
    site.until("window.jimo.length === 2 && segmentJimo.initialized")
    site.run("analytics.reset()")
    site.until("jimoSimulator.kills === 1")
    assert site.run("jimo") == [["set", "core:language", ["fr"]]]


def test_deregister_takes_back_what_was_asked_for_ahead(site: Site) -> None:
    asked = "document.querySelectorAll('link[rel=preload]').length"
    start(site)
    assert site.run(asked) == 1
    deregister(site)
    assert site.run(asked) == 0


def test_each_try_to_boot_asks_ahead_once(site: Site) -> None:
    site.page.route("**/micropython-*.wasm", lambda route: route.abort())
    site.snippet(before=tag(sdk_url=SDK), calls='analytics.identify("u1");')
    site.until("segmentJimo.status().errors[0]?.count === 2")
    assert site.run("document.querySelectorAll('link[rel=preload]').length") <= 1


@pytest.mark.parametrize("target", ["window", "document"])
@both_runtimes
def test_jimos_word_that_it_is_ready_is_heard_at_once(
    site: Site, runtime: str, target: str
) -> None:
    site.page.clock.install()
    site.snippet(
        before=tag(runtime=runtime, sdk_url="/web/playground/simulator.js?fault=never-live"),
        calls='analytics.identify("u1");',
    )
    site.until("window.jimoSimulator && segmentJimo.status().events.held === 1")
    # The clock stands still, so that nothing looks again.
    site.page.clock.pause_at(site.run("Date.now()") + 1_000)
    site.run("window.jimo = { push: ([, , args]) => args[1]?.() }")
    site.run(f"{target}.dispatchEvent(new Event('JIMO_READY'))")
    assert site.status()["sdk"] == "live"


@both_runtimes
def test_a_quota_that_was_reached_before_we_came_is_found(site: Site, runtime: str) -> None:
    late = "<script>window.jimo = []; window.jimoIsMauLimitReached = () => true;</script>"
    site.snippet(before=late + tag(runtime=runtime), calls='analytics.identify("u1");')
    site.until("segmentJimo.status().sdk === 'quota'")
    assert site.status()["errors"][0]["code"] == "quota-reached"


@both_runtimes
def test_a_start_that_is_rejected_reaches_nobody_else(site: Site, runtime: str) -> None:
    sdk = f"{SDK}&fault=init-rejects"
    site.page.add_init_script("""window.unhandled = [];
      addEventListener("unhandledrejection", ({ reason }) => unhandled.push(String(reason)));""")
    site.snippet(
        before=tag(runtime=runtime, sdk_url=sdk, manual_init=True),
        calls='analytics.identify("u1");',
    )
    site.until("segmentJimo.status().errors.length === 1")
    (error,) = site.status()["errors"]
    assert error["code"] == "init-failed" and "a promise that rejects" in error["message"]
    assert site.run("unhandled") == []


# A page that ends Jimo at each logout, and the script that its next start fetches.
KILL = {"kill_on_reset": True}
CHECK = "jimoSimulator.log.some(({ ended }) => ended)"


@pytest.mark.parametrize("kill", ["queue", "object", "nothing"])
@pytest.mark.parametrize("manual", [False, True])
@both_runtimes
def test_a_reset_ends_jimo_and_what_comes_next_starts_it_as_new_in_order(
    site: Site, runtime: str, manual: bool, kill: str
) -> None:
    start(site, runtime, f"{SDK}&kill={kill}", manual_init=manual, **KILL)
    site.run("analytics.track('last').then(() => analytics.reset())")
    site.until("jimoSimulator.kills === 1")
    assert site.run("[jimoSimulator.live, segmentJimo.status().sdk]") == [False, "none"]
    assert site.run("segmentJimo.initialized") is not manual
    site.run("(analytics.identify('u2', { plan: 'free' }), analytics.track('first'))")
    site.settled(4)
    assert [line.split(" @")[0] for line in site.log()] == AFTER_A_RESET
    assert site.run("Object.keys(jimoSimulator.profiles).filter((key) => key !== 'anonymous')") == (
        ["u1", "u2"]
    )
    assert not site.run(CHECK)
    assert site.status()["errors"] == []
