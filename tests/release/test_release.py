"""What `make release` leaves: what is in each part, and that it works."""

import json
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page

import segment_jimo
from tests.support.outside import refused, static
from tools.build import DIST, NPM, PACKAGE, ROOT

VERSION = segment_jimo.__version__
MODULES = {path.name for path in PACKAGE.glob("*.py*")} | {"py.typed"}


def one(release: Path, pattern: str) -> Path:
    """The file that has this pattern; its name has the version."""
    (found,) = release.glob(pattern)
    assert VERSION in found.name
    return found


def test_the_version_is_the_same_everywhere(release: Path) -> None:
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()
    assert json.loads((NPM / "package.json").read_text())["version"] == VERSION
    for pattern in ("*.whl", "*.tar.gz", "*.tgz"):
        one(release, pattern)
    named = re.compile(r'segment[-_]jimo(?:[-@]|": ")(\d+\.\d+\.\d+)|"version": "(.+?)"')
    places = [*(ROOT / "docs").rglob("*.*ml"), *(ROOT / "docs").glob("*.md")]
    places += (ROOT / "examples").glob("*/package.json")
    found = {
        (path.relative_to(ROOT).as_posix(), one or other)
        for path in places
        for one, other in named.findall(path.read_text())
    }
    assert len(found) >= 10 and {version for _, version in found} == {VERSION}, found
    assert f'"{VERSION}"' in (DIST / "segment-jimo.js").read_text()


def test_wheel_and_sdist_are_what_pypi_expects(release: Path) -> None:
    files = [one(release, "*.whl"), one(release, "*.tar.gz")]
    command: list[str | Path] = [sys.executable, "-m", "twine", "check", "--strict", *files]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def test_the_wheel_has_the_package_and_nothing_else(release: Path) -> None:
    with zipfile.ZipFile(one(release, "*.whl")) as wheel:
        names = wheel.namelist()
    package = {name.removeprefix("segment_jimo/") for name in names if ".dist-info" not in name}
    assert package == MODULES


def test_the_sdist_has_what_a_build_needs_and_nothing_else(release: Path) -> None:
    with tarfile.open(one(release, "*.tar.gz")) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames()}
    needed = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert {name for name in names if not name.startswith("src/")} == needed
    assert {name for name in names - needed} == {f"src/segment_jimo/{name}" for name in MODULES}


def test_the_wheel_can_be_installed_and_imported(release: Path, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False)
    python = tmp_path / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python]
    pip += ["install", "--quiet", "--no-index", one(release, "*.whl")]
    subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
    code = "import segment_jimo as s; s.Settings('p'); print(s.__version__)"
    done = subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.strip() == VERSION


def test_the_tarball_has_dist_types_docs_and_licences(release: Path) -> None:
    with tarfile.open(one(release, "*.tgz")) as tarball:
        packed = {name.removeprefix("package/") for name in tarball.getnames()}
    files = [path for path in (NPM / "dist").rglob("*") if path.is_file()]
    dist = {path.relative_to(NPM).as_posix() for path in files}
    assert dist <= packed and len(dist) > 12
    tools = {path.relative_to(NPM).as_posix() for path in (NPM / "node").iterdir()}
    maps = {path.relative_to(NPM).as_posix() for path in (NPM / "maps").iterdir()}
    assert tools | maps <= packed
    rest = {name for name in packed - dist - tools - maps if not name.startswith("docs/")}
    assert rest == {"package.json", "README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY.md"}
    package = json.loads((NPM / "package.json").read_text())
    named = {package["jsdelivr"], package["unpkg"], *package["exports"]["."].values()}
    assert {path.removeprefix("./") for path in named} <= packed


def test_a_source_map_leads_from_the_page_script_to_its_sources_and_no_page_fetches_it() -> None:
    script = (DIST / "segment-jimo.js").read_text()
    found = json.loads((NPM / "maps" / "segment-jimo.js.map").read_text())
    text = (ROOT / "web" / "page" / "plugin.js").read_text()
    assert found["sourcesContent"][found["sources"].index("web/page/plugin.js")] == text
    # The first line of the script is a comment; nothing is mapped there.
    assert found["mappings"].startswith(";") and found["mappings"].count(";") == script.count("\n")
    assert not [path for path in DIST.rglob("*.*js") if "sourceMappingURL" in path.read_text()]


def test_the_licences_name_the_versions_that_are_packed() -> None:
    text = (ROOT / "THIRD-PARTY.md").read_text()
    packages = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    for name in ("pyodide", "@micropython/micropython-webassembly-pyscript"):
        assert f"`{name}` {packages[name]}" in text, name


@pytest.mark.parametrize("folder", ("", "/deep/er"))
def test_the_static_site_shows_a_delivered_event(
    page: Page, release: Path, tmp_path: Path, folder: str
) -> None:
    outside = refused(page)
    place = tmp_path / "host" / folder.strip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(release.absolute() / "site")
    with static(tmp_path / "host") as url:
        page.goto(f"{url}{folder}/")
        page.wait_for_function("window.segmentJimo?.status().sdk === 'live'")
        page.evaluate("analytics.track('one')")
        page.wait_for_function("segmentJimo.status().events.delivered === 1")
        assert page.goto(f"{url}{folder}/docs/").ok  # type: ignore[union-attr]
    assert outside == []
