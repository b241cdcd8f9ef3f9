"""The architecture page names files and functions that are there."""

import re

import pytest

from tools.build import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
STEPS = re.findall(r"^\d+\. `([^`]+)`, `(\w+)`:", PAGE, re.M)
PLACES = re.findall(r"`((?:web|src|npm|tools|tests)/[\w./-]*)`", PAGE)


def test_an_identify_has_ten_steps_and_a_track_has_five() -> None:
    assert len(STEPS) == 15


@pytest.mark.parametrize(("file", "function"), STEPS)
def test_each_step_is_a_function_that_is_there(file: str, function: str) -> None:
    text = (ROOT / file).read_text()
    # A function, a method, or a property that holds one.
    defined = rf"(def |function ){function}\(|^ *{function}\(.*\{{$|\b{function}(:| =) "
    assert re.search(defined, text, re.M)


@pytest.mark.parametrize("place", sorted(set(PLACES)))
def test_each_file_and_folder_is_there(place: str) -> None:
    assert (ROOT / place).exists()
