"""Runs the scenarios in each of ``ENGINES``, and writes what came out into the page ``TABLE``.

``make test`` runs them in Chromium, ``make test-engines`` in all three.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.support.site import Site
from tools.engines import ENGINES, Engine
from tools.serve import Server

WATCH = """<script nonce="abc">window.pageErrors = [];
addEventListener("error", ({ message }) => message && pageErrors.push(message));
addEventListener("unhandledrejection", ({ reason }) => pageErrors.push(String(reason)));</script>"""


class EngineSite(Site):
    """A page of a customer in any engine."""

    def __init__(self, engine: Engine, server: Server) -> None:
        self.engine = engine
        self.server = server
        self.errors = []

    def open(self, head: str, body: str = "", path: str = "/page") -> None:
        super().open(WATCH + head, body, path)

    def goto(self, path: str, wait_until: str = "load") -> None:
        self.engine.goto(f"{self.server.url}{path}")

    def run(self, script: str) -> Any:
        return self.engine.run(script)

    def do(self, statements: str) -> None:
        """Runs JavaScript whose outcome is no matter; that of analytics.js is no JSON."""
        self.engine.run(f"(() => {{ {statements} }})()")

    def until(self, condition: str) -> None:
        end = monotonic() + 120
        while not self.run(condition):
            if monotonic() > end:
                status = self.run("JSON.stringify(window.segmentJimo?.status())")
                raise TimeoutError(f"{condition} never held: {status}")
            sleep(0.02)


@pytest.fixture(scope="session", params=os.environ.get("ENGINES", "chromium").split())
def engine(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Engine]:
    """One browser for all scenarios."""
    with ENGINES[request.param](playwright) as engine:
        yield engine


@pytest.fixture
def site(
    engine: Engine,
    server: Server,
    record_property: Callable[[str, object], None],
) -> Iterator[EngineSite]:
    """A page of a customer that has to stay free of errors, on a server of its own."""
    record_property("engine", engine.title)
    site = EngineSite(engine, server)
    yield site
    errors = site.run("window.pageErrors")
    engine.clear()
    assert errors == []


# What came out: for each scenario and engine, of all its tests.
OUTCOMES: dict[str, dict[str, set[str]]] = {}
WORDS = {"passed": "✓", "failed": "fails"}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    title = str(dict(report.user_properties).get("engine", ""))
    if title and report.outcome in WORDS and (report.when == "call" or report.failed):
        name = report.nodeid.partition("::test_")[2].partition("[")[0]
        OUTCOMES.setdefault(name, {}).setdefault(title, set()).add(WORDS[report.outcome])


def pytest_sessionfinish() -> None:
    if "TABLE" not in os.environ:
        return
    titles = list(dict.fromkeys(title for row in OUTCOMES.values() for title in row))
    lines = [f"| scenario | {' | '.join(titles)} |", f"|---|{'---|' * len(titles)}"]
    for name, row in OUTCOMES.items():
        cells = (", ".join(sorted(row.get(title, "–"))) for title in titles)
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    page = Path(os.environ["TABLE"])
    page.write_text(re.sub(r"(?<=\n)(\|.*\n)+", "\n".join(lines) + "\n", page.read_text()))
