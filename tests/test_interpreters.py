"""The shared table of cases, on what ships: MicroPython and Pyodide with the real bridge."""

import json
import subprocess
from typing import Any

import pytest

from tools.build import ROOT

CASES = json.loads((ROOT / "tests" / "cases.json").read_text())
NAMES = [case["name"] for case in CASES]


@pytest.fixture(scope="session", params=("micropython", "pyodide"))
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All cases, run in one go on one interpreter in Node, by name."""
    command = ["node", str(ROOT / "tests" / "node" / "cases.mjs"), request.param, str(ROOT)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=300)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {result["name"]: result for result in found}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_case(case: dict[str, Any], results: dict[str, Any]) -> None:
    result = results[case["name"]]
    assert result["pushed"] == case["pushed"]
    none = dict.fromkeys(("received", "unmatched", "held", "delivered", "dropped"), 0)
    assert result["events"] == none | case["events"]
    if "errors" in case:
        found = [{key: error.get(key) for key in case["errors"][0]} for error in result["errors"]]
        assert found == case["errors"]
