"""What a middleware in Python may do to the visitor: whose event is it then?"""

import pytest

from tests.e2e.test_client import KINDS, attach, py
from tests.support.site import Site

STALLED = "answer=stall&boot=30&identify=30"


@KINDS
def test_an_id_that_a_middleware_has_changed_is_the_same_user_on_the_next_page(
    site: Site, kind: str
) -> None:
    rename = 'middleware=lambda event: {"userId": "crm-" + event.userId}'
    attach(site, kind, settings=rename, sdk=STALLED, ready="segmentJimo.status().sdk === 'loading'")
    site.run("(analytics.identify('u1'), void analytics.track('one'))")
    site.until("segmentJimo.status().events.held === 2")
    attach(site, kind, settings=rename)
    site.settled(2)
    assert py(site, 'jimo.set_name("Ada")') == "[]"
    site.until("jimoSimulator.profiles['crm-u1'].name === 'Ada'")
    assert site.status()["errors"] == []
    assert [line for line in site.log() if "attributes" not in line] == [
        'do identify "crm-u1" @anonymous',
        "do segmentio:track one @crm-u1",
        'set user:name "Ada" @crm-u1',
    ]


@KINDS
@pytest.mark.parametrize("held", (False, True))
@pytest.mark.parametrize(
    ("end", "reason"),
    (("js.analytics.reset()", "reset"), ('js.analytics.deregister("Jimo (Actions)")', "unloaded")),
)
def test_an_event_whose_middleware_ends_its_user_or_the_destination_is_dropped_and_never_pushed(
    site: Site, kind: str, end: str, reason: str, held: bool
) -> None:
    attach(
        site,
        kind,
        settings=f"middleware=lambda event: ({end}, None)[1]",
        sdk=STALLED if held else "boot=30&identify=30",
        ready=f"segmentJimo.status().sdk === '{'loading' if held else 'live'}'",
    )
    site.run(
        "window.statusNow = segmentJimo.status, void analytics.identify('u1', { plan: 'pro' })"
    )
    site.until(
        "statusNow().events.received === 1 && (window.jimoSimulator || statusNow().events.dropped)"
    )
    site.server.stalled.set()
    site.until("statusNow().events.dropped === 1")
    assert site.run("statusNow().errors.map(({ code }) => code)") == [reason]
    assert site.log() == []
