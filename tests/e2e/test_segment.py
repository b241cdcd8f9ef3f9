"""Settings and subscriptions of the Segment app, as analytics.js hands them over."""

from typing import Any

import pytest

from tests.e2e.test_page import remote, serve_settings
from tests.support.site import Site, both_runtimes, tag
from tools.build import DIST


def path(path: str) -> dict[str, str]:
    return {"@path": path}


def subscription(action: str, trigger: str, **mapping: object) -> dict[str, object]:
    """A subscription as Segment's settings have it."""
    return {
        "partnerAction": action,
        "name": f"{action} on {trigger}",
        "enabled": True,
        "subscribe": trigger,
        "mapping": mapping,
    }


def workspace(site: Site, *subscriptions: object, **settings: object) -> None:
    """What the Segment app says from now on."""
    given: dict[str, Any] = {"projectId": "p1", "subscriptions": subscriptions, **settings}
    serve_settings(site, remote("https://cdn.invalid/peer.js", **given))


# As the docs have it, with choices of the page's own.
LOAD = """
const own = { runtime: "%s", sdkUrl: "/web/playground/simulator.js?boot=30&identify=30" };
analytics._loadOptions.updateCDNSettings = (settings) => ({
  ...settings,
  remotePlugins: settings.remotePlugins.map((plugin) =>
    plugin.name === "Jimo (Actions)"
      ? { ...plugin, url: "/dist/segment-jimo.js", settings: { ...plugin.settings, ...own } }
      : plugin),
});
"""
TRACK = {
    "messageId": path("$.messageId"),
    "timestamp": path("$.timestamp"),
    "event_name": {"@template": "{{type}} {{event}}{{name}}{{groupId}}"},
}


@both_runtimes
def test_a_change_in_the_segment_app_needs_no_change_of_the_page(site: Site, runtime: str) -> None:
    page = LOAD % runtime + 'analytics.track("Order", { price: 5 });'
    workspace(site, subscription("sendTrackEvent", 'type = "track"', **TRACK))
    site.snippet(calls=page)
    site.until("window.segmentJimo?.status().events.delivered === 1")
    assert site.log() == ["do segmentio:track track Order @anonymous"]

    workspace(
        site,
        subscription("sendTrackEvent", 'type = "track" and properties.price > 5', **TRACK),
        subscription("sendGroupData", 'event = "Order"', groupId=path("$.properties.price")),
    )
    site.snippet(calls=page)
    site.until("window.segmentJimo?.status().events.delivered === 1")
    assert site.log() == ["set user:group 5 @anonymous"]


@both_runtimes
def test_any_type_of_event_may_lead_to_any_action(site: Site, runtime: str) -> None:
    workspace(
        site,
        subscription("sendUserData", 'type = "page"', traits={"seen": path("$.name")}),
        subscription("sendGroupData", 'type = "alias"', groupId=path("$.userId")),
        subscription("sendTrackEvent", 'type = "screen"', **TRACK),
        subscription("sendTrackEvent", 'type = "group"', **TRACK),
        subscription(
            "sendUserData", 'type = "track"', userId=path("$.properties.id"), email="a@b.c"
        ),
    )
    site.snippet(
        calls=LOAD % runtime
        + """analytics.page("Home"); analytics.alias("u9"); analytics.screen("Start");
        analytics.group("g1"); analytics.track("Login", { id: 77 });"""
    )
    site.until("window.segmentJimo?.status().events.delivered === 5")
    assert sorted(site.log()) == [
        'do identify "77" @anonymous',
        "do segmentio:track group g1 @anonymous",
        "do segmentio:track screen Start @anonymous",
        'set user:attributes {"seen":"Home"} @anonymous',
        'set user:email "a@b.c" @77',
        "set user:group u9 @anonymous",
    ]


def test_destination_middleware_works_on_that_path(site: Site) -> None:
    workspace(site, subscription("sendGroupData", 'type = "group"', groupId=path("$.groupId")))
    site.snippet(
        calls=LOAD % "micropython"
        + """analytics.addDestinationMiddleware("Jimo (Actions)", ({ payload, next }) => {
          payload.obj.groupId = "hidden"; next(payload); });
        analytics.group("secret");"""
    )
    site.until("window.segmentJimo?.status().events.delivered === 1")
    assert site.log() == ["set user:group hidden @anonymous"]


@pytest.mark.parametrize("way", ("script tag", "segment"))
def test_one_action_may_be_switched_off_and_the_others_go_on(site: Site, way: str) -> None:
    off = """{ integrations: { "Jimo (Actions) sendTrackEvent": false,
                                "Jimo (Actions) sendUserData": false } }"""
    calls = (
        f'analytics.track("off", {{}}, {off}); analytics.track("on");'
        f'analytics.group("g", {{}}, {off}); analytics.identify("u", {{}}, {off});'
    )
    if way == "segment":
        workspace(
            site,
            subscription("sendTrackEvent", 'type = "track"', **TRACK),
            subscription("sendGroupData", 'type = "group"', groupId=path("$.groupId")),
            subscription("sendUserData", 'type = "identify"', userId=path("$.userId")),
        )
        site.snippet(calls=LOAD % "micropython" + calls)
    else:
        site.snippet(before=tag(), calls=calls)
    site.until("window.segmentJimo?.status().events.received === 4")
    status = site.settled(4)
    assert len(site.log()) == 2
    assert {line.split(" @")[0].split(" ")[1] for line in site.log()} == {
        "segmentio:track",
        "user:group",
    }
    assert status["events"] | {"unmatched": 2, "delivered": 2} == status["events"]


def test_a_copy_that_segments_settings_bring_takes_the_place_of_the_tag(site: Site) -> None:
    copy = (DIST / "segment-jimo.js").read_bytes()
    site.server.answers["/copy/"] = lambda _: (200, "text/javascript", copy)
    given = {"projectId": "p1", "assets": "/dist", "sdkUrl": "/web/playground/simulator.js?boot=30"}
    serve_settings(site, remote("/copy/segment-jimo.js", **given))
    site.snippet(before=tag(), calls='analytics.track("one");')
    (error,) = site.settled(1)["errors"]
    assert error["code"] == "already-on-page"
    assert site.log() == ["do segmentio:track one @anonymous"]
