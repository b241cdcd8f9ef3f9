"""Runs the scenarios in each engine, and writes down what came out: ``--table docs/engines.md``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.conftest import Site
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

    def goto(self, path: str) -> None:
        self.engine.goto(f"{self.server.url}{path}")

    def run(self, script: str) -> Any:
        return self.engine.run(script)

    def do(self, statements: str) -> None:
        """Runs JavaScript whose outcome is no matter; that of analytics.js is no JSON."""
        self.engine.run(f"(() => {{ {statements} }})()")

    def until(self, condition: str) -> None:
        end = monotonic() + 60
        while not self.run(condition):
            status = "JSON.stringify(window.segmentJimo?.status())"
            assert monotonic() < end, f"{condition} never held: {self.run(status)}"
            sleep(0.02)


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Engine]:
    """One browser for all scenarios."""
    with ENGINES[request.param](playwright) as engine:
        yield engine


@pytest.fixture
def site(
    engine: Engine, server: Server, record_property: Callable[[str, object], None]
) -> Iterator[EngineSite]:
    """A page of a customer that has to stay free of errors, on a server of its own."""
    record_property("engine", engine.title)
    site = EngineSite(engine, server)
    yield site
    errors = site.run("window.pageErrors")
    engine.clear()
    assert errors == []


# What came out: for each scenario and engine, whether all of its tests passed.
OUTCOMES: dict[str, dict[str, bool]] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when != "call" and not report.failed:
        return
    title = str(dict(report.user_properties).get("engine", ""))
    if title:
        name = report.nodeid.partition("::test_")[2].partition("[")[0]
        row = OUTCOMES.setdefault(name, {})
        row[title] = row.get(title, True) and report.passed


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", type=Path, help="where to write engines × scenarios")


def pytest_sessionfinish(session: pytest.Session) -> None:
    table = session.config.getoption("table")
    if table and OUTCOMES:
        titles = list(dict.fromkeys(title for row in OUTCOMES.values() for title in row))
        lines = [
            "# Engines",
            "",
            "Written by `make test-engines TABLE=docs/engines.md`, from the tests in",
            "`tests/engines`, most of which run with MicroPython and with Pyodide.",
            "",
            f"| scenario | {' | '.join(titles)} |",
            f"|---|{'---|' * len(titles)}",
        ]
        for name, row in OUTCOMES.items():
            cells = ("✓" if row.get(title) else "fails" for title in titles)
            lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
        table.write_text("\n".join(lines) + "\n")
