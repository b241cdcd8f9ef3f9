"""Parts of the page side by themselves, in Node without an interpreter."""

import re
from typing import Any

import pytest

from tests.interpreters.test_interpreters import node
from tools.build import ROOT

FILES = [
    ROOT / "tests" / "interpreters" / f"{name}.mjs"
    for name in ("parts", "partsEnd", "partsHandover", "partsLater", "partsPlugin")
]
NAMES = [name for file in FILES for name in re.findall(r'^test\("(.+)", ', file.read_text(), re.M)]


@pytest.fixture(scope="session")
def results() -> dict[str, Any]:
    """All tests, run in one go: what each has thrown, or ""."""
    return {result["name"]: result["error"] for result in node("parts.mjs")}


@pytest.mark.parametrize("name", NAMES)
def test_part(name: str, results: dict[str, Any]) -> None:
    assert results[name] == ""


def test_all_of_them_are_listed(results: dict[str, Any]) -> None:
    assert set(results) == set(NAMES)
