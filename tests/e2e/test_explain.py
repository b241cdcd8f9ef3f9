"""``segmentJimo.explain()`` and ``status().recent`` on a page."""

import json
from typing import Any

from tests.support.site import Site, both_runtimes, tag

EVENT = """({ type: "track", event: "one", messageId: "m1", timestamp: new Date(0),
  anonymousId: "a1", properties: { total: 5 } })"""


def explained(site: Site, event: str = EVENT) -> dict[str, Any]:
    said: dict[str, Any] = site.run(f"segmentJimo.explain({event})")
    return said


@both_runtimes
def test_it_boots_python_on_an_identified_only_page_and_loads_nothing_of_jimo(
    site: Site, runtime: str
) -> None:
    site.snippet(
        before=tag(manual_init=True, debug=False, runtime=runtime),
        calls='analytics.track("real");',
    )
    site.until("window.segmentJimo?.status().events.held === 1")
    said = explained(site)
    assert (said["outcome"], said["reason"]) == ("held", "no-user")
    assert [command[1] for command in said["commands"]] == ["segmentio:track"]
    status = site.status()
    assert (status["state"], status["sdk"], status["events"]["held"]) == ("running", "none", 1)
    assert not any("simulator" in path for path in site.server.requests)
    # An event with a user would start Jimo.
    said = explained(site, '({ type: "identify", userId: "u1", traits: { email: "a@b.c" } })')
    assert [command[1] for command in said["commands"]] == [
        "identify",
        "user:email",
        "user:attributes",
    ]
    assert said["commands"][0] == ["do", "identify", ["u1", "callback"]]
    assert site.status()["sdk"] == "none" and site.run("segmentJimo.initialized") is False


@both_runtimes
def test_it_says_of_each_field_where_it_comes_from_and_what_is_missing(
    site: Site, runtime: str
) -> None:
    site.snippet(before=tag(debug=False, runtime=runtime), calls='analytics.track("real");')
    site.settled(1)
    said = explained(site)
    assert (said["outcome"], said["reason"]) == ("delivered", None)
    (track,) = [one for one in said["subscriptions"] if one["matched"]]
    fields = {field["name"]: field for field in track["fields"]}
    assert fields["event_name"] == {
        "name": "event_name",
        "path": "$.event",
        "type": "text",
        "value": "one",
    }
    assert (fields["properties"]["type"], fields["userId"]["type"]) == ("object", "nothing")
    said = explained(site, '({ type: "track", event: "one" })')
    assert (said["outcome"], said["reason"], said["commands"]) == ("dropped", "missing-field", [])
    (track,) = [one for one in said["subscriptions"] if one["matched"]]
    assert track["missing"] == ["messageId", "timestamp"]
    assert track["error"]["code"] == "missing-field"
    # None of it has had an effect.
    status = site.status()
    assert (status["errors"], len(status["recent"])) == ([], 1)
    assert len(site.log()) == 1


def test_it_says_that_an_event_would_reach_another_user(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls='analytics.identify("u1");')
    site.settled(1)
    other = EVENT.replace("anonymousId", 'userId: "u2", anonymousId')
    said = explained(site, other)
    assert (said["outcome"], said["reason"], said["commands"]) == ("dropped", "other-user", [])
    site.run("analytics.reset()")
    said = explained(site, '({ type: "group", groupId: "g1" })')
    assert (said["outcome"], said["reason"]) == ("held", "next-identify")


def test_it_says_that_data_is_kept_back_because_another_page_gave_jimo_a_user(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls='analytics.track("one");')
    site.settled(1)
    # As another tab does. Python hears of it when this page is about to send such data.
    site.run('localStorage["segment-jimo:p1"] = "other"')
    traits = """({ type: "identify", traits: { email: "a@b.c" },
      anonymousId: analytics.user().anonymousId() })"""
    said = explained(site, traits)
    assert (said["outcome"], said["reason"], said["commands"]) == ("held", "next-identify", [])
    site.run('analytics.identify({ email: "a@b.c" })')
    site.until("segmentJimo.status().events.received === 2")
    assert site.status()["events"]["held"] == 1
    # After an identify of its own, all of the event goes out.
    said = explained(site, '({ type: "identify", userId: "u1", traits: { email: "a@b.c" } })')
    assert said["outcome"] == "delivered"


def test_it_says_what_becomes_of_an_event_once_what_is_ahead_of_it_is_out(site: Site) -> None:
    sdk = "/web/playground/simulator.js?boot=30&identify=never"
    site.snippet(before=tag(debug=False, sdk_url=sdk), calls='analytics.identify("u1");')
    site.until("window.jimoSimulator?.log.length === 1")
    of_u1, of_u2 = (
        EVENT.replace("anonymousId", f'userId: "{u}", anonymousId') for u in ("u1", "u2")
    )
    said = explained(site, of_u1)
    assert (said["outcome"], said["reason"], len(said["commands"])) == ("held", "identify-open", 1)
    said = explained(site, of_u2)
    assert (said["outcome"], said["reason"], said["commands"]) == ("dropped", "other-user", [])
    # Another identify waits ahead of it.
    site.run("analytics.identify('u2')")
    site.until("segmentJimo.status().events.held === 2")
    before = site.status()
    said = explained(site, of_u2)
    assert (said["outcome"], said["reason"], len(said["commands"])) == ("held", "identify-open", 1)
    said = explained(site, of_u1)
    assert (said["outcome"], said["reason"], said["commands"]) == ("dropped", "other-user", [])
    assert site.status() == before


def test_it_says_that_an_event_is_switched_off(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls="analytics.page();")
    site.settled(1)
    site.until("segmentJimo.status().sdk === 'live'")
    for integrations in ("{ 'Jimo (Actions)': false }", "{ All: false }"):
        said = explained(site, EVENT.replace("type:", f"integrations: {integrations}, type:"))
        assert (said["outcome"], said["reason"]) == ("unmatched", "switched-off")
        assert said["commands"] == []
    both = "{ All: false, 'Jimo (Actions)': true }"
    said = explained(site, EVENT.replace("type:", f"integrations: {both}, type:"))
    assert said["outcome"] == "delivered"


def test_it_runs_the_middlewares_on_a_copy(site: Site) -> None:
    add = """analytics.addDestinationMiddleware("Jimo (Actions)", async ({ payload, next }) => {
      await null;
      if (payload.obj.event === "secret") return next(null);
      payload.obj.properties.total = 0;
      next(payload);
    });"""
    site.snippet(before=tag(debug=False), calls=f"{add} analytics.page();")
    site.settled(1)
    site.until("segmentJimo.status().sdk === 'live'")
    before = site.status()
    site.run(f"window.given = {EVENT}")
    said = explained(site, "given")
    assert said["outcome"] == "delivered"
    assert said["commands"][0][2][0]["properties"] == {"total": 0}
    assert site.run("given.properties.total") == 5
    said = explained(site, EVENT.replace('"one"', '"secret"'))
    assert (said["outcome"], said["reason"]) == ("dropped", "dropped-by-middleware")
    assert site.status() == before


def test_it_knows_that_the_visitor_does_not_change_with_an_alias(site: Site) -> None:
    beside = """<script type="application/json" data-segment-jimo>{"subscriptions": [
      {"partnerAction": "sendUserData"},
      {"partnerAction": "sendTrackEvent",
       "subscribe": "type = \\"alias\\"",
       "mapping": {"event_name": "alias", "messageId": "m", "timestamp": "t"}}]}</script>"""
    site.snippet(before=beside + tag(debug=False), calls='analytics.identify("u1");')
    site.settled(1)
    said = explained(site, '({ type: "alias", userId: "u2", previousId: "u1", anonymousId: "a" })')
    assert said["outcome"] == "delivered"


def test_what_is_no_event_gets_an_answer_too(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls="analytics.page();")
    site.settled(1)
    said = explained(site, "null")
    assert said == {
        "outcome": "dropped",
        "reason": "tools-failed",
        "subscriptions": [],
        "commands": [],
    }


def test_after_the_end_of_the_destination_it_says_why(site: Site) -> None:
    site.snippet(before=tag(debug=False, manual_int=True), calls='analytics.track("one");')
    site.until("window.segmentJimo?.status().state === 'failed'")
    said = explained(site)
    assert said == {
        "outcome": "dropped",
        "reason": "invalid-settings",
        "subscriptions": [],
        "commands": [],
    }


def test_recent_events_are_bounded_in_number_and_in_bytes(site: Site) -> None:
    site.snippet(before=tag(debug=False), calls="analytics.page();")
    site.settled(1)
    site.run(
        """for (let times = 0; times < 60; times++)
          analytics.track("x".repeat(100_000), { secret: "y".repeat(1000) });"""
    )
    status = site.settled(61)
    assert len(status["recent"]) == 50
    text = json.dumps(status["recent"])
    assert len(text) < 50 * 1000 and "yyy" not in text
