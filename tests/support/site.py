"""A customer's page with the real analytics.js, and the tags and snippets of such a page."""

import json
import subprocess
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tools.build import ROOT
from tools.serve import Server


def plain_snippet(name: str = "analytics") -> str:
    """Returns Segment's snippet for a global of this name, without its call of ``load``."""
    options = {"apiKey": "test", "globalAnalyticsKey": name, "page": False, "load": False}
    code = f'console.log(require("@segment/snippet").max({json.dumps(options)}))'
    done = subprocess.run(["node", "-e", code], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode()


def snippet(name: str = "analytics") -> str:
    """Returns the snippet with its call of ``load``, which asks this server instead of Segment."""
    return f"""{plain_snippet(name)};
window.{name}._writeKey = "test";
window.{name}._cdn = location.origin + "/cdn";
window.{name}._loadOptions = {{ integrations: {{ "Segment.io": {{
  apiHost: location.host + "/api", protocol: "http" }} }} }};
"""


SNIPPET = snippet()
# analytics.js. The snippet would add it, but Trusted Types do not allow that.
LIBRARY = (
    '<script async src="/cdn/analytics.js/v1/test/analytics.min.js" '
    'data-global-segment-analytics-key="analytics"></script>'
)


def tag(**attributes: str | bool) -> str:
    """Returns our script tag; ``manual_init=True`` becomes ``data-manual-init``."""
    given: dict[str, str | bool] = {
        "project_id": "p1",
        "sdk_url": "/web/playground/simulator.js?boot=30&identify=30",
        "debug": True,
    }
    given |= attributes
    words = [
        f"data-{name.replace('_', '-')}" + ("" if value is True else f'="{value}"')
        for name, value in given.items()
        if value is not False
    ]
    return f'<script src="/dist/segment-jimo.js" {" ".join(words)}></script>'


def pyscript(kind: str, code: str) -> str:
    """Returns the tags that run ``code`` with PyScript; all files are on this server."""
    interpreter = {
        "mpy": "/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs",
        "py": "/node_modules/pyodide/pyodide.mjs",
    }[kind]
    config = json.dumps({"interpreter": interpreter, "files": {"/dist/segment_jimo.zip": "./*"}})
    return (
        '<script type="module" src="/node_modules/@pyscript/core/dist/core.js"></script>'
        f"<script type=\"{kind}\" config='{config}'>{code}</script>"
    )


# A Jimo script that does not load until the test sets ``site.server.stalled``.
# A page with this needs a frame for Python, since a script has changed what Python would use.
NEEDS_FRAME = "<script>WeakRef.prototype.deref = new Proxy(WeakRef.prototype.deref, {});</script>"
STALL = "/web/playground/simulator.js?answer=stall&boot=30&identify=30"

# What Jimo gets if a reset between "last" and the login of "u2" ends it.
AFTER_A_RESET = [
    'do identify "u1"',
    'set user:attributes {"plan":"pro"}',
    "do segmentio:track last",
    'do identify "u2"',
    'set user:attributes {"plan":"free"}',
    "do segmentio:track first",
]

# Tests of Python's decisions run with both. Tests of all else run with the smaller one.
RUNTIMES = ("micropython", "pyodide")
both_runtimes = pytest.mark.parametrize("runtime", RUNTIMES)


class Site:
    """A customer's page. ``open`` serves it and goes there."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route("**/*", self._only_here)

    def _only_here(self, route: Any) -> None:
        if route.request.url.startswith(self.server.url):
            route.continue_()
        else:
            route.abort()

    def open(self, head: str, body: str = "", path: str = "/page") -> None:
        """Opens a page with this head."""
        html = f"<!doctype html><html><head><title>t</title>{head}</head><body>{body}</body></html>"
        self.server.answers[path] = lambda _: (200, "text/html", html.encode())
        # A script that stalls can delay the load event, so do not wait for that event.
        self.goto(path, "domcontentloaded" if "answer=stall" in html else "load")

    def goto(self, path: str, wait_until: Literal["domcontentloaded", "load"] = "load") -> None:
        """Goes to a page of this server."""
        self.page.goto(f"{self.server.url}{path}", wait_until=wait_until)

    def snippet(
        self, before: str = "", calls: str = "", after: str = "", path: str = "/page"
    ) -> None:
        """Opens a page with Segment's snippet, a tag before or after it, and first calls."""
        self.open(f"{before}<script>{SNIPPET}{calls}</script>{after}{LIBRARY}", path=path)

    def run(self, script: str) -> Any:
        """Runs JavaScript in the page."""
        return self.page.evaluate(script)

    def until(self, condition: str) -> None:
        """Waits for a condition, a JavaScript expression."""
        self.page.wait_for_function(condition, timeout=60_000)

    def status(self) -> dict[str, Any]:
        """Returns ``segmentJimo.status()``, after a check that its counts add up."""
        status: dict[str, Any] = self.run("segmentJimo.status()")
        counts = status["events"]
        parts = ("unmatched", "held", "delivered", "dropped")
        assert counts["received"] == sum(counts[part] for part in parts), counts
        return status

    def settled(self, received: int) -> dict[str, Any]:
        """Waits until this many events were received and none is held."""
        self.until(f"(s => s.received === {received} && s.held === 0)(segmentJimo.status().events)")
        return self.status()

    def log(self) -> list[str]:
        """Returns the commands that Jimo got, a line each: verb, method, and the main value."""
        lines: list[str] = self.run(
            """(window.jimoSimulator?.log ?? []).map(({ command, profile }) => {
              const [verb, method, args] = command;
              const first = args?.[0];
              const what = first?.event ?? first?.groupId ?? JSON.stringify(first);
              return `${verb} ${method} ${what} @${profile}`;
            })"""
        )
        return lines
