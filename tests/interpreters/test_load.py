"""Many events at once: the page has its turn in between, and the order stays."""

from typing import Any

import pytest

from tests.interpreters.test_interpreters import node
from tests.support.site import RUNTIMES

# A slice is 10 ms, or 5 events where these take longer, and each command takes 0.1 ms.
MOST = 110


@pytest.fixture(scope="module", params=RUNTIMES)
def result(request: pytest.FixtureRequest) -> Any:
    """What tests/interpreters/load.mjs has seen."""
    return node("load.mjs", request.param)[0]


def test_held_events_drain_in_slices_and_what_comes_meanwhile_is_last(result: Any) -> None:
    drain = result["drain"]
    assert drain["inOrder"] and drain["last"] == "came meanwhile"
    assert drain["delivered"] == drain["received"] == 1_001
    assert drain["most"] < MOST


def test_a_burst_of_ten_thousand_before_python_keeps_the_user_and_the_newest(result: Any) -> None:
    burst = result["burst"]
    assert burst["shown"] == ["u1", "old", "u1", "new", "t9999"] and burst["inOrder"]
    assert burst["received"] == 10_002 and burst["delivered"] == 1_000
    assert burst["dropped"] == burst["count"] == 9_002
    assert burst["most"] < MOST


def test_identifies_that_jimo_answers_at_once_drain_in_slices(result: Any) -> None:
    assert result["sync"]["same"]
    assert result["sync"]["most"] < MOST


def test_a_reset_between_two_slices_finds_all_delivered_that_came_before_it(result: Any) -> None:
    # The identify goes out, and is open when the reset comes, so its traits do not.
    seen = ["first", "", "u1", "last"]
    assert result["reset"] == {"seen": seen, "tracks": 304, "dropped": 1, "reasons": ["reset"]}


def test_an_identify_between_two_slices_still_holds_back_what_follows(result: Any) -> None:
    # The first user and 150 tracks came before it.
    assert result["identify"] == {"open": [153, "u1"], "then": ["of u1", "after"], "all": 304}


def test_a_page_left_between_two_slices_keeps_just_the_rest(result: Any) -> None:
    left = {"some": True, "all": 500, "first": True, "seen": 500, "storage": 0}
    assert result["left"] == left


def test_a_destination_that_ends_between_two_slices_delivers_nothing_more(result: Any) -> None:
    assert result["unload"] == {"later": 0, "held": 0, "sum": 501, "some": True}
