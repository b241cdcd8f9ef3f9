"""Fixtures: the built files, a server, and a page with the real analytics.js on it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.support.site import Site
from tools.browser import launch
from tools.release import fill
from tools.serve import Server


@pytest.fixture
def runtime() -> str:
    """The runtime of a test that is not for both."""
    return "micropython"


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium that the set-up has seen to."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make release`` would leave; ``make release`` itself looks at its own."""
    if "RELEASE" in os.environ:
        return Path(os.environ["RELEASE"]).absolute()
    folder = tmp_path_factory.mktemp("release") / "release"
    fill(folder)
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of one's own, so that a test can make it fail."""
    server = Server()
    server.run()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(page: Page, server: Server) -> Iterator[Site]:
    """A page of a customer that has to stay free of errors."""
    site = Site(page, server)
    yield site
    assert site.errors == []
