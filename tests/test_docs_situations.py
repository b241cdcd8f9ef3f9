"""Each situation that the docs describe names tests that exist."""

import re

import pytest

from tools.build import ROOT

PAGE = (ROOT / "docs" / "what-happens-when.md").read_text()
ROWS = re.findall(r"^\| (?!when…|-)(.+?) \| .+ \| (.+) \|$", PAGE, re.MULTILINE)
TESTS = {
    name
    for file in (ROOT / "tests").glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize(("situation", "named"), ROWS, ids=[row[0] for row in ROWS])
def test_a_situation_names_tests_that_exist(situation: str, named: str) -> None:
    names = re.findall(r"`(test_\w+)`", named)
    assert names and set(names) <= TESTS


def test_every_row_of_the_page_is_looked_at() -> None:
    assert PAGE.count("\n| ") == len(ROWS) + PAGE.count("\n| when… ")
