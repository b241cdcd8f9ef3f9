"""Measures, side by side with the peer's pipeline in the same page: ``make bench``.

Prints a table of medians; with ``--json FILE`` the figures too. Trust the ratios more than the
times, which are those of the machine it runs on.
"""

import argparse
import json
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tools.browser import launch
from tools.build import DIST, ROOT, esbuild
from tools.serve import Server

ROUNDS = 15
RUNTIMES = ("micropython", "pyodide")

# A Jimo that does nothing: only what leads to it is measured.
SDK = b"window.jimo = { push: () => undefined };"
PAGE = """<!doctype html><title>bench</title>
<script>window.analytics = [];</script>
<script src="/dist/segment-jimo.js" data-project-id="p" data-sdk-url="/sdk.js"
        data-runtime="{runtime}"></script>
<script src="/bench.js"></script>
<script>window.plugin = analytics[0][1]; plugin.load({{}}, {{ on() {{}} }});</script>
"""


def measure(browser: Browser, server: Server, runtime: str) -> dict[str, Any]:
    """Returns the rounds of one runtime, and the milliseconds until it ran, cold and warm."""
    server.answers["/bench.html"] = lambda _: (
        200,
        "text/html",
        PAGE.format(runtime=runtime).encode(),
    )
    context = browser.new_context()
    boots = []
    for _ in range(6):
        page = context.new_page()
        page.goto(f"{server.url}/bench.html")
        page.wait_for_function("segmentJimo.status().sdk === 'live'", timeout=60_000)
        timings = page.evaluate("segmentJimo.status().timings")
        boots.append(timings["booted"] - timings["registered"])
        if len(boots) < 6:
            page.close()
    first = page.evaluate("bench(1, 50, 1000)")
    page.evaluate("bench(5, 1000, 1000)")
    found = {
        "first 50 events, 1 kB": first,
        "warm, 1 kB": page.evaluate(f"bench({ROUNDS}, 2000, 1000)"),
        "warm, 100 kB": page.evaluate(f"bench({ROUNDS}, 500, 100000)"),
    }
    status = page.evaluate("segmentJimo.status().events")
    assert status["received"] == status["delivered"], status
    context.close()
    return {"events": found, "boot": {"cold": boots[0], "warm": median(boots[1:])}}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    target = parser.parse_args().json
    server = Server()
    server.answers["/sdk.js"] = lambda _: (200, "text/javascript", SDK)
    script = esbuild(ROOT / "tools" / "bench.js", "iife")
    server.answers["/bench.js"] = lambda _: (200, "text/javascript", script)
    server.run()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        results = {runtime: measure(browser, server, runtime) for runtime in RUNTIMES}
    print(f"{'one track event, µs':34}{'Python':>10}{'peer':>10}{'by hand':>10}{'Python/peer':>14}")
    for runtime, result in results.items():
        for what, rounds in result["events"].items():
            ours, peer, hand = (
                median(each[name] for each in rounds) for name in ("python", "peer", "byHand")
            )
            print(
                f"{runtime + ', ' + what:34}{ours:10.2f}{peer:10.2f}{hand:10.2f}{ours / peer:14.2f}"
            )
    print("\nfrom registered to running, ms")
    for runtime, result in results.items():
        print(f"{runtime:34}{result['boot']['cold']:10.0f} cold{result['boot']['warm']:10.0f} warm")
    print("\ngzip bytes")
    for name, size in json.loads((DIST / "sizes.json").read_text()).items():
        print(f"{size['gzip']:10}  {name}")
    if target:
        target.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
