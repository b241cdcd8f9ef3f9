"""Finds changes of the code that no test notices: ``make mutants``, 45 minutes.

It works on the files that decide whose profile an event may touch. It leaves out each statement in
turn, and negates each condition. The quickest tests run first. The first test that fails, or does
not end in time, has noticed the change. Then mutmut changes operators and values of the Python
files. All this happens on a copy in .build/mutants, which also gets the findings.
docs/contributing.md explains why the changes that no test notices make no difference.
"""

import argparse
import ast
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.build import ROOT

FILES = [
    "src/segment_jimo/identity.py",
    "src/segment_jimo/delivery.py",
    "src/segment_jimo/sdk.py",
    "web/page/plugin.js",
    "web/page/queue.js",
    "web/page/stamps.js",
    "web/page/memory.js",
    "web/page/handover.js",
    "web/later/dispatcher.js",
    "web/later/takeOver.js",
    "web/later/told.js",
]

BUILD = ROOT / ".build" / "mutants"
TREE = BUILD / "tree"
FOUND = BUILD / "found.txt"

PYTEST = [".venv/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
MYPY = [".venv/bin/python", "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
# A changed program may fill the memory without end.
NODE = ["node", "--max-old-space-size=500"]
MUTMUT = "mutmut==3.8.1"
UNIT_TESTS = [f"tests/unit/test_{name}.py" for name in ("identity", "delivery", "sdk")]
INTERPRETERS = [f"tests/interpreters/test_{name}.py" for name in ("interpreters", "load")]

# What a test may do.
PASSES, FAILS, ENDLESS = "passes", "fails", "does not end"

Tests = list[tuple[list[str], int]]
"""The command of each test and its time limit in seconds, the quickest first."""

PYTHON_TESTS: Tests = [([*PYTEST, *UNIT_TESTS], 60)]
PAGE_TESTS: Tests = [
    ([*NODE, "tests/interpreters/parts.mjs"], 20),
    ([*NODE, "tests/interpreters/histories.mjs", "whole", "500", "1", "first"], 60),
    ([*PYTEST, "-k", "micropython and not language", *INTERPRETERS], 120),
]


def stage() -> None:
    """Copies what the tests need into the folder where the changes happen."""
    shutil.rmtree(TREE, ignore_errors=True)
    TREE.mkdir(parents=True)
    for name in ("src", "web", "tests", "tools"):
        shutil.copytree(ROOT / name, TREE / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "package.json"):
        shutil.copy(ROOT / name, TREE)
    # A copy, because a build in the meantime would change what the tests load.
    shutil.copytree(ROOT / "dist", TREE / "dist")
    for name in (".venv", "node_modules"):
        (TREE / name).symlink_to((ROOT / name).resolve())


def outcome(command: list[str], seconds: int) -> str:
    """Returns whether a command passes, fails or does not end in time."""
    with subprocess.Popen(
        command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            printed, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return ENDLESS
        finally:
            # End also what the command has started.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    if process.returncode:
        return FAILS
    # A script of tests/interpreters prints a line of JSON for each test, or one for all.
    # splitlines() would also split at other line ends, which the texts in JSON may contain.
    results = [json.loads(line) for line in printed.decode().split("\n") if line.startswith("{")]
    return FAILS if any(one.get("error") or one.get("faults") for one in results) else PASSES


def tests_of(name: str) -> Tests:
    """Returns the tests that can notice a change of this file."""
    return PYTHON_TESTS if name.endswith(".py") else PAGE_TESTS


def python_changes(source: str) -> Iterator[tuple[int, str]]:
    """Yields (line, changed source) for each statement of functions and each condition."""
    lines = source.splitlines(keepends=True)

    def replaced(node: ast.stmt | ast.expr, text: str) -> tuple[int, str]:
        # Offsets of ast count bytes.
        assert node.end_lineno is not None and node.end_col_offset is not None
        before = lines[node.lineno - 1].encode()[: node.col_offset].decode()
        after = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode()
        rest = lines[: node.lineno - 1], lines[node.end_lineno :]
        return node.lineno, "".join([*rest[0], before, text, after, *rest[1]])

    functions = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    for node in (inner for function in functions for inner in ast.walk(function)):
        match node:
            case ast.Expr(value=ast.Constant()):
                # A docstring.
                pass
            case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Return():
                yield replaced(node, "pass")
            case ast.Continue() | ast.Break() | ast.Raise():
                yield replaced(node, "pass")
            case ast.If() | ast.While() | ast.IfExp():
                yield replaced(node.test, f"(not ({ast.get_source_segment(source, node.test)}))")


def page_changes(path: Path) -> Iterator[tuple[int, str]]:
    """Yields (line, changed source) for each statement and condition of a file in JavaScript."""
    source = path.read_bytes()
    found = subprocess.check_output(["node", ROOT / "tools" / "statements.mjs", path], text=True)
    for start, end, instead in json.loads(found):
        changed = source[:start] + instead.encode() + source[end:]
        yield source[:start].count(b"\n") + 1, changed.decode()


def describe(before: str, after: str, line: int) -> str:
    """Returns what the change did to the line."""
    one, other = before.splitlines()[line - 1].strip(), after.splitlines()[line - 1].strip()
    return f"{one}  ->  {other}"


def change(name: str, only: int | None) -> str:
    """Tries each change of a file; returns how many there are, and what became of them."""
    path = TREE / name
    source = path.read_text()
    changes = python_changes(source) if path.suffix == ".py" else page_changes(path)
    total = missed = endless = 0
    for line, changed in list(changes):
        if only not in (None, line):
            continue
        path.write_text(changed)
        noticed = "NOT NOTICED"
        for command, seconds in tests_of(name):
            if (became := outcome(command, seconds)) != PASSES:
                noticed = f"{' '.join(command)} {became}"
                endless += became == ENDLESS
                break
        else:
            missed += 1
            print(f"{name}:{line}: {describe(source, changed, line)}", flush=True)
        total += 1
        with FOUND.open("a") as found:
            print(f"{name}:{line}: {noticed}: {describe(source, changed, line)}", file=found)
    path.write_text(source)
    return f"{name}: {total} changes, {missed} not noticed, {endless} stop a test from ending"


def mutmut(names: list[str]) -> None:
    """Runs mutmut on the Python files, and prints what neither tests nor types noticed."""
    folder = BUILD / "mutmut"
    tool = folder / "bin" / "mutmut"

    def output(*words: str) -> list[str]:
        return subprocess.check_output([tool, *words], cwd=TREE, text=True).splitlines()

    def passes_types(mutant: str) -> bool:
        """Returns whether ``make check`` would accept a change."""
        path = TREE / "src" / Path(*mutant.split(".")[:-1]).with_suffix(".py")
        source = path.read_text()
        subprocess.run([tool, "apply", mutant], cwd=TREE, check=True, stdout=subprocess.DEVNULL)
        assert path.read_text() != source
        passed = outcome([*MYPY, "src"], 120) == PASSES
        path.write_text(source)
        return passed

    if not tool.exists():
        subprocess.run([ROOT / ".venv" / "bin" / "python", "-m", "venv", folder], check=True)
        pins = (ROOT / "requirements.txt").read_text().splitlines()
        pytest = next(pin for pin in pins if pin.startswith("pytest=="))
        subprocess.run([folder / "bin" / "pip", "install", "-q", MUTMUT, pytest], check=True)
    settings = {
        "source_paths": ["src"],
        "only_mutate": names,
        "pytest_add_cli_args_test_selection": UNIT_TESTS,
        "also_copy": ["tools"],
    }
    lines = ["[mutmut]"]
    for name, values in settings.items():
        lines += [f"{name} =", *(f"    {value}" for value in values)]
    (TREE / "setup.cfg").write_text("\n".join([*lines, "[tool:pytest]", "pythonpath = src ."]))
    # These are for tests with a browser.
    for name in ("pyproject.toml", "tests/conftest.py"):
        (TREE / name).unlink()
    subprocess.run([tool, "run"], cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    results = dict(line.strip().split(": ") for line in output("results", "--all", "true"))
    # A test noticed all others, or they did not end.
    passed = [name for name, what in results.items() if what in ("survived", "no tests")]
    missed = [name for name in passed if passes_types(name)]
    print(
        f"mutmut: {len(results)} changes, {len(passed)} pass the tests, {len(missed)} the types too"
    )
    for name in missed:
        print(
            name,
            *(line for line in output("show", name) if re.match(r"([-+])(?!\1)", line)),
            sep="\n  ",
        )


def main() -> None:
    """Changes all files, or the given ones, and prints what no test notices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", default=FILES, help="such as web/page/queue.js[:LINE]")
    given = parser.parse_args()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    stage()
    FOUND.unlink(missing_ok=True)
    names = [file.split(":")[0] for file in given.files]
    needed = [
        test
        for tests in (PYTHON_TESTS, PAGE_TESTS)
        for test in tests
        if tests in map(tests_of, names)
    ]
    if any(outcome(*test) != PASSES for test in needed):
        raise SystemExit("The tests have to pass before anything is changed.")
    print("Not noticed:")
    counts = []
    for file in given.files:
        name, _, line = file.partition(":")
        counts.append(change(name, int(line) if line else None))
    print(*counts, sep="\n", flush=True)
    if python := [name for name in names if name.endswith(".py")]:
        mutmut(python)


if __name__ == "__main__":
    main()
