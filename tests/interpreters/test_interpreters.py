"""The shared table of cases, on what ships: MicroPython and Pyodide with the real bridge."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.site import RUNTIMES, both_runtimes
from tools.build import DIST, MICROPYTHON, MODULES, ROOT

CASES = json.loads((ROOT / "tests" / "interpreters" / "cases.json").read_text())
NAMES = [case["name"] for case in CASES]


def node(script: str, *arguments: str, input: str | None = None) -> list[Any]:
    """Runs a script of tests/interpreters and returns the lines it prints."""
    command = ["node", f"tests/interpreters/{script}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=300, input=input
    )
    # Not splitlines(): JSON may have other ends of lines in its texts.
    return [json.loads(line) for line in done.stdout.split("\n") if line]


@pytest.fixture(scope="session", params=RUNTIMES)
def results(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All cases, run in one go, by name."""
    return {result["name"]: result for result in node("cases.mjs", request.param)}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_case(case: dict[str, Any], results: dict[str, Any]) -> None:
    result = results[case["name"]]
    assert result["pushed"] == case["pushed"]
    none = dict.fromkeys(("received", "unmatched", "held", "delivered", "dropped"), 0)
    assert result["events"] == none | case["events"]
    if "errors" in case:
        keys = case["errors"][0] if case["errors"] else ()
        found = [{key: error.get(key) for key in keys} for error in result["errors"]]
        assert found == case["errors"]


@both_runtimes
def test_nothing_that_breaks_an_interpreter_reaches_it(runtime: str) -> None:
    # Large integers, NUL, undefined and null, exceptions of the page, garbage collection.
    (result,) = node("traps.mjs", runtime)
    assert result["pushes"] == 5_000 and result["wrong"] == 0
    assert result["returnsTheContext"] == [True]
    assert result["events"]["delivered"] == 4_000 and result["events"]["dropped"] == 1_000
    (error,) = result["errors"]
    assert (error["code"], error["count"]) == ("push-failed", 1_000)


def test_what_ships_treats_exceptions_as_the_published_interpreter_does() -> None:
    def told(wasm: Path) -> list[str]:
        command: list[str | Path] = ["node", "tests/interpreters/exceptions.mjs", wasm]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.splitlines()

    (shipped,) = DIST.glob("micropython-whole-*.wasm")
    published = told(MICROPYTHON / "micropython.wasm")
    assert len(published) == 13 and published[-3] == "caught from JavaScript"
    assert told(shipped) == published


def test_an_exception_of_python_stays_within_webassembly() -> None:
    published = (MICROPYTHON / "micropython.wasm").read_bytes()
    for left_behind in (b"invoke_", b"throw_longjmp", b"<::>"):
        assert left_behind in published
        for shipped in DIST.glob("micropython-*.wasm"):
            assert left_behind not in shipped.read_bytes()


def test_no_try_has_a_value_since_webkit_would_not_catch_in_it() -> None:
    tries = []
    for shipped in DIST.glob("micropython-*.wasm"):
        command: list[str | Path] = [MODULES / ".bin" / "wasm-dis", shipped]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        tries += [line for line in done.stdout.splitlines() if "(try" in line]
    # The whole has 11. The parts lack one that only a page's own Python calls, and both may have
    # what both call.
    assert 21 <= len(tries) <= 33
    assert [line for line in tries if "(result" in line] == []
