"""What a page may rely on: identified-only, values, other destinations, failures, bad settings."""

import json

import pytest

from tests.support.site import STALL, Site, both_runtimes, tag


def test_identified_only_starts_on_the_next_page_of_a_known_user(site: Site) -> None:
    site.snippet(before=tag(manual_init=True), calls='analytics.identify("u1", {plan: "pro"});')
    site.settled(1)
    site.snippet(before=tag(manual_init=True), calls="analytics.page();")
    site.settled(1)
    site.until("window.jimoSimulator?.active === 'u1'")
    assert site.log() == ['do identify "u1" @anonymous']


def test_a_held_event_is_what_it_was_when_it_was_taken(site: Site) -> None:
    site.snippet(before=tag(sdk_url=STALL))
    site.until("window.analytics.initialized")
    site.run('(window.sent = {a: 1, f: () => 1, d: new Date(7)}, analytics.track("t", sent))')
    site.until("segmentJimo.status().events.held === 1")
    site.run("sent.a = 2")
    site.server.stalled.set()
    site.settled(1)
    assert site.run(
        "(p => [p.a, p.d instanceof Date, typeof p.f])"
        "(jimoSimulator.log[0].command[2][0].properties)"
    ) == [1, True, "function"]


def test_an_event_that_is_switched_off_does_not_arrive(site: Site) -> None:
    site.snippet(
        before=tag(),
        calls="""
        analytics.track("off", {}, {integrations: {"Jimo (Actions)": false}});
        analytics.track("all off", {}, {integrations: {All: false}});
        analytics.track("action off", {}, {integrations: {"Jimo (Actions) sendTrackEvent": false}});
        analytics.track("on");""",
    )
    site.until("window.jimoSimulator?.log.length > 0")
    assert site.log() == ["do segmentio:track on @anonymous"]
    assert site.settled(2)["events"]["unmatched"] == 1


def test_a_track_is_announced_to_the_page(site: Site) -> None:
    site.snippet(before=tag())
    site.run(
        "addEventListener('jimo-segmentio-track:Signed Up',"
        " () => { window.heard = jimoSimulator.log.length; })"
    )
    site.run('analytics.track("Signed Up")')
    site.until("window.heard === 1")


OTHER = """
window.other = [];
analytics.register({name: "Other", type: "destination", version: "1", isLoaded: () => true,
  load: () => Promise.resolve(), ready: () => Promise.resolve(),
  track: (ctx) => { window.other.push(ctx.event.event); return ctx; }});
analytics.ready(() => { window.isReady = true; });
analytics.track("one");
"""


def test_python_that_never_boots_is_given_up_and_the_loss_is_counted(site: Site) -> None:
    site.server.answers["/dist/micropython-"] = lambda _: (404, "text/plain", b"")
    site.page.clock.install()
    site.snippet(before=tag(), calls=OTHER)
    for tries in (1, 2, 3):
        site.until(
            f"(e => e && e.count === {tries})(segmentJimo.status().errors[0])"
            " && segmentJimo.status().state === 'failed'"
        )
        site.run('analytics.track("again")')
        site.until(f"segmentJimo.status().events.held === {tries + 1}")
        site.page.clock.fast_forward(30_000)
    site.until("segmentJimo.status().events.dropped === 4")
    site.run('analytics.track("late")')
    site.until("segmentJimo.status().events.dropped === 5")
    assert site.status()["events"]["held"] == 0


@pytest.mark.parametrize(
    ("attributes", "field", "came"),
    (
        ({"project_id": ""}, "projectId", '""'),
        ({"runtime": "cpython"}, "runtime", '"cpython"'),
    ),
)
def test_a_bad_attribute_is_named_and_the_page_goes_on(
    site: Site, attributes: dict[str, str], field: str, came: str
) -> None:
    site.snippet(before=tag(**attributes), calls=OTHER)
    site.until("window.isReady && segmentJimo.status().events.dropped === 1")
    status = site.status()
    (error,) = status["errors"]
    assert (error["code"], error["field"]) == ("invalid-settings", field)
    assert came in error["message"]
    assert site.run("other") == ["one"]


def remote(url: str, **settings: object) -> bytes:
    """Segment's CDN settings of a workspace that has the Jimo destination."""
    return json.dumps(
        {
            "integrations": {"Segment.io": {"apiKey": "test"}},
            "remotePlugins": [
                {
                    "name": "Jimo (Actions)",
                    "creationName": "Jimo (Actions)",
                    "libraryName": "jimoDestination",
                    "url": url,
                    "settings": settings,
                }
            ],
        }
    ).encode()


TRACK = {
    "partnerAction": "sendTrackEvent",
    "name": "Tracks",
    "enabled": True,
    "subscribe": 'type = "track"',
}


def serve_settings(site: Site, body: bytes) -> None:
    site.server.answers["/cdn/v1/projects/"] = lambda _: (200, "application/json", body)


def test_segments_own_jimo_makes_the_script_tag_stand_aside(site: Site) -> None:
    serve_settings(site, remote("/peer.js", projectId="p1"))
    peer = b"""window.jimoDestination = () => ({name: "Jimo (Actions)", type: "destination",
      version: "1", isLoaded: () => true, load: () => Promise.resolve(), track: (c) => c});
      window.jimoDestination.pluginName = "Jimo (Actions)";"""
    site.server.answers["/peer.js"] = lambda _: (200, "text/javascript", peer)
    site.snippet(before=tag(), calls=OTHER)
    site.until("window.isReady && segmentJimo?.status().errors.length")
    status = site.status()
    assert status["errors"][0]["code"] == "already-enabled-in-segment"
    assert status["events"]["delivered"] == 0
    assert "simulator" not in " ".join(site.server.requests)


@both_runtimes
def test_settings_come_from_segment_where_the_file_stands_in_for_its_plugin(
    site: Site, runtime: str
) -> None:
    serve_settings(
        site,
        remote(
            "/dist/segment-jimo.js",
            projectId="p1",
            runtime=runtime,
            sdkUrl="/web/playground/simulator.js?boot=30",
            subscriptions=[
                TRACK,
                {**TRACK, "partnerAction": "sendNothing", "name": "Odd"},
                {**TRACK, "name": "Needs an id", "mapping": {"properties": {"@path": "$.x"}}},
                {**TRACK, "name": "Off", "enabled": False},
            ],
        ),
    )
    site.snippet(calls='analytics.identify("u1"); analytics.track("one");')
    site.until("window.segmentJimo?.status().events.dropped === 1")
    status = site.settled(2)
    assert site.log() == ["do segmentio:track one @anonymous"]
    assert status["events"]["unmatched"] == 1
    errors = {error["code"]: error for error in status["errors"]}
    assert errors["invalid-settings"]["subscription"] == "Odd"
    assert "sendTrackEvent" in errors["invalid-settings"]["message"]
    assert errors["missing-field"]["subscription"] == "Needs an id"
    assert errors["missing-field"]["field"] == "messageId"


@pytest.mark.parametrize(
    ("settings", "field"),
    (
        ({}, "projectId"),
        ({"projectId": 7}, "projectId"),
        ({"projectId": "p1", "manualInit": "yes"}, "manualInit"),
        (
            {"projectId": "p1", "refetchExperiencesOnTraitsUpdate": 1},
            "refetchExperiencesOnTraitsUpdate",
        ),
        ({"projectId": "p1", "subscriptions": {}}, "subscriptions"),
    ),
)
def test_settings_of_the_wrong_type_are_named(
    site: Site, settings: dict[str, object], field: str
) -> None:
    serve_settings(site, remote("/dist/segment-jimo.js", **settings))
    site.snippet(calls=OTHER)
    site.until("window.segmentJimo?.status().errors.length && window.isReady")
    (error,) = site.status()["errors"]
    assert (error["code"], error["field"]) == ("invalid-settings", field)
    site.until("segmentJimo.status().events.dropped === 1")


def test_another_projects_jimo_is_named_and_left_alone(site: Site) -> None:
    mine = "window.jimo = []; window.JIMO_PROJECT_ID = 'theirs';"
    site.snippet(before=f"<script>{mine}</script>{tag()}", calls='analytics.track("one");')
    site.until("segmentJimo.status().events.dropped === 1")
    assert site.status()["errors"][0]["code"] == "other-project"
    assert site.run("[jimo.length, JIMO_PROJECT_ID]") == [0, "theirs"]
    assert "simulator" not in " ".join(site.server.requests)


def test_the_pages_own_snippet_is_adopted_and_not_loaded_twice(site: Site) -> None:
    mine = (
        "<script>window.jimo = []; window.JIMO_PROJECT_ID = 'p1';</script>"
        '<script async src="/web/playground/simulator.js?boot=30&identify=30"></script>'
    )
    site.snippet(before=mine + tag(), calls='analytics.track("one");')
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
    assert site.run("jimoSimulator.loads") == 1


def test_the_script_twice_on_a_page_delivers_once(site: Site) -> None:
    site.snippet(before=tag() + tag(), calls='analytics.track("one");')
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]


def test_no_global_of_the_page_is_touched(site: Site) -> None:
    site.snippet(
        before="<script>window.before = Object.keys(window); window.Module = 'mine';</script>"
        + tag(),
        calls='analytics.track("one");',
    )
    site.settled(1)
    new = site.run(
        "Object.keys(window).filter((key) => !before.includes(key)).filter((key) =>"
        " !/^(JIMO_|jimo|segmentJimo|analytics|before|Module|webpack|Analytics|\\d|__)/i.test(key))"
    )
    assert new == []
    assert site.run("Module") == "mine"


def test_a_destination_can_be_registered_again(site: Site) -> None:
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        """(window.plugin = jimoDestination({projectId: "p1",
            sdkUrl: "/web/playground/simulator.js?boot=30"}),
            analytics.register(plugin).then(() => analytics.track("two")))"""
    )
    site.settled(1)
    site.run("analytics.deregister('Jimo (Actions)')")
    site.until("!('segmentJimo' in window)")
    site.run("analytics.register(plugin).then(() => analytics.track('three'))")
    site.until("window.segmentJimo?.status().events.delivered === 2")
    assert site.log() == [
        "do segmentio:track two @anonymous",
        "do segmentio:track three @anonymous",
    ]


def test_an_attribute_that_says_false_is_off(site: Site) -> None:
    site.snippet(before=tag(manual_init="false"), calls='analytics.track("one");')
    assert site.settled(1)["events"]["delivered"] == 1


def test_a_factory_that_is_there_already_stays(site: Site) -> None:
    site.snippet(before=f"<script>window.jimoDestination = () => 'mine';</script>{tag()}")
    assert site.run("jimoDestination()") == "mine"


def test_traits_are_those_of_the_call_though_the_page_changes_them_meanwhile(site: Site) -> None:
    site.snippet(before=tag(sdk_url="/web/playground/simulator.js?boot=30&identify=300"))
    site.until("segmentJimo.status().sdk === 'live' && window.analytics.initialized")
    site.run('(window.company = { name: "old" }, analytics.group("g0"))')
    site.settled(1)
    site.run('analytics.identify("u1")')
    site.run('analytics.group("g", company).then(() => { company.name = "new"; })')
    site.settled(3)
    assert site.run("jimoSimulator.profiles.u1.group.traits") == {"name": "old"}


def test_an_error_of_an_event_stands_in_the_log_of_its_context(site: Site) -> None:
    site.snippet(before=tag())
    site.until("segmentJimo.status().sdk === 'live' && window.analytics.initialized")
    logs = site.run(
        """analytics.group(null).then((ctx) => ctx.logs().filter(({ extras }) => extras?.code)
          .map(({ message, extras }) => [message, extras.code, extras.field]))"""
    )
    ((message, code, field),) = logs
    assert (code, field) == ("missing-field", "groupId") and "Send Group Data" in message


def test_a_push_that_is_rejected_is_reported_and_the_rest_goes_on(site: Site) -> None:
    site.snippet(
        before=tag(sdk_url="/web/playground/simulator.js?boot=30&fault=push-rejects"),
        calls='analytics.track("one"); analytics.group("g");',
    )
    site.settled(2)
    site.until("segmentJimo.status().errors.length === 1")
    (error,) = site.status()["errors"]
    assert (error["code"], error["message"]) == (
        "push-failed",
        "Jimo did not accept do segmentio:track: its promise was rejected with Error. "
        "Ask Jimo, and give the time.",
    )
    assert site.run("jimoSimulator.profiles.anonymous.group.groupId") == "g"


def test_a_snippet_of_the_page_in_manual_init_is_started_once_there_is_a_user(site: Site) -> None:
    mine = (
        "<script>window.jimo = []; window.JIMO_PROJECT_ID = 'p1'; window.JIMO_MANUAL_INIT = true;"
        '</script><script async src="/web/playground/simulator.js?boot=30&identify=30"></script>'
    )
    site.snippet(before=mine + tag(manual_init=True), calls='analytics.identify("u1", {a: 1});')
    site.settled(1)
    assert site.log() == ['do identify "u1" @anonymous', 'set user:attributes {"a":1} @u1']
    assert site.run("jimoSimulator.loads") == 1


def test_a_plugin_that_the_page_registers_twice_delivers_each_event_once(site: Site) -> None:
    site.snippet(before=tag(project_id=False))
    site.until("window.analytics.initialized")
    site.run(
        """(window.plugin = jimoDestination({ projectId: "p1",
            sdkUrl: "/web/playground/simulator.js?boot=30" }),
          Promise.all([analytics.register(plugin), analytics.register(plugin)])
            .then(() => analytics.track("one"))
            .then(() => { for (const name of ["two", "three", "four"]) analytics.track(name); }))"""
    )
    site.settled(4)
    assert [line.split()[2] for line in site.log()] == ["one", "two", "three", "four"]


def test_what_waits_for_python_is_copied_though_it_has_no_form_as_text(site: Site) -> None:
    site.snippet(before=tag(manual_init=True))
    site.until("window.analytics.initialized && segmentJimo.status().timings.registered")
    site.run("(window.map = new Map([['plan', 'pro']]), void analytics.track('one', { map }))")
    site.until("segmentJimo.status().events.held === 1")
    site.run("(map.set('plan', 'free'), void analytics.identify('u1'))")
    site.settled(2)
    tracks = "jimoSimulator.log.filter(({ command }) => command[1] === 'segmentio:track')"
    assert site.run(f"{tracks}[0].command[2][0].properties.map.get('plan')") == "pro"


def test_an_attribute_that_is_not_ours_leaves_the_runtime_what_it_is(site: Site) -> None:
    site.snippet(before=tag(cookieconsent="marketing"), calls='analytics.track("one");')
    status = site.settled(1)
    assert status["runtime"] == "micropython"
    assert [error["code"] for error in status["errors"]] == ["settings-warning"]
