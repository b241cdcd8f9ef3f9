"""The rest of MicroPython is fetched where a page needs it after all, and nothing is lost by it."""

import json

from tests.support.site import Site, tag

REST = "/dist/micropython-rest-"
# Text with a NUL in it is read by a function that pages do not need.
RARE = [
    {
        "partnerAction": "sendTrackEvent",
        "subscribe": 'type = "tr\0ck" or type = "track"',
        "mapping": {
            "event_name": {"@path": "$.event"},
            "messageId": {"@path": "$.messageId"},
            "timestamp": {"@path": "$.timestamp"},
        },
    }
]
BESIDE = f"<script type='application/json' data-segment-jimo>{json.dumps(RARE)}</script>"


def fetched(site: Site) -> int:
    return sum(path.startswith(REST) for path in site.server.requests)


def test_what_was_left_out_is_fetched_once_and_the_events_are_delivered(site: Site) -> None:
    site.snippet(before=BESIDE + tag(), calls='analytics.track("one"); analytics.track("two");')
    status = site.settled(2)
    assert site.log() == ["do segmentio:track one @anonymous", "do segmentio:track two @anonymous"]
    assert status["errors"] == [] and status["events"]["delivered"] == 2
    assert fetched(site) == 1


def test_an_ordinary_page_goes_without_it(site: Site) -> None:
    site.snippet(before=tag(), calls='analytics.identify("u1"); analytics.track("one");')
    site.settled(2)
    assert fetched(site) == 0


def test_a_rest_that_does_not_come_is_named_and_asked_for_again(site: Site) -> None:
    site.server.answers[REST] = lambda _: (404, "text/plain", b"")
    site.snippet(before=BESIDE + tag(), calls='analytics.track("one");')
    site.until("window.segmentJimo?.status().errors.length")
    (error,) = site.status()["errors"]
    assert error["code"] == "python-incomplete" and "second file of MicroPython" in error["message"]
    del site.server.answers[REST]
    site.settled(1)
    assert site.log() == ["do segmentio:track one @anonymous"]
