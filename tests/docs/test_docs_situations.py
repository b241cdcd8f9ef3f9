"""Each line of the docs that is said to be shown by tests names tests that exist."""

import re

import pytest

from tools.build import ROOT

PAGES = (
    *("what-happens-when", "sources", "consent", "hosting", "differences"),
    *("signature", "logout", "impersonation", "attributes"),
)
# A row without a name says nothing that a test could show, and ends with an empty cell.
ROWS = {
    (page, row[0][:60]): row[-1]
    for page in PAGES
    for table in re.findall(
        r"^\|.*shown by \|\n\|[-|]+\|\n((?:\|.*\n)+)",
        (ROOT / "docs" / f"{page}.md").read_text(),
        re.MULTILINE,
    )
    for row in (re.split(r" \| ", line.strip("| ")) for line in table.splitlines())
    if "`" in row[-1]
}
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize(("page", "situation"), ROWS)
def test_a_situation_names_tests_that_exist(page: str, situation: str) -> None:
    names = re.findall(r"`(test_\w+)`", ROWS[page, situation])
    assert names and set(names) <= TESTS


@pytest.mark.parametrize("page", PAGES)
def test_every_row_of_the_page_is_looked_at(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text()
    looked_at = sum(1 for found, _ in ROWS if found == page)
    assert looked_at == len(re.findall(r"^\|.*`test_\w+` \|$", text, re.MULTILINE)) > 0


def test_the_page_about_engines_has_a_row_for_each_scenario() -> None:
    scenarios = (ROOT / "tests" / "engines" / "test_scenarios.py").read_text()
    names = re.findall(r"^def test_(\w+)", scenarios, re.MULTILINE)
    page = (ROOT / "docs" / "engines.md").read_text()
    rows = re.findall(r"^\| (?!scenario)([^|]+) \|(?: [^|]+ \|){3}$", page, re.MULTILINE)
    assert rows == [name.replace("_", " ") for name in names]
