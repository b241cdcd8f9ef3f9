"""Each example, built as its users build it, and driven in Chromium."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.frameworks.conftest import EXAMPLES, Project
from tests.support.outside import play

FRAMEWORKS = ("react", "vue", "nextjs", "sveltekit")
SERVERS = [*[(name, "start") for name in FRAMEWORKS], ("react", "dev")]
IDENTIFY = 'do identify "u1"'
TRAITS = ['set user:email "ada@example.com"', 'set user:attributes {"email":"ada@example.com"}']


class Visit:
    """A browser on an example, and what went wrong on the way."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.problems: list[str] = []
        self.requests: list[str] = []
        play(page)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda told: self._hear(told.type, told.text))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(url)
        self.until("window.segmentJimo?.status().timings.registered > 0")

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error":
            self.problems.append(text)

    def until(self, condition: str) -> None:
        """Waits for a condition, also where a policy forbids the page to evaluate it."""
        end = time.monotonic() + 30
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, condition
            self.page.wait_for_timeout(50)

    def click(self, name: str) -> None:
        """Clicks a button of the example."""
        self.page.get_by_role("button", name=name).click()

    def follow(self, name: str) -> None:
        """Follows a link without leaving the page."""
        self.page.evaluate("window.stays = true")
        self.page.get_by_role("link", name=name).click()
        self.page.get_by_role("heading", name=name).wait_for()
        assert self.page.evaluate("window.stays")

    def commands(self, count: int) -> list[str]:
        """What Jimo was told, once there are so many."""
        self.until(f"window.jimoSimulator?.log.length >= {count}")
        told: list[str] = self.page.evaluate(
            """jimoSimulator.log.map(({ command: [verb, method, [first]] }) =>
              first.event ? `${first.event} on ${first.properties.path}` :
                `${verb} ${method} ${JSON.stringify(first)}`)"""
        )
        return told


@pytest.fixture(scope="session")
def projects() -> dict[str, Project]:
    """Those that were built, by name."""
    return {}


@pytest.mark.parametrize(("name", "script"), SERVERS)
def test_a_user_logs_in_walks_about_buys_and_logs_out(
    page: Page, tarball: Path, projects: dict[str, Project], name: str, script: str
) -> None:
    if name not in projects:
        projects[name] = Project(name, tarball)
    project = projects[name]
    if script == "start":
        project.run("npm", "run", "build")
    with project.serve(script) as (url, log):
        visit = Visit(page, url)
        visit.click("Buy")
        visit.follow("Pricing")
        visit.until("segmentJimo.status().events.held > 0")
        # Nothing of Jimo, and nothing of Python, before there is a user.
        assert not [one for one in visit.requests if re.search("usejimo|micropython", one)]

        visit.click("Log in")
        assert visit.commands(4) == [IDENTIFY, "Order Completed on /", *TRAITS]
        visit.click("Buy")
        visit.follow("Home")
        assert visit.commands(5)[-1] == "Order Completed on /pricing"
        visit.click("Log out")
        visit.click("Log in")
        told = visit.commands(8)
        assert told[5:] == [IDENTIFY, *TRAITS]
        visit.until("segmentJimo.status().events.held === 0")

        status = page.evaluate("segmentJimo.status()")
        assert status["errors"] == [] and status["events"]["dropped"] == 0
        assert page.evaluate("jimoSimulator.loads") == 1
        ids = page.evaluate(
            """jimoSimulator.log.flatMap(({ command }) => command[2][0].messageId ?? [])"""
        )
        assert len(ids) == len(set(ids)) == 2
        assert len(visit.commands(8)) == 8
        assert visit.problems == []
    assert not re.search(r"\berror\b", log.read_text(), re.I), log.read_text()


def test_every_example_is_driven() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {*FRAMEWORKS, "testing"}
