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


@pytest.mark.parametrize(("runtime", "seed", "count"), PARTS)
def test_no_history_loses_an_event_or_writes_to_a_wrong_profile(
    runtime: str, seed: int, count: int
) -> None:
    (result,) = node("histories.mjs", runtime, str(count), str(seed))
    # Each fault has the command that replays it.
    assert result["faults"] == []
    assert result["histories"] == count
