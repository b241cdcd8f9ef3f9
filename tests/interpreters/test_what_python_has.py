"""What docs/micropython.md says of Python: what is missing, and what works the same instead."""

import ast
import json
import re
from typing import Any

import pytest

from tests.interpreters.test_interpreters import node
from tools.build import ROOT

PAGE = (ROOT / "docs" / "micropython.md").read_text()
MISSING, MODULES = (
    re.findall(r"^\| (.+?) \| (.+) \|$", table.replace("\\|", "│"), re.M)
    for table in re.findall(r"^\| missing.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.M)
)
ROWS = [[cell.strip("`").replace("│", "|") for cell in row] for row in MISSING]
BEFORE = """
import binascii, collections, hashlib, json, re
text = "Mr Ada"
words = ["a", "b", "a"]
traits = {"plan": "pro", "name": "Ada"}
"""


def run(runtime: str, lines: list[str], before: str = BEFORE) -> Any:
    """Returns what the lines give in an interpreter."""
    return node("python.mjs", runtime, input=json.dumps({"before": before, "lines": lines}))[0]


def test_what_is_missing_fails_in_micropython_and_has_a_replacement_that_does_the_same() -> None:
    assert len(ROWS) == 16
    lines = [cell for row in ROWS for cell in row]
    micropython = run("micropython", lines)
    pyodide = run("pyodide", lines)
    for (missing, instead), *found in zip(
        ROWS, micropython[::2], micropython[1::2], pyodide[::2], pyodide[1::2], strict=True
    ):
        absent, *others = found
        assert "error" in absent, missing
        first, *rest = [ast.literal_eval(one["result"]) for one in others]
        assert all(one == first for one in rest), instead


def test_what_does_something_else_does_so() -> None:
    lines = ['"É".lower()', 're.match("a{2}", "aa")', "isinstance(True, int)"]
    assert [one["result"] for one in run("micropython", lines)] == [r"'\xc9'", "None", "False"]


@pytest.mark.parametrize("name", [name for row in MODULES for name in re.findall(r"\w+", row[0])])
def test_a_missing_module_is_missing(name: str) -> None:
    (found,) = run("micropython", [f'__import__("{name}")'])
    assert found.get("error") == "ImportError"
