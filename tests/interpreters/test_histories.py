"""Random histories of a visitor on what ships: none loses an event or writes to a wrong profile.

The steps and the simulated page are in histories.mjs, what must hold is in visitor.mjs.
"""

import pytest

from tests.interpreters.test_interpreters import node

# Each part has seeds of its own, so that the parts can run beside each other.
PART = 1_000
PARTS = [
    ("micropython", 0, PART),
    ("micropython", PART, PART),
    ("whole", 2 * PART, PART),
    ("whole", 3 * PART, PART),
    ("whole", 4 * PART, PART),
    ("pyodide", 0, 200),
]

# Histories that went wrong once, by a fault of the product or of what must hold.
FOUND = {
    "a command waits because users followed each other unseen": (
        "whole",
        "anybody|pass 11000|identify u1|log in elsewhere|identify u1 later|new tab|own name",
    ),
    "a command waits while the page seems to be left": (
        "whole",
        "anybody|pass 1000|reset|traits|own name|seem to leave",
    ),
    "an anonymous visitor became a user of whom Jimo was not told before the page was left": (
        "micropython",
        "identified only|traits|log in elsewhere|page|identify u1|reload without Python",
    ),
    "an anonymous visitor became a user of whom Jimo was never told": (
        "micropython",
        "anybody|reset|traits|new tab|deregister|identify u2|other tab|page|identify u1|callback",
    ),
    "that user was back when Jimo was told of another": (
        "micropython",
        "anybody|reset|traits|new tab|deregister|identify u2|other tab|page|identify u1|other tab|"
        "identify u2|other tab|page|callback",
    ),
    "what a page held again came after a command that had waited beside it": (
        "whole",
        "anybody|answers at once|reset|traits|own name|pass 1000|seem to leave|identify u2",
    ),
    "an anonymous visitor became a user of whom the page did not tell Jimo": (
        "whole",
        "identified only|traits|new tab|identify u1 later|track|other tab|own name|identify u3",
    ),
    "what a page held again belonged to the user that middleware had put into it": (
        "whole",
        "anybody|answers at once|identify u1 later|hand over changed|seem to leave|pass 1000|"
        "reload|group",
    ),
    "a page came back and told Jimo of the user whose event another page had": (
        "micropython",
        "identified only|identify u2|go on|reset in another tab|identify u3|go back",
    ),
    "another tab wrote first into the profile that Jimo started with": (
        "micropython",
        "anybody and kill|group later|new tab|log out elsewhere|group",
    ),
    "another tab wrote into that profile while an identify was overdue": (
        "whole",
        "identified only|traits|identify u3|new tab|log out elsewhere|identify u1 later|group",
    ),
    "Jimo started with the user of whom another tab had told it": (
        "whole",
        "anybody|identify u2|identify u1|new tab|group later",
    ),
    "that user was the visitor of then, and another one followed": (
        "micropython",
        "anybody|identify u2|new tab|answers twice|duplicate the tab|pass 100|identify u1|"
        "other tab|other tab|group",
    ),
    "a page came back that had not heard of a reset": (
        "whole",
        "anybody|answers twice|identify u1 later|track|go on|pass 1000|traits|go on|reset|traits|"
        "identify u3|go back",
    ),
    "the same user logged in again after a reset that the page does not know": (
        "whole",
        "identified only and kill|group|identify u1|duplicate the tab|deregister|reset|identify u1|"
        "other tab|own name",
    ),
    "a reset and a user whom this page does not know are one user for it": (
        "micropython",
        "identified only|identify u1 later|traits|duplicate the tab|log out elsewhere|identify u2|"
        "other tab|track later|duplicate the tab",
    ),
    "a command waited no longer for an identify that did not arrive": (
        "whole",
        "anybody|track|identify u1 later|own track|pass 11000|own name",
    ),
    "a command of an identified user waited no longer for an identify either": (
        "whole",
        "identified only|identify u1 later|page|identify u1 later|own name|pass 11000|own track",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_history_that_went_wrong_once_goes_right(name: str) -> None:
    runtime, history = FOUND[name]
    (result,) = node("histories.mjs", runtime, "1", "1", history)
    assert result["faults"] == []


@pytest.mark.parametrize(("runtime", "seed", "count"), PARTS)
def test_no_history_loses_an_event_or_writes_to_a_wrong_profile(
    runtime: str, seed: int, count: int
) -> None:
    (result,) = node("histories.mjs", runtime, str(count), str(seed))
    # Each fault has the command that replays it.
    assert result["faults"] == []
    assert result["histories"] == count
