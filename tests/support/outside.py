"""Answers for the few addresses in the docs that a test cannot reach, with the real files."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Page, Route

from tools.build import DIST, MODULES, ROOT
from tools.serve import SETTINGS, UMD

PACKAGES = {
    r"https://cdn\.jsdelivr\.net/npm/@micropython/[^/]*/(.*)": MODULES
    / "@micropython/micropython-webassembly-pyscript",
    r"https://cdn\.segment\.com/analytics-next/bundles/(.*)": UMD,
}


def play(page: Page, settings: dict[str, Any] = SETTINGS) -> None:
    """Answers for Segment, Jimo (with the simulator) and PyScript's host, and for nobody else."""

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith("http://127.0.0.1:"):
            route.continue_()
        elif re.match(r"https://[^/]+/v1/projects/[^/]+/settings", url):
            route.fulfill(json=settings)
        elif re.match(r"https://cdn\.segment\.com/.*/analytics\.min\.js", url):
            route.fulfill(path=UMD / "standalone.js")
        elif route.request.method == "POST":
            route.fulfill(json={"success": True})
        elif url == "https://undercity.usejimo.com/jimo-invader.js":
            route.fulfill(path=ROOT / "web" / "playground" / "simulator.js")
        else:
            for pattern, folder in PACKAGES.items():
                if found := re.fullmatch(pattern, url):
                    headers = {"access-control-allow-origin": "*"}
                    route.fulfill(path=folder / found[1], headers=headers)
                    return
            route.abort()

    page.route("**/*", answer)


def refused(page: Page) -> list[str]:
    """Refuses all requests, and returns the list that collects their addresses."""
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("https://**", refuse)
    return asked


class Files(SimpleHTTPRequestHandler):
    """A plain static server, which can add headers."""

    def __init__(self, *args: Any, headers: dict[str, str], **options: Any) -> None:
        self.more = headers
        super().__init__(*args, **options)

    def end_headers(self) -> None:
        for name, value in self.more.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def static(folder: Path, headers: dict[str, str] | None = None) -> Iterator[str]:
    """Serves a folder as ``python -m http.server`` does, and yields its address."""
    files = partial(Files, directory=str(folder), headers=headers or {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), files)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def bundle(folder: Path, code: str, head: str = "") -> None:
    """Bundles a module that imports packages into a page, beside dist/."""
    for name in ("dist", "segment-jimo"):
        if not (folder / name).exists():
            (folder / name).symlink_to(DIST)
    (folder / "page.js").write_text(code)
    command: list[str | Path] = [
        *(MODULES / ".bin" / "esbuild", folder / "page.js", "--bundle", "--format=esm"),
        *("--log-level=error", f"--alias:segment-jimo={DIST / 'segment-jimo.mjs'}"),
        f"--outfile={folder / 'app.js'}",
    ]
    subprocess.run(command, env=os.environ | {"NODE_PATH": str(MODULES)}, check=True)
    (folder / "index.html").write_text(f'{head}<script type="module" src="/app.js"></script>')


def delivered(page: Page, events: int = 1) -> list[list[Any]]:
    """Waits until this many events are delivered; returns the commands that Jimo got."""
    page.wait_for_function(
        f"window.segmentJimo?.status().events.delivered >= {events}", timeout=20_000
    )
    told: str = page.evaluate("JSON.stringify(jimoSimulator.log.map(({ command }) => command))")
    return list(json.loads(told))
