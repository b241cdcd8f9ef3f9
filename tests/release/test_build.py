"""What `make build` leaves: files, sizes, and who imports whom."""

import ast
import json
import re
import subprocess

import pytest

import segment_jimo
from tools.build import DIST, ORDER, PACKAGE, ROOT

NAMED_BY_THE_CONTRACT = {"segment-jimo.js", "segment-jimo.mjs", "segment_jimo.zip"}
SIZES = json.loads((DIST / "sizes.json").read_text())


def weigh(*patterns: str) -> int:
    """Returns the gzip bytes of the files, of which each pattern has one."""
    found = [[name for name in SIZES if re.fullmatch(pattern, name)] for pattern in patterns]
    assert [len(names) for names in found] == [1] * len(patterns), found
    return sum(SIZES[name]["gzip"] for names in found for name in names)


PAGE = (r"segment-jimo\.js", r"segment-jimo-start-.*")
IMAGE = (r"micropython-image-.*\.wasm",)
WHOLE = (r"micropython-whole-.*\.mjs", r"micropython-whole-.*\.wasm")
PYODIDE = (
    r"pyodide-.*\.mjs",
    r"pyodide-.*/pyodide\.asm\.wasm",
    r"pyodide-.*/python_stdlib\.zip",
)


@pytest.mark.parametrize(
    ("files", "most"),
    (
        # The aim is 5,120.
        (PAGE[:1], 6_200),
        ((r"segment-jimo\.mjs",), 5_720),
        ((r"segment_jimo-.*\.mpy",), 12_000),
        ((r"segment_jimo_language-.*\.mpy",), 9_000),
        ((*PAGE, *IMAGE), 130_000),
        # What a page fetches with Python of its own.
        (
            (
                *PAGE,
                *WHOLE,
                *[rf"segment_jimo{part}-.*\.mpy" for part in ("", "_language", "_own")],
            ),
            253_000,
        ),
        ((*PAGE, *PYODIDE, r".*_jimo-.*\.pyc", r".*_language-.*\.pyc"), 4_700_000),
    ),
)
def test_what_a_page_fetches_stays_small(files: tuple[str, ...], most: int) -> None:
    assert weigh(*files) <= most


def test_what_a_page_fetches_by_itself_has_a_hash_in_its_name() -> None:
    not_fetched = {"segment-jimo.d.ts", "segment-jimo.schema.json"}
    for name in set(SIZES) - NAMED_BY_THE_CONTRACT - not_fetched:
        assert name.endswith(".whl") or re.search(r"-[0-9a-f]{8}[./]", name), name


def test_everything_that_the_contract_names_is_there() -> None:
    wheel = f"segment_jimo-{segment_jimo.__version__}-py3-none-any.whl"
    assert {*NAMED_BY_THE_CONTRACT, wheel} <= set(SIZES)


def test_a_module_imports_only_what_stands_before_it_and_only_two_the_browser() -> None:
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
            if isinstance(node, ast.Import | ast.ImportFrom) and name not in ("browser", "attach"):
                found = [alias.name for alias in node.names] + [getattr(node, "module", "")]
                assert not {"js", "pyodide", "pyodide.ffi"} & set(found), name


def test_a_cold_demo_says_what_takes_long_before_it_begins() -> None:
    command = ["make", "--dry-run", "--always-make", "demo"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    lines = done.stdout.splitlines()
    for step in ("-m venv", "npm ci", "tools.build"):
        at = next(at for at, line in enumerate(lines) if step in line)
        assert re.match(r'echo "(Installing|Building) .*(minute|seconds)', lines[at - 1]), step


def test_bundlers_leave_alone_what_the_module_imports() -> None:
    module = (DIST / "segment-jimo.mjs").read_text()
    assert "webpackIgnore: true" in module and "@vite-ignore" in module


def test_the_page_script_asks_chromium_to_compile_it_while_it_is_fetched() -> None:
    first, _, script = (DIST / "segment-jimo.js").read_text().partition("\n")
    assert first == "//# allFunctionsCalledOnLoad" and script.startswith("(()=>{")
