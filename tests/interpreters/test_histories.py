"""Random histories of a visitor on what ships: none loses an event or writes to a wrong profile.

The steps and the simulated page are in histories.mjs, what must hold is in visitor.mjs.
"""

import pytest

from tests.interpreters.test_interpreters import node


@pytest.mark.parametrize(("runtime", "count"), [("micropython", 1_000), ("pyodide", 200)])
def test_no_history_loses_an_event_or_writes_to_a_wrong_profile(runtime: str, count: int) -> None:
    (result,) = node("histories.mjs", runtime, str(count))
    assert result["faults"] == []
    assert result["histories"] == count
