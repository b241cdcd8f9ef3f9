"""What the image of MicroPython goes without comes when it is called, and nothing is lost.

Once on what ships, which nearly never calls any of it, and once on an image that has only what a
page needs before its first event.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interpreters.test_interpreters import CASES, node
from tools.build import run
from tools.trials import functions_of


def test_what_ships_gets_along_with_its_image() -> None:
    for result in node("odd.mjs", "micropython"):
        refused = result["name"] == "no list"
        assert result["events"]["delivered"] == (0 if refused else 1), result
        assert (result["error"] == "python-incomplete", result["fetched"]) == (False, 0), result


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """MicroPython divided so that the first event calls what was left out."""
    folder = tmp_path_factory.mktemp("bare")
    needed, parts = folder / "needed.json", (folder / "image.wasm", folder / "rest.wasm")
    needed.write_text(json.dumps({"functions": sorted(functions_of(folder, ("odd.mjs", "quiet")))}))
    run("split.mjs", folder / "imaged.wasm", *parts, needed)
    return parts


def told(script: str, parts: tuple[Path, Path], *arguments: str) -> list[Any]:
    """What a script of tests/interpreters says with these parts."""
    return node(script, ",".join(str(part) for part in parts), *arguments)


def test_a_call_of_what_was_left_out_costs_nothing_but_time(bare: tuple[Path, Path]) -> None:
    by_name = {result["name"]: result for result in node("cases.mjs", "micropython")}
    found = told("cases.mjs", bare)
    assert len(found) == len(CASES)
    for result in found:
        assert result["pushed"] == by_name[result["name"]]["pushed"]
        assert result["events"] == by_name[result["name"]]["events"]
    (histories,) = told("histories.mjs", bare, "100")
    assert histories["faults"] == []
    for kind in ("triggers", "mappings"):
        (pairs,) = told("differential.mjs", bare, kind, "500")
        assert pairs["tried"] >= 500


def test_where_the_rest_does_not_come_the_loss_is_counted_and_named(
    bare: tuple[Path, Path],
) -> None:
    image, _ = bare
    # The first of them is an identify: what handles it was left out.
    first, *_ = told("cases.mjs", (image, Path("not-there.wasm")))
    assert first["pushed"] == []
    assert first["events"]["dropped"] == first["events"]["received"] == 1
    assert [error["code"] for error in first["errors"]] == ["python-incomplete"]
