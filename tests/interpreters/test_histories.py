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

# Histories that went wrong once.
FOUND = {
    "an anonymous visitor became a user of whom Jimo was not told before the page was left": (
        "micropython",
        "identified only|traits|log in elsewhere|page|identify u1|reload without Python",
    ),
    "an anonymous visitor became a user of whom Jimo was never told": (
        "micropython",
        "anybody|reset|traits|new tab|deregister|identify u2|other tab|page|identify u1|callback",
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


# Histories that showed a fault once, of the product or of what must hold.
NAMED = {
    "a command that waits because users followed each other unseen": (
        "whole",
        "anybody|pass 11000|identify u1|log in elsewhere|identify u1 later|new tab|own name",
    ),
    "a command that waits while the page seems to be left": (
        "whole",
        "anybody|pass 1000|reset|traits|own name|seem to leave",
    ),
}


@pytest.mark.parametrize(("runtime", "steps"), NAMED.values(), ids=NAMED)
def test_a_history_that_was_wrong_once_is_right(runtime: str, steps: str) -> None:
    (result,) = node("histories.mjs", runtime, "1", "1", steps)
    assert result["faults"] == []
