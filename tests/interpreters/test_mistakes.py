"""Mistakes in settings never send more than was meant, and what they cost is said."""

from typing import Any

import pytest

from tests.interpreters.test_interpreters import node
from tests.support.site import RUNTIMES


@pytest.fixture(scope="module", params=RUNTIMES)
def found(request: pytest.FixtureRequest) -> Any:
    """What mistakes.mjs has found on an interpreter."""
    return node("mistakes.mjs", request.param)[0]


def test_no_single_character_edit_of_a_name_leads_to_a_command_more(found: Any) -> None:
    assert len(found["valid"]) == 5 and found["tried"] > 900
    assert found["more"] == []


def test_an_event_that_a_refused_subscription_may_have_wanted_says_so(found: Any) -> None:
    status = found["refused"]
    assert status["counts"]["unmatched"] == 5 and status["counts"]["delivered"] == 1
    refusal, unsure = status["errors"]
    assert (refusal["code"], refusal["subscription"]) == ("invalid-settings", "Orders")
    assert "might have" in unsure["message"] and '"Orders"' in unsure["message"]
    assert (unsure["code"], unsure["count"]) == ("unmatched-while-refused", 5)
    reasons = {one["reason"] for one in status["recent"] if one["outcome"] == "unmatched"}
    assert reasons == {unsure["code"]}
