"""Logout: whose profile is written to after it, and what data-kill-on-reset changes."""

import pytest

from tests.support.site import Site, both_runtimes, tag

SDK = "/web/playground/simulator.js?boot=30&identify=30"
U1 = 'analytics.identify("u1", { plan: "pro" });'
LOGOUT = "analytics.track('last').then(() => analytics.reset())"
# Whose profile each track is in.
TRACKS = """Object.fromEntries(Object.values(jimoSimulator.profiles)
  .flatMap(({ key, tracks }) => tracks.map(({ event }) => [event, key])))"""


def log_out(site: Site, sdk: str = SDK, **settings: bool) -> None:
    """Opens a page on which a user logs in and out."""
    site.snippet(before=tag(sdk_url=sdk, **settings), calls=U1)
    site.settled(1)
    site.run(LOGOUT)
    site.until("analytics.user().id() === null && segmentJimo.status().events.received === 2")


def log_in(site: Site) -> None:
    """The next user comes."""
    site.run("void analytics.identify('u2', { plan: 'free' })")


def test_without_settings_a_track_after_a_logout_goes_to_the_user_who_has_left(site: Site) -> None:
    log_out(site)
    site.run("void analytics.track('after')")
    site.settled(3)
    assert site.run(TRACKS) == {"last": "u1", "after": "u1"}
    assert site.run("[jimoSimulator.kills, jimoSimulator.live]") == [0, True]


@pytest.mark.parametrize(("keep", "profile"), [("", "anonymous"), ("&keep=user", "u1")])
def test_with_kill_on_reset_a_track_after_a_logout_goes_to_a_new_jimo(
    site: Site, keep: str, profile: str
) -> None:
    # Whether Jimo keeps its user in the browser is not known.
    log_out(site, SDK + keep, kill_on_reset=True)
    site.until("jimoSimulator.kills === 1 && !jimoSimulator.live")
    site.run("void analytics.track('after')")
    site.settled(3)
    assert site.run(TRACKS) == {"last": "u1", "after": profile}
    assert site.run("jimoSimulator.loads") == 2


def test_identified_only_a_track_after_a_logout_goes_to_the_next_user(site: Site) -> None:
    log_out(site, manual_init=True)
    site.run("void analytics.track('after')")
    site.until("segmentJimo.status().events.held === 1")
    assert site.run("[jimoSimulator.kills, jimoSimulator.live, jimoSimulator.active]") == (
        [0, True, "u1"]
    )
    log_in(site)
    site.settled(4)
    assert site.run(TRACKS) == {"last": "u1", "after": "u2"}


def test_with_both_a_track_after_a_logout_goes_to_the_next_user_of_a_new_jimo(site: Site) -> None:
    log_out(site, manual_init=True, kill_on_reset=True)
    site.until("jimoSimulator.kills === 1")
    site.run("void analytics.track('after')")
    site.until("segmentJimo.status().events.held === 1")
    assert site.run("[jimoSimulator.live, segmentJimo.status().sdk]") == [False, "none"]
    log_in(site)
    site.settled(4)
    assert site.run(TRACKS) == {"last": "u1", "after": "u2"}
    assert "anonymous" not in site.run("jimoSimulator.profiles")


@both_runtimes
def test_what_is_on_its_way_at_a_logout_is_out_before_jimo_ends(site: Site, runtime: str) -> None:
    slow = "/web/playground/simulator.js?boot=30&identify=8000"
    site.snippet(before=tag(runtime=runtime, sdk_url=slow, kill_on_reset=True), calls=U1)
    site.until("window.jimoSimulator?.log.length === 1")
    # Behind the open identify.
    site.run("Promise.all([analytics.track('one'), analytics.track('two')])")
    site.run("analytics.group('g1').then(() => analytics.reset())")
    site.until("jimoSimulator.kills === 1")
    assert site.run("jimoSimulator.log.some(({ ended }) => ended)") is False
    assert [line.split(" @")[0] for line in site.log()] == [
        'do identify "u1"',
        "do segmentio:track one",
        "do segmentio:track two",
    ]
    status = site.settled(4)
    assert (status["events"]["delivered"], status["events"]["dropped"]) == (2, 2)


def test_a_logout_in_another_tab_ends_jimo_in_this_one(site: Site) -> None:
    site.snippet(before=tag(sdk_url=SDK, kill_on_reset=True), calls=U1)
    site.settled(1)
    other = site.page.context.new_page()
    other.goto(site.page.url)
    other.wait_for_function("window.segmentJimo?.status().sdk === 'live' && analytics.initialized")
    other.evaluate("analytics.reset()")
    site.until("jimoSimulator.kills === 1 && !jimoSimulator.live")
    other.close()


def test_a_jimo_of_the_pages_own_is_not_ended_by_a_reset(site: Site) -> None:
    own = f"<script>window.jimo = [];</script><script async src='{SDK}'></script>"
    site.snippet(before=own + tag(sdk_url=SDK, kill_on_reset=True), calls=U1)
    site.settled(1)
    site.run(LOGOUT)
    site.settled(2)
    site.run("void analytics.track('after')")
    status = site.settled(3)
    assert site.run("[jimoSimulator.kills, jimoSimulator.live]") == [0, True]
    assert status["errors"] == [] and status["events"]["delivered"] == 3


@pytest.mark.parametrize(
    ("kill", "why"), [("throws", "threw Error"), ("missing", "does not exist")]
)
def test_an_end_that_fails_at_a_reset_is_named_and_harmless(
    site: Site, kill: str, why: str
) -> None:
    log_out(site, f"{SDK}&kill={kill}", kill_on_reset=True)
    site.until("segmentJimo.status().errors.length === 1")
    log_in(site)
    status = site.settled(3)
    (error,) = status["errors"]
    assert error["code"] == "kill-failed" and f"window.jimoKill() {why}" in error["message"]
    assert status["events"]["delivered"] == 3
    assert site.run("jimoSimulator.profiles.u2.attributes") == {"plan": "free"}


FETCHED = """performance.getEntriesByType("resource").map(({ name }) => name)
  .filter((name) => /dist|simulator/.test(name) && !name.endsWith("/segment-jimo.js"))"""


def test_identified_only_nothing_is_fetched_on_the_page_after_a_logout(site: Site) -> None:
    site.snippet(before=tag(manual_init=True), calls=U1)
    site.settled(1)
    site.run("(analytics.reset(), void analytics.track('after'))")
    site.until("segmentJimo.status().events.held === 1")
    site.snippet(before=tag(manual_init=True, debug=False), path="/next")
    site.until("window.analytics.initialized && segmentJimo.status().timings.registered")
    site.page.wait_for_load_state("networkidle")
    assert site.run(FETCHED) == [] and site.status()["state"] == "waiting"
    log_in(site)
    site.settled(2)
    assert site.run(TRACKS) == {"after": "u2"}


def test_a_reset_outlives_the_page_though_it_clears_the_storage(site: Site) -> None:
    site.snippet(before=tag(), calls=U1)
    site.settled(1)
    site.run("(analytics.reset(), localStorage.clear())")
    site.snippet(before=tag(), calls='analytics.group("g1");', path="/next")
    site.until("segmentJimo.status().sdk === 'live'")
    site.until("segmentJimo.status().events.received === 1")
    assert site.status()["events"]["held"] == 1
    assert not [line for line in site.log() if "g1" in line]
