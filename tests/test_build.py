"""What `make build` leaves: files, sizes, and who imports whom."""

import ast
import json

import pytest

from tools.build import DIST, ORDER, PACKAGE

SIZES = json.loads((DIST / "sizes.json").read_text())


@pytest.mark.parametrize(
    ("start", "most"),
    (
        ("segment-jimo.js", 4_000),
        ("segment-jimo.mjs", 4_000),
        ("segment_jimo-", 12_000),
        ("segment_jimo_language", 9_000),
    ),
)
def test_what_a_page_fetches_stays_small(start: str, most: int) -> None:
    (name,) = [name for name in SIZES if name.startswith(start) and not name.endswith(".whl")]
    assert SIZES[name]["gzip"] <= most


def test_everything_that_the_contract_names_is_there() -> None:
    names = set(SIZES)
    assert {"segment-jimo.js", "segment-jimo.mjs", "segment_jimo.zip"} <= names
    assert "segment_jimo-0.1.0-py3-none-any.whl" in names


def test_a_module_imports_only_what_stands_before_it_and_only_one_the_browser() -> None:
    order = ORDER
    for position, name in enumerate(order):
        tree = ast.parse((PACKAGE / f"{name}.py").read_text())
        guarded = {
            inner for node in tree.body if isinstance(node, ast.If) for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if node in guarded:
                continue
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.module in order[:position], f"{name} imports {node.module}"
            if isinstance(node, ast.Import | ast.ImportFrom) and name != "browser":
                found = [alias.name for alias in node.names] + [getattr(node, "module", "")]
                assert not {"js", "pyodide", "pyodide.ffi"} & set(found), name
