"""What ships and what builds it: exact versions, hashes, nothing that runs on installing."""

import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path

from tools.build import DIST, NPM, PYODIDE, ROOT, divide, quicken

LOCK = json.loads((ROOT / "package-lock.json").read_text())["packages"]
INSTALLED = {name: package for name, package in LOCK.items() if name}


def test_each_file_that_ships_is_listed_with_its_hash() -> None:
    listed = json.loads((DIST / "integrity.json").read_text())
    files = {path.relative_to(DIST).as_posix(): path for path in DIST.rglob("*") if path.is_file()}
    assert set(listed) == set(files) - {"integrity.json", "sizes.json"}
    for name, integrity in listed.items():
        found = base64.b64encode(hashlib.sha384(files[name].read_bytes()).digest()).decode()
        assert integrity == f"sha384-{found}", name


def test_the_command_in_the_docs_prints_the_hash_for_the_script_tag() -> None:
    (command,) = re.findall(r"```sh\n(node -p .*)\n```", (ROOT / "docs" / "hosting.md").read_text())
    done = subprocess.run(command, shell=True, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    found = base64.b64encode(hashlib.sha384((DIST / "segment-jimo.js").read_bytes()).digest())
    assert done.stdout.decode().strip() == f"sha384-{found.decode()}"


def test_the_package_brings_no_other_and_runs_nothing_when_it_is_installed() -> None:
    package = json.loads((NPM / "package.json").read_text())
    assert not {"dependencies", "peerDependencies", "optionalDependencies", "scripts"} & set(
        package
    )
    project = (ROOT / "pyproject.toml").read_text()
    assert re.search(r"^dependencies = \[\]$", project, re.M) or "\ndependencies" not in project


def test_what_builds_and_tests_has_exact_versions_and_hashes() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+(\.\d+)+", version), name
        assert INSTALLED[f"node_modules/{name}"]["version"] == version
    assert [name for name, package in INSTALLED.items() if not package.get("integrity")] == []
    for file in ("requirements.txt", "requirements-pyodide.txt"):
        for line in (ROOT / file).read_text().splitlines():
            assert line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.]+", line), line


def test_no_package_runs_a_script_when_it_is_installed() -> None:
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text().splitlines()
    # Optional ones are for other systems.
    having = {
        name
        for name, package in INSTALLED.items()
        if package.get("hasInstallScript") and not package.get("optional")
    }
    assert having == {"node_modules/esbuild"}


def test_what_ships_of_others_is_what_npm_has_vouched_for(tmp_path: Path) -> None:
    (pyodide,) = DIST.glob("pyodide-*/pyodide.asm.wasm")
    assert pyodide.read_bytes() == (PYODIDE / "pyodide.asm.wasm").read_bytes()
    # Made from what npm has, the same each time, and not left by an earlier build.
    made = tmp_path / "micropython.wasm"
    quicken([made])
    assert shipped("whole") == made.read_bytes()
    parts = [tmp_path / "image.wasm", tmp_path / "rest.wasm"]
    divide(parts)
    assert [part.read_bytes() for part in parts] == [shipped("image"), shipped("rest")]


def shipped(part: str) -> bytes:
    """Returns a WebAssembly module of MicroPython."""
    (file,) = DIST.glob(f"micropython-{part}-*.wasm")
    return file.read_bytes()


def test_a_release_is_published_with_its_provenance_and_without_a_stored_password() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert text.count("id-token: write") == 2 and "--provenance" in text
    assert "secrets." not in text and "password" not in text.split("name: Release")[1]
