"""The Liquid engine is fetched where a mapping needs it, and only there."""

import json

from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, pyscript, tag

ENGINE = "/dist/segment-jimo-liquid"
SIMULATOR = "/web/playground/simulator.js?boot=30&identify=30"


def open_with(site: Site, template: str, runtime: str, enabled: bool = True) -> None:
    """Opens a page of which one subscription has a Liquid template, and tracks an event."""
    fields = ("messageId", "timestamp")
    mapping = {name: {"@path": f"$.{name}"} for name in fields} | {
        "event_name": {"@liquid": template}
    }
    track = {"partnerAction": "sendTrackEvent", "subscribe": 'type = "track"', "mapping": mapping}
    subscriptions = [
        {**track, "enabled": enabled},
        {"partnerAction": "sendGroupData", "subscribe": 'type = "group"'},
    ]
    given = {
        "projectId": "p1",
        "sdkUrl": SIMULATOR,
        "runtime": runtime,
        "subscriptions": subscriptions,
    }
    site.open(
        '<script src="/dist/segment-jimo.js"></script>'
        f"<script>{SNIPPET}analytics.register(jimoDestination({json.dumps(given)}));"
        f'analytics.track("Order", {{ id: 7 }});</script>{LIBRARY}'
    )


def fetched(site: Site) -> list[str]:
    """Requests for the engine."""
    return [path for path in site.server.requests if path.startswith(ENGINE)]


@both_runtimes
def test_a_template_is_rendered_on_the_event(site: Site, runtime: str) -> None:
    open_with(site, "{{ event | upcase }} {{ properties.id }}", runtime)
    site.settled(1)
    assert site.log() == ["do segmentio:track ORDER 7 @anonymous"]
    assert len(fetched(site)) == 1


def test_no_other_page_fetches_the_engine(site: Site) -> None:
    open_with(site, "{{ event }}", "micropython", enabled=False)
    site.run('analytics.group("g1")')
    site.settled(2)
    assert fetched(site) == []


def test_an_engine_that_cannot_be_fetched_is_named_holds_events_and_is_fetched_again(
    site: Site,
) -> None:
    site.page.clock.install()
    site.server.answers[ENGINE] = lambda _: (404, "text/plain", b"")
    open_with(site, "{{ event }}", "micropython")
    site.until("segmentJimo.status().errors.length")
    status = site.status()
    (error,) = status["errors"]
    assert error["code"] == "boot-failed"
    assert "@liquid" in error["message"] and "segment-jimo-liquid-" in error["message"]
    assert (status["state"], status["events"]["held"]) == ("failed", 1)
    del site.server.answers[ENGINE]
    site.page.clock.fast_forward(1_000)
    site.settled(1)
    assert site.log() == ["do segmentio:track Order @anonymous"]


def test_a_mapping_of_the_pages_own_python_may_use_it(site: Site) -> None:
    code = """
from segment_jimo import SEND_GROUP_DATA, Subscription, attach

mapping = {"groupId": {"@liquid": "{{ groupId | upcase }}"}}
attach(subscriptions=[Subscription(SEND_GROUP_DATA, 'type = "group"', mapping)])
"""
    site.open(f"{tag(runtime='page')}<script>{SNIPPET}</script>{LIBRARY}", pyscript("mpy", code))
    site.until("segmentJimo.status().state === 'running' && analytics.initialized")
    site.run('analytics.group("g1")')
    site.settled(1)
    assert site.log() == ["set user:group G1 @anonymous"]
