"""Triggers and mappings against Segment's own npm packages, run on what ships."""

import pytest

from .test_interpreters import node


@pytest.mark.parametrize("kind", ("triggers", "mappings"))
@pytest.mark.parametrize(("runtime", "pairs"), (("micropython", 20_000), ("pyodide", 2_000)))
def test_random_triggers_and_mappings_mean_what_they_mean_to_segment(
    runtime: str, pairs: int, kind: str
) -> None:
    (result,) = node("differential.mjs", runtime, kind, str(pairs))
    assert result["tried"] >= pairs
