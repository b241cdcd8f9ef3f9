"""The ways of docs/get-started.md, copied as a newcomer copies them, from an empty folder."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.outside import delivered, play, static
from tests.support.site import plain_snippet
from tools.build import DIST, MODULES, ROOT

PAGE = (ROOT / "docs" / "get-started.md").read_text()
COLOR = re.compile(r"\x1b\[\d+m")
HELLO = "segmentio:track"


def blocks(title: str, language: str) -> list[str]:
    """The examples in one language under a title of the page."""
    (section,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A host that has dist/, and nothing else."""
    (tmp_path / "dist").symlink_to(DIST)
    return tmp_path


def segments(load: str = 'analytics.load("YOUR_WRITE_KEY");') -> str:
    """Segment's snippet as the Segment app shows it, with the line that loads analytics.js."""
    return f"<script>{plain_snippet()}{load}</script>"


def hello(page: Page) -> None:
    """Calls what the docs say to try, and expects that Jimo is told."""
    (call,) = blocks("Script tag", "js")
    page.evaluate(call)
    assert delivered(page)[-1][1] == HELLO


def test_the_script_tag_as_the_docs_have_it(page: Page, folder: Path) -> None:
    play(page)
    (tag,) = blocks("Script tag", "html")
    (folder / "index.html").write_text(segments() + tag)
    with static(folder) as url:
        page.goto(url)
        hello(page)


def test_the_readme_as_it_stands(page: Page, folder: Path) -> None:
    play(page)
    (code,) = re.findall(r"```html\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (folder / "index.html").write_text(segments() + code)
    with static(folder) as url:
        page.goto(url)
        told = [command[1] for command in delivered(page, 2)]
    assert told == ["identify", "user:email", "user:attributes", HELLO]


def test_pyscript_as_the_docs_have_it(page: Page, folder: Path) -> None:
    play(page)
    (folder / "pyscript").symlink_to(MODULES / "@pyscript" / "core" / "dist")
    (code,) = blocks("PyScript", "html")
    core = '<script type="module" src="/pyscript/core.js"></script>'
    (folder / "index.html").write_text(core + segments() + code)
    with static(folder) as url:
        page.goto(url)
        hello(page)
        assert page.evaluate("segmentJimo.status().runtime") == "page"


def test_in_place_of_segments_own_plugin_as_the_docs_have_it(page: Page, folder: Path) -> None:
    own = {
        "name": "Jimo (Actions)",
        "creationName": "Jimo (Actions)",
        "libraryName": "jimoDestination",
        "url": "https://cdn.segment.com/next-integrations/actions/jimo/x.js",
        "settings": {"projectId": "p1"},
    }
    settings = {"integrations": {"Segment.io": {"apiKey": "k"}}, "remotePlugins": [own]}
    play(page, settings)
    (load,) = blocks("In place of Segment's own plugin", "js")
    (folder / "index.html").write_text(segments(load))
    with static(folder) as url:
        page.goto(url)
        hello(page)


def test_without_a_jimo_project_as_the_docs_have_it(page: Page, folder: Path) -> None:
    play(page)
    (tag,) = blocks("Without a Jimo project", "html")
    (folder / "web").symlink_to(ROOT / "web")
    (folder / "index.html").write_text(segments() + tag)
    with static(folder) as url:
        page.goto(url)
        hello(page)
        (look,) = blocks("Without a Jimo project", "js")
        assert page.evaluate(look)[-1]["command"][1] == HELLO


@pytest.fixture(scope="module")
def app(release: Path) -> Iterator[Path]:
    """A project beside the repository's own node_modules, with the tarball installed."""
    # Each worker of the tests has its own.
    folder = Path(tempfile.mkdtemp(prefix="app-", dir=ROOT / ".build"))
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    (tarball,) = release.glob("segment-jimo-*.tgz")
    install, copy = blocks("npm", "sh")[0].strip().split("\n", 1)
    # analytics.js is there already; and the tests have no network.
    command = re.sub(r"npm install @\S+ \./\S+", f"npm install --offline {tarball}", install)
    assert command != install
    for one in (command, copy):
        subprocess.run(one, shell=True, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (folder / "main.js").write_text(blocks("npm", "js")[0])
    (folder / "index.html").write_text('<script type="module" src="/main.js"></script>')
    yield folder
    shutil.rmtree(folder)


def vite(app: Path, *words: str) -> subprocess.Popen[str]:
    command: list[Any] = [MODULES / ".bin" / "vite", *words]
    return subprocess.Popen(command, cwd=app, text=True, stdout=subprocess.PIPE)


def test_the_npm_package_as_the_docs_have_it_built_by_vite(page: Page, app: Path) -> None:
    play(page)
    assert vite(app, "build", "--logLevel=error").wait() == 0
    with static(app / "dist") as url:
        page.goto(url)
        assert delivered(page)[-1][1] == HELLO


def test_the_same_in_the_development_server_of_vite(page: Page, app: Path) -> None:
    play(page)
    server = vite(app, "--host=127.0.0.1", "--port=0", "--clearScreen=false")
    try:
        assert server.stdout
        address = re.compile(r"http://127\.0\.0\.1:\d+/")
        lines = (address.search(COLOR.sub("", line)) for line in server.stdout)
        page.goto(next(found[0] for found in lines if found))
        assert delivered(page)[-1][1] == HELLO
    finally:
        server.terminate()
        server.wait()


TYPES = """
import { AnalyticsBrowser, type Plugin } from "@segment/analytics-next";
import { jimoDestination, type JimoSettings, type JimoStatus } from "segment-jimo";

const plugin: Plugin = jimoDestination({ projectId: "p", runtime: "pyodide" });
AnalyticsBrowser.load({ writeKey: "k", plugins: [jimoDestination, plugin] });
const status: JimoStatus | undefined = window.segmentJimo?.status();
const held: number | undefined = status?.events.held;
window.jimoDestination?.({ projectId: "p" }).unload();
// @ts-expect-error: the id is required
const idless: JimoSettings = {};
// @ts-expect-error: there is no such runtime
const other: JimoSettings = { projectId: "p", runtime: "cpython" };
// @ts-expect-error: it is read-only
if (window.segmentJimo) window.segmentJimo.initialized = true;
export { held, idless, other };
"""


def test_the_types_fit_those_of_analytics_js_and_refuse_what_is_wrong(app: Path) -> None:
    (app / "types.ts").write_text(TYPES)
    options = "--noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler"
    command: list[Any] = [MODULES / ".bin" / "tsc", *options.split(), "--types", "", "types.ts"]
    done = subprocess.run(command, cwd=app, text=True, stdout=subprocess.PIPE)
    assert done.stdout == ""
