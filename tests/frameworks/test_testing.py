"""The examples of docs/testing.md in Vitest, Jest and Playwright."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.frameworks.conftest import EXAMPLES, Project
from tests.support.site import LIBRARY, SNIPPET
from tools.build import ROOT
from tools.serve import Server

DOCS = (ROOT / "docs" / "testing.md").read_text()
TAG = '<script src="/dist/segment-jimo.js" data-project-id="p1"></script>'
BUTTON = "<button onclick=\"analytics.track('Order Completed')\">Buy</button>"


@pytest.fixture(scope="module")
def project(tarball: Path) -> Project:
    return Project("testing", tarball)


@pytest.mark.parametrize("file", ("jimo.test.mjs", "jimo.test.cjs", "jimo.spec.mjs"))
def test_the_docs_show_the_files_that_are_run(file: str) -> None:
    (shown,) = re.findall(rf'title="{re.escape(file)}"\n(.*?)```', DOCS, re.DOTALL)
    assert shown == (EXAMPLES / "testing" / file).read_text()


def test_vitest_runs_the_example(project: Project) -> None:
    assert re.search(r"Tests .*2 passed", project.run("npm", "run", "vitest", NO_COLOR="1"))


def test_jest_runs_the_example(project: Project) -> None:
    assert "1 passed, 1 total" in project.run("npm", "run", "jest")


def test_playwright_runs_the_example(
    project: Project, server: Server, playwright: Playwright
) -> None:
    html = f"<!doctype html>{TAG}<script>{SNIPPET}</script>{LIBRARY}{BUTTON}"

    def answer(path: str) -> tuple[int, str, bytes]:
        return (200, "text/html", html.encode()) if path == "/" else (0, "", b"")

    server.answers["/"] = answer
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    chromium = path or playwright.chromium.executable_path
    told = project.run("npm", "run", "playwright", BASE_URL=server.url, CHROMIUM=chromium)
    assert "1 passed" in told
