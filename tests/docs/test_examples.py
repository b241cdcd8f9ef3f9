"""The pages of docs/examples/, as they are, on the server of `make demo`."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.support.site import Site
from tools.build import ROOT

PYODIDE = ROOT / "node_modules" / "pyodide"


def open_example(site: Site, name: str) -> None:
    """Opens a page and waits until its Python has attached the destination and Jimo is live."""
    site.page.goto(f"{site.server.url}/docs/examples/{name}.html")
    site.until("window.segmentJimo?.status().sdk === 'live'")


def serve_micropip(site: Site) -> None:
    """Serves micropip where Pyodide looks for it: the npm package of Pyodide has no packages."""
    (wheel,) = (ROOT / ".venv" / "pyodide").glob("micropip-*.whl")
    content = wheel.read_bytes()
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text())
    assert lock["packages"]["micropip"]["file_name"] == wheel.name
    # Pyodide has built it once more; that of PyPI is another archive of the same files.
    lock["packages"]["micropip"]["sha256"] = hashlib.sha256(content).hexdigest()
    site.server.answers[f"/node_modules/pyodide/{wheel.name}"] = lambda _: (
        200,
        "application/zip",
        content,
    )
    site.server.answers["/node_modules/pyodide/pyodide-lock.json"] = lambda _: (
        200,
        "application/json",
        json.dumps(lock).encode(),
    )


def test_mpy_files_writes_for_the_user_who_signs_in_and_asks_jimo(site: Site) -> None:
    open_example(site, "mpy-files")
    site.page.click("#sign-in")
    site.page.click("#help")
    site.page.click("#ask")
    site.until("document.querySelector('#answer').textContent")
    assert site.page.text_content("#answer") == "plan pro, 0 unread"
    assert [line for line in site.log() if "{}" not in line] == [
        'do identify "u1" @anonymous',
        'set user:name "Ada" @u1',
        'set user:attributes {"plan":"pro","seats":3} @u1',
        'do widget:open {"page":"feedback"} @u1',
        "get jimer:attributes undefined @u1",
        "get widget:unreadCount undefined @u1",
    ]


def test_py_files_has_rules_of_its_own_and_identifies_for_jimo_alone(site: Site) -> None:
    open_example(site, "py-files")
    site.page.click("#sign-in")
    site.until("document.querySelector('#answer').textContent")
    year = site.run("new Date().getUTCFullYear()")
    assert site.page.text_content("#answer") == f"Hello Ada, in {year}"
    site.page.click("#buy")
    site.settled(2)
    assert site.log() == [
        'do identify "ada" @anonymous',
        'set user:email "ada@example.com" @ada',
        "do widget:open undefined @ada",
        "get widget:lastOpenDate undefined @ada",
        "do segmentio:track Order Completed @ada",
    ]


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_packages_installs_the_wheel(site: Site, kind: str) -> None:
    if kind == "py":
        serve_micropip(site)
    open_example(site, f"{kind}-packages")
    site.page.click("#tour")
    site.until("jimoSimulator.log.length === 2")
    assert site.log() == [
        'do boosted:trigger {"evolutionId":"YOUR_EXPERIENCE_ID"} @anonymous',
        "do segmentio:track Tour Started @anonymous",
    ]
    installed = [path for path in site.server.requests if "micropip" in path]
    assert bool(installed) is (kind == "py")


def test_every_example_is_run_and_the_docs_link_to_it() -> None:
    tests = Path(__file__).read_text()
    docs = (ROOT / "docs" / "python.md").read_text()
    for page in (ROOT / "docs" / "examples").glob("*.html"):
        kind, _, how = page.stem.partition("-")
        assert f"def test_{kind}_{how}" in tests or f"def test_{how}" in tests
        assert f"(examples/{page.name})" in docs, page.name
