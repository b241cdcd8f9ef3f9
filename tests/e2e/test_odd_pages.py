"""Pages that do things in another order, or put other things where analytics.js is expected."""

import pytest

from tests.e2e.test_page import remote, serve_settings
from tests.support.site import LIBRARY, SNIPPET, STALL, Site, both_runtimes, tag


@both_runtimes
def test_a_reset_before_python_runs_counts_too(site: Site, runtime: str) -> None:
    site.snippet(
        before=tag(runtime=runtime),
        calls='analytics.reset(); analytics.group("g"); analytics.track("one");',
    )
    site.until("segmentJimo.status().events.delivered === 1")
    assert site.log() == ["do segmentio:track one @anonymous"]
    site.run('analytics.identify("u1", { plan: "pro" })')
    site.settled(3)
    assert site.log()[1:] == [
        'do identify "u1" @anonymous',
        "set user:group g @u1",
        'set user:attributes {"plan":"pro"} @u1',
    ]


@pytest.mark.parametrize("before", (True, False))
def test_something_else_in_the_place_of_analytics_js_is_named_and_the_real_one_still_found(
    site: Site, before: bool
) -> None:
    odd = "<script>window.analytics = { track() {} };</script>"
    ours = tag()
    site.open(
        f"{odd + ours if before else ours + odd}<script>window.analytics = undefined;{SNIPPET}"
        f'analytics.track("one");</script>{LIBRARY}'
    )
    status = site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
    (error,) = status["errors"]
    assert error["code"] == "no-analytics" and "window.analytics" in error["message"]


def test_a_global_that_the_page_has_declared_with_var_is_found(site: Site) -> None:
    site.snippet(before=f"<script>var analytics;</script>{tag()}", calls='analytics.track("one");')
    site.settled(1)


def test_registering_again_while_python_boots_goes_on(site: Site) -> None:
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        """(window.plugin = jimoDestination({projectId: "p1",
            sdkUrl: "/web/playground/simulator.js?boot=30"}),
            analytics.register(plugin)
              .then(() => analytics.deregister(plugin.name))
              .then(() => analytics.register(plugin))
              .then(() => analytics.track("one")))"""
    )
    assert site.settled(1)["errors"] == []
    assert site.log() == ["do segmentio:track one @anonymous"]


def test_what_was_held_when_it_was_deregistered_is_counted_with_a_reason(site: Site) -> None:
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        """(window.plugin = jimoDestination({projectId: "p1",
            sdkUrl: "/web/playground/simulator.js?boot=30"}),
            analytics.register(plugin).then(() => analytics.track("one"))
              .then(() => analytics.deregister(plugin.name))
              .then(() => analytics.register(plugin)))"""
    )
    site.until("window.segmentJimo?.status().state === 'running'")
    status = site.status()
    assert status["events"]["dropped"] == len(status["errors"]) == 1
    assert status["errors"][0]["code"] == "unloaded"


def test_a_destination_that_failed_can_be_taken_away_and_another_one_registered(site: Site) -> None:
    site.snippet(before=tag(project_id=""))
    site.until("window.analytics.initialized")
    assert site.status()["errors"][0]["field"] == "projectId"
    site.run("analytics.deregister('Jimo (Actions)')")
    site.until("!('segmentJimo' in window)")
    site.run(
        """analytics
          .register(jimoDestination({ projectId: "p1",
            sdkUrl: "/web/playground/simulator.js?boot=30" }))
          .then(() => analytics.track("one"))"""
    )
    site.until("window.segmentJimo")
    site.settled(1)


@pytest.mark.parametrize(
    ("attributes", "field"),
    (({"assets": "http://"}, "assets"), ({"sdk_url": "http://"}, "sdkUrl")),
)
def test_an_address_that_is_none_is_named(
    site: Site, attributes: dict[str, str], field: str
) -> None:
    site.snippet(before=tag(**attributes), calls='analytics.track("one");')
    site.until("segmentJimo.status().events.dropped === 1")
    error = site.status()["errors"][0]
    assert (error["code"], error["field"]) == ("invalid-settings", field)
    assert 'expected a URL, got "http://"' in error["message"]


def test_an_address_may_be_empty_or_end_with_a_slash(site: Site) -> None:
    site.page.route("https://undercity.usejimo.com/**", lambda route: route.fulfill(body=""))
    site.snippet(before=tag(assets="/dist/", sdk_url=""), calls='analytics.track("one");')
    site.until("document.querySelector('script[src*=\"undercity.usejimo.com\"]')")
    assert not [path for path in site.server.requests if "//" in path]


@pytest.mark.parametrize(
    "settings", ("{ projectId: 10n }", "(() => { const a = [{}]; a[0].a = a; return a; })()")
)
def test_the_factory_throws_at_nothing(site: Site, settings: str) -> None:
    site.snippet(before=tag(project_id=False))
    given = settings if "10n" in settings else f"{{ projectId: 'p1', subscriptions: {settings} }}"
    assert site.run(f"jimoDestination({given}).name") == "Jimo (Actions)"


@pytest.mark.parametrize(
    "subscriptions",
    (
        [{"userId": "shared"}],
        [{"userId": {"@path": "$.traits.uid"}}, None],
        [{"userId": {"@if": {"exists": {"@path": "$.traits.a"}, "then": {"@path": "userId"}}}}],
        [{"userId": {"@template": "id-{{traits.uid}}"}}],
    ),
)
def test_identified_only_starts_for_any_mapping_of_the_id(
    site: Site, subscriptions: list[dict[str, object] | None]
) -> None:
    given = [
        {"partnerAction": "sendUserData", "name": "U", "subscribe": 'type = "identify"'}
        | ({} if mapping is None else {"mapping": mapping})
        for mapping in subscriptions
    ]
    simulator = "/web/playground/simulator.js?boot=30&identify=30"
    serve_settings(
        site,
        remote(
            "/dist/segment-jimo.js",
            projectId="p1",
            manualInit=True,
            sdkUrl=simulator,
            subscriptions=given,
        ),
    )
    site.snippet(calls='analytics.identify("u1", { uid: "7", a: 1 });')
    site.until("window.jimoSimulator?.live")


def test_a_held_event_is_copied_around_what_cannot_be(site: Site) -> None:
    site.snippet(before=tag(sdk_url=STALL))
    site.until("window.analytics.initialized")
    site.run(
        """(window.list = [{ a: { b: { c: { d: { f() {}, name: "old" } } } } }],
          analytics.track("one", { list }).then(() => { list[0].a.b.c.d.name = "new"; }))"""
    )
    site.until("list[0].a.b.c.d.name === 'new'")
    site.server.stalled.set()
    site.settled(1)
    deep = "jimoSimulator.log[0].command[2][0].properties.list[0].a.b.c.d"
    assert site.run(f"[{deep}.name, typeof {deep}.f]") == ["old", "function"]


def test_jimo_is_initialized_once_though_the_user_changes_before_it_is_live(site: Site) -> None:
    site.page.add_init_script(
        """Object.defineProperty(window, "jimoInit", { configurable: true,
          get() { return this.own && (() => { window.inits = (window.inits ?? 0) + 1; own(); }); },
          set(own) { window.own = own; } });"""
    )
    site.snippet(
        before=tag(manual_init=True, sdk_url="/web/playground/simulator.js?boot=2000&identify=30"),
        calls='analytics.identify("u1", { a: 1 });',
    )
    site.until("window.inits")
    site.run('(analytics.reset(), analytics.identify("u2", { b: 2 }))')
    site.until("window.jimoSimulator?.profiles.u2?.attributes.b === 2")
    assert site.run("inits") == 1
    assert site.run("jimoSimulator.profiles.u2.attributes") == {"b": 2}


# Jimos that start in manual init only, and call back at once.
FIRST_ITS_QUEUE = """
window.log = [];
const push = (command) => {
  log.push(command[1]);
  if (command[1] === "identify") command[2][1]();
};
window.jimoInit = () => setTimeout(() => {
  jimo.splice(0).forEach(push);
  window.jimo = { push };
});
"""
FIRST_ITS_PLACE = """
window.log = [];
const queue = window.jimo;
const push = (command) => {
  if (queue.started) log.push(command[1]);
  else queue.push(command);
  if (queue.started && command[1] === "identify") command[2][1]();
};
window.jimo = { push };
setTimeout(() => {
  window.jimoInit = () => {
    queue.started = true;
    queue.splice(0).forEach(push);
  };
}, 100);
"""


@pytest.mark.parametrize("jimo", (FIRST_ITS_QUEUE, FIRST_ITS_PLACE))
def test_jimo_may_take_its_place_before_its_start_or_only_after_its_queue(
    site: Site, jimo: str
) -> None:
    site.server.answers["/jimo.js"] = lambda _: (200, "text/javascript", jimo.encode())
    site.snippet(
        before=tag(manual_init=True, sdk_url="/jimo.js"),
        calls='analytics.track("one"); analytics.identify("u1", { email: "a@b.c" });',
    )
    site.settled(2)
    assert site.run("log.join(' ')") == "identify segmentio:track user:email user:attributes"


def test_the_counts_add_up_for_who_asks_while_an_event_is_on_its_way(site: Site) -> None:
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        """(window.plugin = jimoDestination(
            { projectId: "p1", sdkUrl: "/web/playground/simulator.js?boot=30" }),
        window.api = segmentJimo,
        window.seen = [],
        addEventListener("jimo-segmentio-track:one", () => seen.push(api.status().events)),
        addEventListener("jimo-segmentio-track:two", () => plugin.unload()),
        analytics.register(plugin))"""
    )
    site.until("segmentJimo.status().sdk === 'live'")
    for name in ("one", "two"):
        site.run(f"analytics.track('{name}')")
    counts = dict.fromkeys(("received", "unmatched", "held", "delivered", "dropped"), 0)
    assert site.run("seen") == [counts | {"received": 1, "held": 1}]
    assert site.run("api.status().events") == counts | {
        "received": 2,
        "delivered": 1,
        "dropped": 1,
    }


def test_the_pages_own_python_does_not_start_jimo_beside_segments_own(site: Site) -> None:
    site.server.answers["/cdn/v1/projects/"] = lambda _: (
        200,
        "application/json",
        remote("/peer.js", projectId="p1"),
    )
    site.server.answers["/peer.js"] = lambda _: (200, "text/javascript", b"")
    site.open(
        f"{tag(runtime='page')}<script>{SNIPPET}"
        "segmentJimo.host.connect = () => { window.connected = true; };"
        "segmentJimo.host.start();</script>"
        f"{LIBRARY}"
    )
    site.until("segmentJimo.status().errors.length")
    assert site.status()["errors"][0]["code"] == "already-on-page"
    assert site.run("'connected' in window") is False
