"""Serves the files of the repository, and answers the requests of analytics.js like Segment.

``make demo`` runs ``python -m tools.serve --port 8000``; the end-to-end tests use ``Server``. An
address with ``?answer=404`` gets a 404. An address with ``?answer=stall`` gets no answer.
"""

import argparse
import json
import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parent.parent
UMD = ROOT / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"
HASHED = re.compile(r"^/dist/.*-[0-9a-f]{8}[./]")

# The settings of a workspace with no other destination, as Segment's CDN sends them. They switch
# analytics.js's own measurements off.
SETTINGS = {
    "integrations": {"Segment.io": {"apiKey": "playground"}},
    "plan": {"track": {"__default": {"enabled": True}}},
    "metrics": {"sampleRate": 0},
    "remotePlugins": [],
}

FONTSOURCE = ROOT / "node_modules" / "@fontsource-variable"
# The files of others that the playground needs, by the path of the request.
OF_OTHERS = {
    "cdn/analytics.js/v1/playground/analytics.min.js": UMD / "standalone.js",
    "web/playground/fonts/archivo.woff2": FONTSOURCE
    / "archivo/files/archivo-latin-wdth-normal.woff2",
    "web/playground/fonts/jetbrains-mono.woff2": FONTSOURCE
    / "jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
}

# How long the end of a server may take. Each test has a server of its own.
POLL_S = 0.02

Answer = tuple[int, str, bytes]


class Handler(SimpleHTTPRequestHandler):
    """Sends files of the repository. /cdn stands for Segment's CDN, /api for Segment's API."""

    protocol_version = "HTTP/1.1"
    # Otherwise a body waits 40 ms until the browser confirms the headers. No real host does that.
    disable_nagle_algorithm = True
    extensions_map = {  # noqa: RUF012 (the base class has it so)
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
    }
    server: "Server"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.requests.append(self.path)
        match parse_qs(urlsplit(self.path).query).get("answer"):
            case ["404"]:
                return self.answer(404, "text/plain", b"")
            case ["stall"]:
                self.server.stalled.wait()
        for prefix, answer in self.server.answers.items():
            if path.startswith(prefix) and (found := answer(self.path))[0]:
                return self.answer(*found)
        if path.lstrip("/") in OF_OTHERS:
            file = OF_OTHERS[path.lstrip("/")]
            return self.answer(200, self.guess_type(file), file.read_bytes())
        if path.startswith("/cdn/"):
            if path.endswith("/settings"):
                return self.answer(200, "application/json", json.dumps(SETTINGS).encode())
            name = "standalone.js" if path.endswith("/analytics.min.js") else Path(path).name
            file = UMD / name
            if not file.is_file():
                return self.answer(404, "text/plain", b"")
            return self.answer(200, "text/javascript", file.read_bytes())
        return super().do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(200, "application/json", b'{"success": true}')

    def answer(self, status: int, kind: str, body: bytes) -> None:
        """Sends a body that is not a file of the repository."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers(file=False)
        self.wfile.write(body)

    def end_headers(self, file: bool = True) -> None:
        # Browsers may keep a file with a hash in its name for ever, unless it failed. They must
        # keep nothing else, because somebody may be changing the sources.
        kept = file and HASHED.search(self.path)
        self.send_header("Cache-Control", "max-age=31536000, immutable" if kept else "no-cache")
        self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        if not self.server.quiet:
            super().log_message(format, *args)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.answer(code, "text/plain", HTTPStatus(code).phrase.encode())


class Server(ThreadingHTTPServer):
    """The server, with answers that replace files.

    Attributes:
        answers: Functions that answer instead of a file, by the beginning of the path. If one
            returns status 0, the server sends the file after all.
    """

    daemon_threads = True
    # A browser opens many connections at once. If the queue is full, one waits for seconds.
    request_queue_size = 128

    def __init__(self, port: int = 0, quiet: bool = True) -> None:
        self.quiet = quiet
        self.requests: list[str] = []
        self.answers: dict[str, Callable[[str], Answer]] = {}
        self.headers: dict[str, str] = {}
        # Setting it answers the requests that have stalled.
        self.stalled = threading.Event()
        super().__init__(
            ("127.0.0.1", port),
            lambda *args: Handler(*args, directory=str(ROOT)),
        )

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def run(self) -> None:
        """Starts to serve, in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(POLL_S,), daemon=True).start()


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    try:
        server = Server(port)
    except OSError:
        server = Server(0)
    print(f"The playground is at {server.url}/  (stop with Ctrl-C)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
