"""Tells which changes of the code no test notices: ``make mutants``, by hand, about an hour.

Stryker changes operators, conditions and blocks of the page side, mutmut those of Python. Neither
takes out single statements, as people do, so that is done here: each statement is removed in turn,
and in Python each condition negated. Prints what was not noticed; docs/contributing.md says of
each why it makes no difference. Works on a copy in .build/mutants.
"""

import argparse
import ast
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.build import ROOT

PYTHON = ["identity.py", "delivery.py", "sdk.py"]
PAGE = [
    "web/page/plugin.js",
    "web/page/queue.js",
    "web/page/stamps.js",
    "web/page/memory.js",
    "web/page/handover.js",
    "web/later/dispatcher.js",
    "web/later/takeOver.js",
    "web/later/told.js",
]
UNIT_TESTS = [f"tests/unit/test_{name}" for name in PYTHON]
STRYKER = "@stryker-mutator/core@9.6.1"
MUTMUT = "mutmut==3.8.1"

BUILD = ROOT / ".build" / "mutants"
TREE = BUILD / "tree"
# Texts are told apart by no test on purpose, and an object that lacks a key is found by tsc.
NOT_WANTED = ["StringLiteral", "ObjectLiteral", "Regex"]


def stage() -> None:
    """Copies what the tests need to where it can be changed."""
    shutil.rmtree(TREE, ignore_errors=True)
    TREE.mkdir(parents=True)
    for name in ("src", "web", "tests", "tools"):
        shutil.copytree(ROOT / name, TREE / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "package.json"):
        shutil.copy(ROOT / name, TREE)
    for name in (".venv", "node_modules", "dist"):
        (TREE / name).symlink_to((ROOT / name).resolve())


def passes(command: list[str], seconds: int = 300) -> bool:
    """Tells whether a command ends well, in time."""
    try:
        done = subprocess.run(command, cwd=TREE, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


UNIT = [".venv/bin/python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *UNIT_TESTS]
NOTICED = ["node", "tests/interpreters/noticed.mjs"]


def python_changes(source: str) -> Iterator[tuple[int, str]]:
    """Yields (line, changed source) for each statement of functions and each condition."""
    lines = source.splitlines(keepends=True)

    def replaced(node: ast.stmt | ast.expr, text: str) -> str:
        # Offsets of ast count bytes.
        assert node.end_lineno is not None and node.end_col_offset is not None
        first, last = lines[node.lineno - 1].encode(), lines[node.end_lineno - 1].encode()
        before = first[: node.col_offset].decode()
        after = last[node.end_col_offset :].decode()
        rest = lines[: node.lineno - 1], lines[node.end_lineno :]
        return "".join(rest[0]) + before + text + after + "".join(rest[1])

    functions = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign):
            if not isinstance(node.value, ast.Constant) or not isinstance(node, ast.Expr):
                yield node.lineno, replaced(node, "pass")
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            condition = ast.get_source_segment(source, node.test)
            yield node.test.lineno, replaced(node.test, f"(not ({condition}))")


def page_changes(path: Path) -> Iterator[tuple[int, str]]:
    """Yields (line, changed source) for each statement of a file of the page side."""
    source = path.read_bytes()
    found = subprocess.check_output(["node", ROOT / "tools" / "statements.mjs", path], text=True)
    for start, end in json.loads(found):
        changed = source[:start] + b";" + source[end:]
        yield source[:start].count(b"\n") + 1, changed.decode()


def remove(files: list[str]) -> tuple[int, list[str]]:
    """Removes statement by statement; returns how many, and those that no test misses."""
    total, missed = 0, []
    for name in files:
        path = TREE / name
        source = path.read_text()
        changes = python_changes(source) if path.suffix == ".py" else page_changes(path)
        for line, changed in list(changes):
            path.write_text(changed)
            total += 1
            if passes(UNIT if path.suffix == ".py" else NOTICED):
                missed.append(f"{name}:{line}: {source.splitlines()[line - 1].strip()}")
                print("not noticed:", missed[-1], flush=True)
        path.write_text(source)
    return total, missed


def stryker(files: list[str]) -> None:
    """Has Stryker change the page side; it prints what was not noticed."""
    folder = BUILD / "stryker"
    command = folder / "node_modules" / ".bin" / "stryker"
    if not command.exists():
        npm = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), STRYKER]
        subprocess.run(npm, check=True)
    settings = {
        "testRunner": "command",
        "commandRunner": {"command": " ".join(NOTICED)},
        "mutate": files,
        "mutator": {"excludedMutations": NOT_WANTED},
        "inPlace": True,
        "concurrency": 1,
        "timeoutMS": 120_000,
        "reporters": ["clear-text"],
        "clearTextReporter": {"logTests": False, "allowColor": False},
    }
    (TREE / "stryker.conf.json").write_text(json.dumps(settings))
    subprocess.run([command, "run", "stryker.conf.json"], cwd=TREE, check=True)


def mutmut(files: list[str]) -> None:
    """Has mutmut change Python, then prints what was not noticed."""
    folder = BUILD / "mutmut"
    if not (folder / "bin" / "mutmut").exists():
        subprocess.run([ROOT / ".venv" / "bin" / "python", "-m", "venv", folder], check=True)
        pins = (ROOT / "requirements.txt").read_text().splitlines()
        pytest = next(pin for pin in pins if pin.startswith("pytest=="))
        pip = folder / "bin" / "pip"
        subprocess.run([pip, "install", "--quiet", MUTMUT, pytest], check=True)
    settings = {
        "source_paths": "src",
        "only_mutate": "\n    ".join(["", *files]),
        "pytest_add_cli_args_test_selection": "\n    ".join(["", *UNIT_TESTS]),
        "also_copy": "\n    ".join(["", "tools"]),
    }
    (TREE / "pyproject.toml").unlink()
    text = "\n".join(f"{name} = {value}" for name, value in settings.items())
    (TREE / "setup.cfg").write_text(f"[mutmut]\n{text}\n[tool:pytest]\npythonpath = src .\n")
    tool = folder / "bin" / "mutmut"
    subprocess.run([tool, "run", "--max-children", "2"], cwd=TREE, check=True)
    results = subprocess.run(
        [tool, "results"], cwd=TREE, check=True, capture_output=True, text=True
    )
    for name in [line.split(":")[0].strip() for line in results.stdout.splitlines() if ":" in line]:
        subprocess.run([tool, "show", name], cwd=TREE, check=True)


def main() -> None:
    """Changes all files, or those that are given, and prints what no test notices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--by", choices=["removal", "stryker", "mutmut"], action="append")
    parser.add_argument("files", nargs="*", help="such as web/page/queue.js")
    given = parser.parse_args()
    python = [f"src/segment_jimo/{name}" for name in PYTHON]
    files = given.files or [*python, *PAGE]
    python = [name for name in files if name.endswith(".py")]
    ways = given.by or ["removal", "stryker", "mutmut"]
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    stage()
    needed = [UNIT] if files == python else [UNIT, NOTICED]
    if not all(passes(tests) for tests in needed):
        raise SystemExit("The tests have to pass before anything is changed.")
    if "removal" in ways:
        total, missed = remove(files)
        print(f"removed or negated {total}, not noticed {len(missed)}")
    page = [name for name in files if name.endswith(".js")]
    if "stryker" in ways and page:
        stryker(page)
    if "mutmut" in ways and python:
        mutmut(python)


if __name__ == "__main__":
    main()
