"""A short run of what ``make soak`` does for an hour, and as many events as a page can be given."""

import pytest
from playwright.sync_api import Browser

from tests.support.site import both_runtimes
from tools.soak import Account, load, soak

SHORT = 120


@both_runtimes
def test_a_visitor_among_failures_loses_no_event_and_memory_stays(
    browser: Browser, runtime: str
) -> None:
    # The account of each event is checked on the way.
    found = soak(browser, runtime, SHORT)
    assert found["lost"] == 0 and found["delivered"] > 10
    assert found["pages"] > 2 and found["failures"] == 2
    heap, wasm = found["heap"], found["wasm"]
    assert heap[1] < heap[0] + 2 and wasm[1] == wasm[0]


@both_runtimes
def test_ten_thousand_events_before_python_and_a_thousand_a_second_after(
    browser: Browser, runtime: str
) -> None:
    found = load(browser, runtime)
    assert found["most"] <= 1_000
    before = found["settled"]
    assert (before["received"], before["delivered"], before["dropped"]) == (10_000, 1_000, 9_000)
    assert [(one["code"], one["count"]) for one in before["errors"]] == [("buffer-full", 9_000)]
    # What came later met a page that was not busy.
    assert (found["sent"], found["delivered"], found["dropped"]) == (15_000, 6_000, 9_000)


def test_the_account_ends_with_an_error_where_an_event_is_missing_or_strays() -> None:
    account = Account()
    for step in ("identify u1", "track", "reset", "identify u2"):
        account.steps(step)
    first, track, second = account.events
    account.reach("user:email", first, "u1")
    account.reach("segmentio:track", track, "u1")
    with pytest.raises(AssertionError, match="in the profile of u1"):
        account.reach("user:email", second, "u1")
    with pytest.raises(AssertionError, match="out of order"):
        account.reach("segmentio:track", track, "u1")
    events = {"received": 3, "unmatched": 0, "delivered": 3, "dropped": 0, "held": 0}
    with pytest.raises(AssertionError):
        account.check([{"events": events, "errors": []}])
