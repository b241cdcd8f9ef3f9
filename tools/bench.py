"""Measures the targets of docs/performance.md: ``make bench``, or ``python -m tools.bench events``.

Each step runs in Chromium, on both interpreters, for several rounds. The peer (Segment's own
destination) runs in the same page and in the same rounds. Prints a table of medians. ``--json``
writes all figures. ``--docs`` writes the table and the pictures of docs/performance.md. Trust the
ratios more than the times: the times depend on the machine and on what else it does.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tools import first_command as first_command_steps
from tools import report
from tools.browser import launch
from tools.build import DIST, ROOT, esbuild
from tools.plots import plot_events, plot_stages
from tools.serve import Server

RUNTIMES = ("micropython", "pyodide")
Row = dict[str, Any]

# A Jimo that does nothing, because only the way to it is measured. It notes when it got the first
# command. The bench reads that afterwards, because a question to the page would take time from it.
LIVE = """window.jimo = {
  push() {
    this.push = () => undefined;
    setTimeout(() => console.debug("first command"));
  },
};"""
HEAD = """<!doctype html><title>bench</title><script>
window.longTasks = [];
window.longTaskStarts = [];
new PerformanceObserver((list) => {
  for (const { duration, startTime } of list.getEntries()) {
    longTasks.push(duration);
    longTaskStarts.push(startTime);
  }
}).observe({ type: "longtask", buffered: true });
</script>"""
# For steps that measure from the start of the script: the first event follows at once.
TAG = """<script>window.begun = performance.now();</script>
<script src="/dist/segment-jimo.js" data-project-id="p" data-sdk-url="/sdk.js" %s></script>
<script>
window.analytics[0][1].load({}, { on() {} });
window.analytics[0][1].track({ event: { type: "track", event: "e", messageId: "m",
  anonymousId: "a", timestamp: new Date() } });
</script>"""
FIRST_COMMAND = "segmentJimo.status().timings.firstCommand"
STOCK = """async () => {
  const begun = performance.now();
  const { loadPyodide } = await import("/node_modules/pyodide/pyodide.mjs");
  await loadPyodide({ indexURL: "/node_modules/pyodide/" });
  return performance.now() - begun;
}"""
# Notes the memory of each interpreter, in any frame.
KEEP_MEMORY = """
const { Memory, Instance } = WebAssembly;
function keep(exports) {
  window.top.wasmMemory ??= Object.values(exports).find((one) => one instanceof Memory);
}
const { get } = Object.getOwnPropertyDescriptor(Instance.prototype, "exports");
Object.defineProperty(Instance.prototype, "exports", {
  get() {
    const exports = get.call(this);
    keep(exports);
    return exports;
  },
});
WebAssembly.Memory = class extends Memory {
  constructor(...given) {
    super(...given);
    keep([this]);
  }
};"""


class Bench:
    """The browser and the server that the steps share."""

    def __init__(self, playwright: Playwright, browser: Browser, server: Server) -> None:
        self.playwright = playwright
        self.browser = browser
        self.server = server
        server.answers["/sdk.js"] = lambda _: (200, "text/javascript", LIVE.encode())
        script = esbuild(ROOT / "tools" / "bench.js", "iife")
        server.answers["/bench.js"] = lambda _: (200, "text/javascript", script)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Opens an empty page, with a cache of its own."""
        context = self.browser.new_context()
        page = context.new_page()
        # A new context opens a window, and the browser loads the parts of that window meanwhile.
        page.wait_for_timeout(1_500)
        yield page
        context.close()

    def go(self, page: Page, html: str, server: Server | None = None) -> None:
        """Opens a document with this HTML in the page."""
        self.server.answers["/page"] = lambda _: (200, "text/html", (HEAD + html).encode())
        page.goto(f"{(server or self.server).url}/page")

    @contextmanager
    def running(self, runtime: str, fifty: bool = False, init: str = "") -> Iterator[Page]:
        """Opens a page on which Python runs and Jimo is live."""
        html = '<script src="/dist/segment-jimo.js"></script><script src="/bench.js"></script>'
        with self.page() as page:
            page.add_init_script(init or "0")
            self.go(page, html)
            page.evaluate(LIVE)
            given = json.dumps({"runtime": runtime})
            with first_command(page):
                page.evaluate(f"bench.begin({given}, {json.dumps(fifty)})")
            yield page


def first_command(page: Page) -> AbstractContextManager[object]:
    """At the end of the block, waits until Jimo has got the first command."""
    return page.expect_console_message(lambda said: said.text == "first command", timeout=60_000)


def row(number: str, what: str, figures: list[float], unit: str, target: str) -> Row:
    """Returns a row of the table, with the figures behind its median."""
    return {
        "row": number,
        "what": what,
        "median": median(figures),
        "unit": unit,
        "target": target,
        "figures": figures,
    }


def events(bench: Bench) -> Iterator[Row]:
    """Rows 1 to 4: what one track event costs."""

    def compare(number: str, what: str, rounds: list[dict[str, float]], target: str) -> Row:
        ours = [each["python"] for each in rounds]
        ratios = [each["python"] / each["peer"] for each in rounds]
        return row(number, what, ours, "µs", target) | {
            "peer": median(each["peer"] for each in rounds),
            "byHand": median(each["byHand"] for each in rounds),
            "ratio": median(ratios),
        }

    for runtime in RUNTIMES:
        first = []
        for _ in range(7):
            with bench.running(runtime) as page:
                first += page.evaluate("bench.rounds(1, 50, 1000)")
        with bench.running(runtime) as page:
            page.evaluate("bench.rounds(3, 2000, 1000)")
            # Both sizes take turns, so that what else the machine does affects both.
            warm, large = [], []
            for _ in range(10):
                warm += page.evaluate("bench.rounds(1, 3000, 1000)")
                large += page.evaluate("bench.rounds(1, 3000, 100000, 0.03)")
        with bench.running(runtime, fifty=True) as page:
            page.evaluate("bench.rounds(3, 300, 1000)")
            fifty = page.evaluate("bench.rounds(10, 1000, 1000)")
        yield compare("1", f"{runtime}: one event, presets, warm, 1 kB", warm, "≤ 0.5 of the peer")
        yield compare("2", f"{runtime}: the first 50 of a page", first, "≤ 1 of the peer")
        against = [one["python"] / other["python"] for one, other in zip(large, warm, strict=True)]
        yield compare("3", f"{runtime}: 100 kB", large, "≤ 1.1 of row 1") | {
            "ratio": median(against)
        }
        yield compare("4", f"{runtime}: 50 subscriptions", fifty, "≤ 0.3 of the peer")


def compiling(bench: Bench) -> Iterator[Row]:
    """Reading and compiling 50 subscriptions, up to the first command."""
    for runtime in RUNTIMES:
        figures = []
        for _ in range(15):
            with bench.running(runtime, fifty=True) as page:
                timings = page.evaluate("segmentJimo.status().timings")
                figures.append(timings["firstCommand"] - timings["booted"])
        target = "≤ 20 ms" if runtime == "micropython" else ""
        yield row("", f"{runtime}: compiling 50 subscriptions", figures, "ms", target)


def conditions(count: int, number: int) -> Row:
    parts = [f'properties.p{each} = "{number}"' for each in range(count)]
    return {"subscribe": " or ".join(parts)}


def text_length(count: int, number: int) -> Row:
    return {"mapping": {"groupId": "g", "traits": {"text": f"{number}" + "x" * (count - 2)}}}


def list_length(count: int, number: int) -> Row:
    return {"mapping": {"groupId": "g", "traits": {"list": [number, *range(count)]}}}


def paths(count: int, number: int) -> Row:
    traits = {f"k{number}x{each}": {"@path": f"$.properties.p{each}"} for each in range(count)}
    return {"mapping": {"groupId": "g", "traits": traits}}


# What can make settings large, and the most that docs/mappings.md allows of it.
LARGE = ((conditions, 650), (text_length, 20_000), (list_length, 980), (paths, 325))


def reading(bench: Bench) -> Iterator[Row]:
    """Reading settings near their limits: whether the time grows linearly, and the longest task."""

    def read(runtime: str, *large: Row) -> tuple[float, float]:
        group: Row = {"partnerAction": "sendGroupData", "subscribe": 'type = "group"'}
        subscriptions = [{**group, "name": f"s{at}", **one} for at, one in enumerate(large)]
        subscriptions.append({"partnerAction": "sendTrackEvent", "name": "track"})
        settings = json.dumps({"subscriptions": subscriptions})
        html = f"""<script>window.analytics = [];</script>
        <script type="application/json" data-segment-jimo>{settings}</script>"""
        with bench.page() as page:
            with first_command(page):
                bench.go(page, html + TAG % f'data-runtime="{runtime}"')
            assert page.evaluate("segmentJimo.status().errors") == []
            timings = page.evaluate("segmentJimo.status().timings")
            # The browser reports long tasks a moment later.
            page.wait_for_timeout(200)
            tasks = page.evaluate("longTasks.map((one, at) => [longTaskStarts[at] + one, one])")
        ends = [duration for end, duration in tasks if end > timings["booted"]]
        return timings["firstCommand"] - timings["booted"], max(ends, default=0)

    for runtime in RUNTIMES:
        for make, most in LARGE:
            times, ratios, longest = [], [], []
            for _ in range(3):
                half, _task = read(runtime, *[make(most // 2, at) for at in range(10, 20)])
                whole, task = read(runtime, *[make(most, at) for at in range(10, 20)])
                times.append(whole)
                ratios.append(whole / half)
                longest.append(task)
            what = f"{runtime}: reading 10 × {most} {make.__name__.replace('_', ' ')}"
            yield row("13", what, times, "ms", "≤ 2 of the half") | {"ratio": median(ratios)}
            yield row("13", f"{what}, longest task", longest, "ms", "≤ 50 ms")


def script(bench: Bench) -> Iterator[Row]:
    """Row 5: how long the page script occupies the main thread, before anything happens."""
    # The first element of a page takes long to make. On any page, a snippet has made one before.
    snippet = "window.analytics = []; document.createElement('script');"
    tag = '<script src="/dist/segment-jimo.js" data-project-id="p"></script>'
    figures = []
    for _ in range(15):
        with bench.page() as page:
            bench.browser.start_tracing(categories=["devtools.timeline"])
            bench.go(page, f"<script>{snippet}</script>{tag}")
            trace = json.loads(bench.browser.stop_tracing())
        (run,) = [
            event
            for event in trace["traceEvents"]
            if event["name"] == "EvaluateScript"
            and event["args"]["data"]["url"].endswith("/segment-jimo.js")
        ]
        # The thread's own time, without the time in which the machine did something else.
        figures.append(run["tdur"] / 1000)
    yield row("5", "compiling and running the page's script", figures, "ms", "< 1 ms")


def boot(bench: Bench) -> Iterator[Row]:
    """Rows 6 and 7: from the script's start to the first command, with a warm cache."""
    figures: dict[str, list[float]] = {"micropython": [], "pyodide": [], "stock": []}
    tasks: dict[str, list[float]] = {"micropython": [], "pyodide": []}

    @contextmanager
    def fresh(context: BrowserContext) -> Iterator[Page]:
        # A new page each time: after a reload, Chromium reports no long tasks.
        page = context.new_page()
        yield page
        page.close()

    for runtime, rounds in (("micropython", 15), ("pyodide", 7)):
        html = "<script>window.analytics = [];</script>" + TAG % f'data-runtime="{runtime}"'
        with bench.page() as first:
            with first_command(first):
                bench.go(first, html)
            for _ in range(rounds):
                with fresh(first.context) as page:
                    with first_command(page):
                        bench.go(page, html)
                    figures[runtime].append(page.evaluate(f"{FIRST_COMMAND} - begun"))
                    # The browser reports long tasks a moment later.
                    page.wait_for_timeout(200)
                    tasks[runtime].append(max(page.evaluate("longTasks"), default=0))
                if runtime == "pyodide":
                    with fresh(first.context) as page:
                        page.goto(f"{bench.server.url}/sdk.js")
                        figures["stock"].append(page.evaluate(STOCK))
    yield row("6", "micropython: to the first command", figures["micropython"], "ms", "< 120 ms")
    yield row("6", "micropython: longest task", tasks["micropython"], "ms", "≤ 50 ms")
    ratios = [
        ours / stock for ours, stock in zip(figures["pyodide"], figures["stock"], strict=True)
    ]
    yield row(
        "7", "pyodide: to the first command", figures["pyodide"], "ms", "≤ 0.35 of loadPyodide"
    ) | {
        "peer": median(figures["stock"]),
        "ratio": median(ratios),
    }
    yield row("7", "pyodide: longest task", tasks["pyodide"], "ms", "≤ 500 ms")


def weight(_: Bench) -> Iterator[Row]:
    """Row 8: gzip bytes."""
    sizes = json.loads((DIST / "sizes.json").read_text())

    def total(*patterns: str) -> float:
        names = [name for name in sizes for one in patterns if fnmatch(name, one)]
        return float(sum(sizes[name]["gzip"] for name in names) / 1000)

    page = ("segment-jimo.js", "segment-jimo-start-*")
    micropython = (*page, "micropython-image-*")
    yield row("8", "the page's script", [total(page[0])], "kB", "≤ 5.12 kB")
    yield row("8", "with MicroPython", [total(*micropython)], "kB", "≤ 130 kB")
    yield row("8", "with Pyodide", [total(*page, "pyodide-*", "*.pyc")], "kB", "≤ 4,300 kB")


def anonymous(bench: Bench) -> Iterator[Row]:
    """Row 9: what an anonymous visitor downloads on an identified-only page."""
    html = "<script>window.analytics = [];</script>" + TAG % "data-manual-init"
    with bench.page() as page:
        bench.go(page, html)
        page.wait_for_function("segmentJimo.status().events.held === 1")
        page.wait_for_load_state("networkidle")
        names = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert all(name.endswith("/dist/segment-jimo.js") for name in names), names
    yield row("9", "anonymous, identified-only: requests", [len(names)], "", "1")


def memory(bench: Bench) -> Iterator[Row]:
    """Row 10: 300,000 events in batches of 10,000."""
    for runtime in RUNTIMES:
        heap, wasm, times = [], [], []
        with bench.running(runtime, init=KEEP_MEMORY) as page:
            session = page.context.new_cdp_session(page)
            for _ in range(30):
                times.append(page.evaluate("bench.many(10000)"))
                session.send("HeapProfiler.collectGarbage")
                heap.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
                wasm.append(page.evaluate("wasmMemory.buffer.byteLength") / 1e6)
            counts = page.evaluate("segmentJimo.status().events")
        assert counts["received"] == counts["delivered"] == 300_001, counts
        yield row("10", f"{runtime}: JS heap, last - first", [heap[-1] - heap[2]], "MB", "flat") | {
            "series": heap
        }
        yield row("10", f"{runtime}: wasm memory, last - first", [wasm[-1] - wasm[0]], "MB", "0")
        yield row("10", f"{runtime}: one event, last 10 %", times[-3:], "µs", "as the first") | {
            "ratio": median(times[-3:]) / median(times[:3])
        }


def phone(bench: Bench) -> Iterator[Row]:
    """Row 11: a slow phone, cold: a quarter of the CPU, 9 Mbit/s, 60 ms to the server."""
    html = "<script>window.analytics = [];</script>" + TAG % ""
    compressing = Server()
    compressing.headers["Content-Encoding"] = "gzip"

    @cache
    def compressed(path: str) -> tuple[int, str, bytes]:
        if path in bench.server.answers:
            status, kind, body = bench.server.answers[path](path)
        elif path.startswith("/dist/"):
            status, body = 200, (ROOT / path[1:]).read_bytes()
            kind = "application/wasm" if path.endswith(".wasm") else "text/javascript"
        else:
            status, kind, body = 404, "text/plain", b""
        return status, kind, gzip.compress(body, 9)

    compressing.answers["/"] = compressed
    compressing.run()

    speed = {"downloadThroughput": 9e6 / 8, "uploadThroughput": 1.5e6 / 8, "latency": 60}
    figures, tasks = [], []
    for _ in range(7):
        with bench.page() as page:
            session = page.context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **speed})
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
            with first_command(page):
                bench.go(page, html, compressing)
            figures.append(page.evaluate(f"{FIRST_COMMAND} - begun"))
            # The browser reports long tasks a moment later.
            page.wait_for_timeout(200)
            ours = "longTasks.filter((_, at) => longTaskStarts[at] > begun)"
            tasks.append(max(page.evaluate(ours), default=0))
    compressing.shutdown()
    yield row("11", "slow phone, cold, micropython", figures, "ms", "< 800 ms")
    yield row("11", "slow phone, longest task", tasks, "ms", "≤ 50 ms")


def first(bench: Bench) -> Iterator[Row]:
    """Row 12: from navigation to the first command, beside a destination in JavaScript."""
    yield from first_command_steps.in_all(bench.browser)


def firefox(bench: Bench) -> Iterator[Row]:
    """Row 12 in Firefox, which ``make test-engines`` installs."""
    yield from first_command_steps.in_firefox(bench.playwright)


STEPS = (
    *(events, compiling, reading, script, boot, weight),
    *(anonymous, memory, phone, first, firefox),
)


HEAD_OF_TABLE = """\
| # | what | median | peer | by hand | ratio | target | step |
|---|---|---|---|---|---|---|---|"""


def brief(number: float) -> str:
    """Returns a number with three digits, or with all digits before its point."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def show(found: Row, step: str) -> str:
    """Returns a row of the table, as Markdown."""
    cells = [found["row"], found["what"], f"{brief(found['median'])} {found['unit']}"]
    if "spread" in found:
        low, high, *_ = found["spread"]
        cells[-1] += f" ({low}–{high})"
    cells += [brief(found[name]) if name in found else "" for name in ("peer", "byHand")]
    cells += [f"{found['ratio']:.2f}" if "ratio" in found else ""]
    return "| " + " | ".join([*cells, found["target"], f"`{step}`"]) + " |"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", help=", ".join(step.__name__ for step in STEPS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--docs", type=Path, help="the folder of performance.md; needs all steps")
    given = parser.parse_args()
    server = Server()
    # With these headers, the browser's clocks are finer.
    server.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    server.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    server.run()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        bench = Bench(playwright, browser, server)
        about = report.describe(browser)
        lines = [report.said(about), "", *HEAD_OF_TABLE.splitlines()]
        print("\n".join(lines))
        rows = []
        for step in STEPS:
            if not given.steps or step.__name__ in given.steps:
                for found in step(bench):
                    rows.append(found)
                    lines.append(show(found, step.__name__))
                    print(lines[-1], flush=True)
    if given.json:
        given.json.write_text(json.dumps(about | {"rows": rows}, indent=2) + "\n")
    if given.docs:
        report.write(given.docs / "performance.md", "\n".join(lines))
        plot_events(rows, given.docs / "performance.svg")
        plot_stages(rows, given.docs / "first-command.svg")


if __name__ == "__main__":
    main()
