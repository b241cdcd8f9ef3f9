"""Measures the time to the first command of a new visitor, beside a destination in JavaScript.

Real HTTP with gzip, an empty cache, and no intercepted request. Both sides have the same page:
Segment's snippet, the real analytics.js, Segment's settings with the three preset subscriptions,
and a stand-in for Jimo's script from the same server. The two sides take turns.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from functools import cache
from statistics import median, quantiles
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Playwright

from segment_jimo import ACTIONS
from tests.support.site import LIBRARY, plain_snippet
from tools.build import ROOT, esbuild
from tools.engines import ENGINES
from tools.serve import UMD, Server

ROUNDS = 15
SIDES = ("ours", "javascript")
JIMO = """
const queue = Array.isArray(window.jimo) ? window.jimo : [];
function first() {
  if (window.firstCommand) return;
  window.firstCommand = performance.now();
  // Asking the page meanwhile would take time from it.
  setTimeout(() => console.debug("first command"));
}
function live() {
  window.jimo = { push: first };
  if (queue.length) first();
  window.dispatchEvent(new Event("JIMO_READY"));
}
if (window.JIMO_MANUAL_INIT) window.jimoInit = live;
else live();
"""
PHONE = {"downloadThroughput": 9e6 / 8, "uploadThroughput": 1.5e6 / 8, "latency": 60}
PHONE_SLOWER = 4

Row = dict[str, Any]
# When each stage ended, in ms since navigation or since the step that begins the measurement.
Times = list[float]
Visit = Callable[[str], Times]
STAGES = (
    "page, analytics.js and settings",
    "the destination's script",
    "MicroPython and the rest come",
    "Python starts",
    "subscriptions, Jimo's script, first command",
)


def presets() -> list[dict[str, Any]]:
    """Returns the preset subscriptions, as Segment's settings have them."""
    return [
        {
            "partnerAction": action.name,
            "name": action.title,
            "enabled": True,
            "subscribe": f'type = "{action.type}"',
            "mapping": {field.name: {"@path": field.path} for field in action.fields},
        }
        for action in ACTIONS
    ]


def settings(side: str, manual: bool) -> dict[str, Any]:
    """Returns the settings that Segment's CDN sends for a workspace."""
    file, library = {
        "ours": ("/dist/segment-jimo.js", "jimoDestination"),
        "javascript": ("/peer.js", "peerDestination"),
    }[side]
    given = {
        "projectId": "p",
        "manualInit": manual,
        "sdkUrl": "/sdk.js",
        "subscriptions": presets(),
    }
    plugin = {"name": "Jimo (Actions)", "creationName": "Jimo (Actions)", "libraryName": library}
    return {
        "integrations": {"Segment.io": {"apiKey": "test"}},
        "remotePlugins": [plugin | {"url": file, "settings": given}],
    }


def page(side: str, kind: str) -> str:
    """Returns a page: ``remote``, ``tag`` (a script tag with the presets), or ``manual``."""
    tag = calls = ""
    if kind == "tag" and side == "ours":
        given = 'data-project-id="p" data-sdk-url="/sdk.js"'
        tag = f'<script src="/dist/segment-jimo.js" {given}></script>'
    if kind == "tag" and side == "javascript":
        given = json.dumps({"sdkUrl": "/sdk.js", "subscriptions": presets()})
        tag = '<script src="/peer.js"></script>'
        calls = f"analytics.register(peerDestination({given}));"
    if kind == "manual":
        # After the page has become quiet.
        calls += """analytics.ready(() => setTimeout(() => {
          window.begun = performance.now();
          analytics.identify("u1");
        }, 300));"""
    else:
        calls += 'analytics.track("one");'
    options = f"""window.analytics._writeKey = "{side}-{kind}";
window.analytics._cdn = location.origin + "/cdn";
window.analytics._loadOptions = {{ integrations: {{ "Segment.io": {{
  apiHost: location.host + "/api", protocol: "http" }} }} }};"""
    head = f"<script>{plain_snippet()};{options}{calls}</script>{LIBRARY}"
    return f"<!doctype html><html><head><title>t</title>{tag}{head}</head><body></body></html>"


@cache
def body(address: str) -> tuple[int, str, bytes]:
    """Returns what is at an address, compressed."""
    url = urlsplit(address)
    path, query = url.path, parse_qs(url.query)
    kind, content = "text/javascript", b""
    if path == "/page":
        kind, content = "text/html", page(query["side"][0], query["kind"][0]).encode()
    elif path == "/sdk.js":
        content = JIMO.encode()
    elif path == "/peer.js":
        content = esbuild(ROOT / "tools" / "peer.js", "iife")
    elif path.endswith("/settings"):
        side, _, how = path.split("/")[-2].partition("-")
        workspace = settings(side, how == "manual")
        if how == "tag":
            workspace["remotePlugins"] = []
        kind, content = "application/json", json.dumps(workspace).encode()
    elif path.startswith("/cdn/"):
        name = path.rpartition("/")[2]
        content = (UMD / ("standalone.js" if name == "analytics.min.js" else name)).read_bytes()
    elif path.startswith("/dist/"):
        content = (ROOT / path[1:]).read_bytes()
        kind = "application/wasm" if path.endswith(".wasm") else kind
    else:
        return 404, "text/plain", gzip.compress(b"")
    return 200, kind, gzip.compress(content, 9)


def shop() -> Server:
    """Serves all that at an address of its own, so that nothing is in a cache."""
    server = Server()
    server.headers["Content-Encoding"] = "gzip"
    server.answers["/"] = body
    server.run()
    return server


# The last one is the first command. The other side has the first two stages and the last one.
TIMES = """(() => {
  if (!window.firstCommand) return null;
  const files = performance.getEntriesByType("resource");
  const script = files.find(({ name }) => /\\/(segment-jimo|peer)\\.js$/.test(name));
  const { registered, booted } = window.segmentJimo?.status().timings ?? {};
  const ours = files.filter(({ name }) => name.includes("/dist/"));
  const come = Math.max(registered, ...ours.map(({ responseEnd }) => responseEnd));
  const python = booted ? [Math.min(booted, come), booted] : [];
  const times = [script.startTime, registered ?? script.responseEnd, ...python, firstCommand];
  return times.map((time) => time - (window.begun ?? 0));
})()"""


def in_chromium(browser: Browser, kind: str, phone: bool = False) -> Visit:
    """Returns what visits a page of a kind, and returns when its first command came."""

    def visit(side: str) -> Times:
        server = shop()
        context = browser.new_context()
        page = context.new_page()
        # A new context opens a window, and the browser loads the parts of that window meanwhile.
        page.wait_for_timeout(1_000)
        session = context.new_cdp_session(page)
        if phone:
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **PHONE})
            session.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWER})
        with page.expect_console_message(lambda said: said.text == "first command", timeout=60_000):
            page.goto(f"{server.url}/page?side={side}&kind={kind}", wait_until="commit")
        found: Times = page.evaluate(TIMES)
        context.close()
        server.shutdown()
        server.server_close()
        return found

    return visit


def compare(what: str, visit: Visit, target: str = "") -> Row:
    """Visits both sides in turns and returns a row of the table."""
    for side in SIDES:
        visit(side)
    times: dict[str, list[Times]] = {side: [] for side in SIDES}
    for turn in range(ROUNDS):
        for side in SIDES if turn % 2 else reversed(SIDES):
            times[side].append(visit(side))
    ours, theirs = ([one[-1] for one in times[side]] for side in SIDES)
    return {
        "row": "12",
        "what": what,
        "median": median(ours),
        "unit": "ms",
        "target": target,
        "figures": ours,
        "peers": theirs,
        "peer": median(theirs),
        "ratio": median(ours) / median(theirs),
        "stages": {
            side: [median(ends) for ends in zip(*times[side], strict=True)] for side in SIDES
        },
        "spread": [round(quantiles(side, n=4)[at]) for side in (ours, theirs) for at in (0, 2)],
    }


def in_all(browser: Browser) -> Iterator[Row]:
    """Row 12, in Chromium."""
    remote = in_chromium(browser, "remote")
    yield compare("first command, desktop", remote, "≤ 1.3 of JavaScript")
    phone = in_chromium(browser, "remote", phone=True)
    yield compare("first command, phone", phone, "≤ 1.25 of JavaScript")
    yield compare("first command, script tag with presets", in_chromium(browser, "tag"))
    manual = in_chromium(browser, "manual")
    yield compare("first command, identified-only, from identify", manual)


def in_firefox(playwright: Playwright) -> Iterator[Row]:
    """The desktop row again, in Firefox."""
    with ENGINES["firefox"](playwright) as engine:

        def visit(side: str) -> Times:
            server = shop()
            engine.goto(f"{server.url}/page?side={side}&kind=remote")
            end = monotonic() + 60
            while (found := engine.run(TIMES)) is None and monotonic() < end:
                sleep(0.1)
            server.shutdown()
            server.server_close()
            times: Times = found
            return times

        yield compare("first command, desktop, Firefox", visit, "≤ 1.3 of JavaScript")
