"""Python of the page's own that runs in our interpreter: a file, or beside the tag."""

import json
import re
import textwrap
from threading import Event
from typing import Any

import pytest

from tests.e2e.test_python_functions import COMMANDS, COMMANDS_TOLD, DERIVE, DROP, MASK, commands
from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, pyscript, tag
from tools.build import ROOT

DOCS = (ROOT / "docs" / "python.md").read_text()
ATTACH = "import segment_jimo\nsegment_jimo.attach()\n"


def serve(site: Site, code: str, path: str = "/jimo.py") -> None:
    """Has the server answer with a Python file."""
    site.server.answers[path] = lambda _: (200, "text/x-python", code.encode())


def page(site: Site, attributes: dict[str, Any], before: str = "") -> None:
    """Opens a page with the tag."""
    site.open(f"{before}{tag(**attributes)}<script>{SNIPPET}</script>{LIBRARY}")


def file(site: Site, runtime: str, code: str, **more: Any) -> None:
    """Opens a page whose tag names a Python file with this code."""
    serve(site, code)
    page(site, {"runtime": runtime, "python": "/jimo.py", **more})


def inline(site: Site, runtime: str, code: str, **more: Any) -> None:
    """Opens a page with this code beside the tag, indented as HTML is."""
    indented = "\n".join(f"    {line}" if line else "" for line in code.split("\n"))
    script = f'<script type="text/x-python" data-segment-jimo>\n{indented}\n  </script>'
    page(site, {"runtime": runtime, **more}, script)


WAYS = pytest.mark.parametrize("way", (file, inline))


def running(site: Site) -> None:
    site.until("segmentJimo.status().state === 'running' && analytics.initialized")


def failed(site: Site) -> dict[str, Any]:
    """Waits until the destination has failed; returns the error."""
    site.until("segmentJimo.status().state === 'failed'")
    (error,) = site.status()["errors"]
    return dict(error)


@both_runtimes
@WAYS
def test_middleware_of_the_pages_own_masks_an_email(site: Site, runtime: str, way: Any) -> None:
    way(site, runtime, MASK)
    site.run('analytics.identify("u1", { email: "ada@example.com" })')
    site.settled(1)
    assert commands(site)[1] == ["set", "user:email", ["a***@example.com"]]
    status = site.status()
    assert (status["runtime"], status["errors"]) == (runtime, [])


@both_runtimes
def test_a_mapping_of_the_pages_own_derives_a_plan(site: Site, runtime: str) -> None:
    file(site, runtime, DERIVE)
    site.run(
        """window.company = { seats: 60, id: 1764000000000 },
        analytics.identify("u1", { email: "a@b.c", company })"""
    )
    site.settled(1)
    (attributes,) = [args for _, method, args in commands(site) if method == "user:attributes"]
    assert attributes[0]["plan"] == "enterprise"
    assert attributes[0]["company"] == {"seats": 60, "id": 1764000000000}


@both_runtimes
def test_a_trigger_of_the_pages_own_chooses(site: Site, runtime: str) -> None:
    inline(site, runtime, DROP)
    site.run(
        """Object.defineProperty(navigator, "userAgent", { get: () => "Mozilla/5.0" }),
        analytics.track("Order", { revenue: 9.5 }), analytics.track("Viewed")"""
    )
    status = site.settled(2)
    assert site.log() == ["do segmentio:track Order @anonymous"]
    assert (status["events"]["unmatched"], status["errors"]) == (1, [])


@both_runtimes
def test_the_client_for_jimo_works_as_in_pyscript(site: Site, runtime: str) -> None:
    file(site, runtime, COMMANDS)
    running(site)
    site.run("dispatchEvent(new Event('welcome'))")
    site.until("document.title === '0 unread'")
    assert [line for line in site.log() if "{}" not in line] == COMMANDS_TOLD


@pytest.mark.parametrize(("kind", "runtime"), (("mpy", "micropython"), ("py", "pyodide")))
def test_the_programs_of_the_example_pages_run_unchanged(
    site: Site, kind: str, runtime: str
) -> None:
    html = (ROOT / "docs" / "examples" / f"{kind}-files.html").read_text()
    (code,) = re.findall(rf'type="{kind}"[^>]*>\n(.*?)</script>', html, re.DOTALL)
    body = "".join(re.findall(r"<(?:button|output).*>", html))
    serve(site, textwrap.dedent(code))
    head = f"{tag(runtime=runtime, python='/jimo.py')}<script>{SNIPPET}</script>{LIBRARY}"
    site.open(head, body)
    running(site)
    site.page.click("#sign-in")
    if kind == "mpy":
        site.page.click("#ask")
    site.until("document.querySelector('#answer').textContent")
    year = site.run("new Date().getUTCFullYear()")
    answer = {"mpy": "plan pro, 0 unread", "py": f"Hello Ada, in {year}"}[kind]
    assert site.page.text_content("#answer") == answer


LIBRARY_OF = {
    name.lower(): re.findall(r"`([\w.]+)`", modules)
    for name, modules in re.findall(r"^\| (MicroPython|Pyodide) \| (.*) \|$", DOCS, re.M)
    if "hashlib" in modules or "datetime" in modules
}


@both_runtimes
def test_the_modules_that_the_docs_name_can_be_imported(site: Site, runtime: str) -> None:
    modules = LIBRARY_OF["micropython"] + (LIBRARY_OF[runtime] if runtime == "pyodide" else [])
    assert len(modules) > 10
    file(site, runtime, f"import {', '.join(modules)}\n{ATTACH}")
    running(site)
    assert site.status()["errors"] == []


def test_the_pages_of_the_docs_run(site: Site) -> None:
    named, beside = re.findall(r"```html\n(.*?)```", DOCS, re.DOTALL)
    serve(site, MASK)
    for path, html in (("/named", named), ("/beside", beside)):
        site.open(f"{html}<script>{SNIPPET}</script>{LIBRARY}", path=path)
        running(site)
        site.run('analytics.page("a"), analytics.track("b")')
        # What the page before held comes along.
        site.until("segmentJimo.status().recent.findLast(({ type }) => type === 'page')")
        rows = [row for row in site.status()["recent"] if row["type"] == "page"]
        assert rows[-1]["reason"] == ("dropped-by-middleware" if path == "/beside" else None)


@both_runtimes
def test_what_it_asks_of_js_is_the_page_and_what_it_prints_is_on_the_console(
    site: Site, runtime: str
) -> None:
    told: list[str] = []
    site.page.on("console", lambda message: told.append(message.text))
    code = """
import asyncio
import json
import js
from js import document
from pyscript import window

print("hello", "Ada")
js.seen = json.dumps([1])
window.title = document.title
await asyncio.sleep(0.01)
js.console.log("from js")
"""
    file(site, runtime, code + ATTACH)
    running(site)
    assert {"hello Ada", "from js"} <= set(told)
    assert site.run("[seen, title, typeof loadMicroPython]") == ["[1]", "t", "undefined"]


@both_runtimes
def test_identified_only_fetches_it_only_with_a_user(site: Site, runtime: str) -> None:
    file(site, runtime, ATTACH, manual_init=True)
    site.until("segmentJimo.status().timings.registered !== null && analytics.initialized")
    site.run('analytics.track("a"), analytics.identify({ plan: "free" })')
    site.until("segmentJimo.status().events.received === 2")
    assert "/jimo.py" not in site.server.requests
    site.run('analytics.identify("u1")')
    site.settled(3)
    assert "/jimo.py" in site.server.requests
    assert site.log()[:2] == ['do identify "u1" @anonymous', "do segmentio:track a @u1"]


@both_runtimes
@pytest.mark.parametrize(
    ("code", "line", "problem"),
    (
        ("import segment_jimo\n\nx = = 1\n", 3, "SyntaxError"),
        ("def f():\n    raise ValueError('no')\n\nf()\n", 2, "ValueError. "),
        ("import segment_jimo\nsegment_jimo.attach(subscriptions=5)\n", 2, "SettingsError: subs"),
        ("import requests\n", 1, "standard library"),
        ("from pyscript import display\n", 1, "a part of pyscript"),
        ("import js\njs.nothing.there()\n", 2, "Error"),
        ("import js\njs.JSON.parse('{')\n", None, ". Switch data-debug on"),
        ("x = 1\n", None, "did not call segment_jimo.attach()"),
    ),
)
def test_a_file_that_fails_is_named_with_its_line_and_what_waits_is_counted(
    site: Site, runtime: str, code: str, line: int | None, problem: str
) -> None:
    file(site, runtime, code)
    site.run('analytics.track("held")')
    error = failed(site)
    site.until("segmentJimo.status().events.received === 1")
    place = f"/jimo.py, line {line}: " if line else "/jimo.py"
    assert error["code"] == "python-failed" and error["message"].startswith(place)
    assert problem in error["message"] and "Traceback" not in error["message"]
    status = site.status()
    assert status["events"]["dropped"] == 1 and site.run("window.jimo") is None


@both_runtimes
@pytest.mark.parametrize(
    "code",
    (
        "int(js.localStorage.email)",
        "js.JSON.parse(js.localStorage.email)",
        "raise RuntimeError(js.localStorage.email)",
        "{}[js.localStorage.email]",
    ),
)
def test_an_error_of_the_program_does_not_quote_the_visitor(
    site: Site, runtime: str, code: str
) -> None:
    site.page.add_init_script("localStorage.email = 'ada@example.com'")
    file(site, runtime, f"import js\n{code}\n", debug=False)
    error = failed(site)
    assert error["code"] == "python-failed" and ". Switch data-debug on" in error["message"]
    assert "ada" not in json.dumps(site.status())


@both_runtimes
def test_the_line_of_an_inline_program_counts_from_its_tag(site: Site, runtime: str) -> None:
    inline(site, runtime, "import segment_jimo\nif True:\n    raise KeyError('a')")
    assert failed(site)["message"].startswith("inline Python, line 4: KeyError")


@pytest.mark.parametrize("debug", (True, False))
def test_debug_mode_shows_the_traceback(site: Site, debug: bool) -> None:
    told: list[str] = []
    site.page.on("console", lambda message: told.append(message.text))
    file(site, "micropython", "def f():\n    1 / 0\nf()\n", debug=debug)
    failed(site)
    assert any("Traceback" in text and "line 3" in text for text in told) is debug


def test_a_file_that_is_missing_is_named_and_found_later(site: Site) -> None:
    page(site, {"python": "/jimo.py"})
    site.run('analytics.track("a")')
    site.until("segmentJimo.status().errors.length")
    status = site.status()
    (error,) = status["errors"]
    assert error["code"] == "python-not-fetched"
    assert "/jimo.py did not load: the server answered 404." in error["message"]
    serve(site, ATTACH)
    site.settled(1)
    assert site.log() == ["do segmentio:track a @anonymous"]
    assert site.status()["errors"][0]["healed"]


def test_a_page_in_its_place_is_named(site: Site) -> None:
    site.server.answers["/jimo.py"] = lambda _: (200, "text/html", b"<!doctype html>")
    page(site, {"python": "/jimo.py"})
    site.until("segmentJimo.status().errors.length")
    assert "/jimo.py is HTML, not Python" in site.status()["errors"][0]["message"]


@both_runtimes
def test_the_project_may_stand_in_the_file_alone(site: Site, runtime: str) -> None:
    code = "import segment_jimo\nsegment_jimo.attach(project_id='p9', manual_init=True)\n"
    file(site, runtime, code, project_id=False)
    site.run('analytics.track("a")')
    site.until("segmentJimo.status().state === 'running'")
    assert site.status()["events"]["held"] == 1
    site.run('analytics.identify("u1")')
    site.settled(2)
    assert site.run("JIMO_PROJECT_ID") == "p9"


@both_runtimes
def test_registering_again_runs_it_again(site: Site, runtime: str) -> None:
    file(site, runtime, MASK)
    running(site)
    site.run(
        """window.plugin = analytics.queue.plugins.find(({ name }) => name === "Jimo (Actions)"),
        analytics.deregister("Jimo (Actions)")"""
    )
    site.run("analytics.register(plugin)")
    running(site)
    site.run('analytics.identify("u1", { email: "ada@example.com" })')
    site.settled(1)
    assert site.server.requests.count("/jimo.py") == 2
    assert commands(site)[1][2] == ["a***@example.com"]


ENDED = """() => {
  window.plugin = analytics.queue.plugins.find(({ name }) => name === "Jimo (Actions)");
  return analytics.deregister("Jimo (Actions)");
}"""
# Lets the program continue that has waited longest, and gives it time.
CONTINUED = "gates.shift()(), new Promise((done) => setTimeout(done, 100))"


@pytest.mark.parametrize(
    "code",
    (
        "import segment_jimo, js\nawait js.gate()\nsegment_jimo.attach()\n",
        "import segment_jimo, js\nsegment_jimo.attach()\nawait js.gate()\n",
    ),
)
@pytest.mark.parametrize("again", (False, True))
def test_a_program_that_waits_when_it_ends_does_not_disturb_the_next(
    site: Site, code: str, again: bool
) -> None:
    serve(site, code)
    gate = "<script>var gates = [], gate = () => new Promise((go) => gates.push(go))</script>"
    page(site, {"python": "/jimo.py"}, gate)
    site.until("gates.length === 1 && analytics.initialized")
    site.run(ENDED)
    if again:
        # The next one has begun, too.
        site.run("analytics.register(plugin)")
        site.until("gates.length === 2")
    site.run(CONTINUED)
    if not again:
        site.run("analytics.register(plugin)")
        site.until("gates.length === 1")
    site.run(CONTINUED)
    running(site)
    site.run('analytics.identify("u1")')
    site.settled(1)
    assert site.status()["errors"] == [] and site.errors == []


def test_one_that_ends_while_its_files_come_leaves_no_frame(site: Site) -> None:
    come = Event()
    site.server.answers["/dist/segment-jimo-program-"] = lambda _: (
        (0, "", b"") if come.wait(60) else (500, "", b"")
    )
    file(site, "micropython", ATTACH)
    site.until(
        "analytics.initialized && "
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('-start-'))"
    )
    asked = "/dist/segment-jimo-program-"
    while not any(path.startswith(asked) for path in site.server.requests):
        site.run("0")
    site.run(ENDED)
    come.set()
    site.until(
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('-program-'))"
    )
    site.run("new Promise((done) => setTimeout(done, 300))")
    assert site.run("document.querySelectorAll('iframe').length") == 0
    assert "/jimo.py" not in site.server.requests and site.errors == []


LISTENS = """
import js
import segment_jimo

jimo = segment_jimo.attach().jimo


def tell(event):
    try:
        jimo.set_name("Ada")
        js.window.told = js.window.told + "sent "
    except segment_jimo.CommandError as error:
        js.window.told = js.window.told + str(error)


try:
    from pyodide.ffi import create_proxy

    tell = create_proxy(tell)
except ImportError:
    pass
js.window.told = ""
js.window.addEventListener("tell", tell)
"""


@both_runtimes
def test_its_listeners_end_with_the_destination(site: Site, runtime: str) -> None:
    file(site, runtime, LISTENS)
    running(site)
    site.run("dispatchEvent(new Event('tell'))")
    site.until("told === 'sent '")
    site.run(
        """window.plugin = analytics.queue.plugins.find(({ name }) => name === "Jimo (Actions)"),
        analytics.deregister("Jimo (Actions)")"""
    )
    site.until("!document.querySelector('iframe')")
    site.run("dispatchEvent(new Event('tell'))")
    assert site.run("told") == "sent "
    # Each of them is there once when it runs again.
    site.run("analytics.register(plugin)")
    running(site)
    site.run("window.told = '', dispatchEvent(new Event('tell'))")
    assert site.run("told") == "sent "


def test_with_the_runtime_page_a_file_is_named_as_not_run(site: Site) -> None:
    serve(site, "import js\njs.window.ran = True\n")
    head = f"{tag(runtime='page', python='/jimo.py')}<script>{SNIPPET}</script>{LIBRARY}"
    site.open(head, pyscript("mpy", ATTACH))
    running(site)
    (error,) = site.status()["errors"]
    assert (error["code"], error["field"]) == ("settings-warning", "python")
    assert "ignored" in error["message"] and site.run("window.ran") is None
    assert "/jimo.py" not in site.server.requests


def test_beside_the_tag_it_needs_a_project_on_the_tag(site: Site) -> None:
    code = "import segment_jimo\nsegment_jimo.attach(project_id='p9')\n"
    inline(site, "micropython", code, project_id=False)
    error = failed(site)
    assert (error["code"], error["field"]) == ("invalid-settings", "projectId")
    inline(site, "micropython", code)
    site.run('analytics.track("a")')
    site.until("segmentJimo.status().events.delivered === 1")
    assert site.run("JIMO_PROJECT_ID") == "p9"


@both_runtimes
def test_what_fails_after_it_has_attached_is_tried_again_with_it(site: Site, runtime: str) -> None:
    def client(path: str) -> tuple[int, str, bytes]:
        del site.server.answers["/jimo.py"], site.server.answers["/dist/segment-jimo-client"]
        serve(site, ATTACH)
        return 503, "text/plain", b""

    site.server.answers["/dist/segment-jimo-client"] = client
    file(site, runtime, MASK)
    site.run('analytics.identify("u1", { email: "ada@example.com" })')
    site.until("segmentJimo.status().errors.length")
    assert site.status()["errors"][0]["code"] == "boot-failed"
    site.settled(1)
    assert site.server.requests.count("/jimo.py") == 2
    assert commands(site)[1][2] == ["ada@example.com"]


@both_runtimes
def test_it_runs_under_a_strict_policy(site: Site, runtime: str) -> None:
    serve(site, MASK)
    policy = (
        "default-src 'none'; script-src 'nonce-n' 'strict-dynamic' 'wasm-unsafe-eval'; "
        "connect-src 'self'; require-trusted-types-for 'script'; trusted-types segment-jimo"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"{tag(runtime=runtime, python='/jimo.py')}<script>{SNIPPET}</script>{LIBRARY}"
    )
    site.open(head.replace("<script", '<script nonce="n"'))
    site.run('analytics.identify("u1", { email: "ada@example.com" })')
    site.page.wait_for_timeout(0)
    while site.status()["events"] != {
        "received": 1,
        "unmatched": 0,
        "held": 0,
        "delivered": 1,
        "dropped": 0,
    }:
        site.page.wait_for_timeout(50)
    assert json.loads(json.dumps(commands(site)))[1][2] == ["a***@example.com"]


@pytest.mark.parametrize(
    ("way", "runtime", "asked"),
    (
        (None, False, True),
        (None, "micropython", True),
        (None, "pyodide", False),
        (file, "micropython", False),
        (inline, False, False),
    ),
)
def test_the_small_micropython_is_asked_for_at_once_by_pages_that_run_it(
    site: Site, way: Any, runtime: Any, asked: bool
) -> None:
    site.page.add_init_script("""window.asked = [];
      const { fetch } = window;
      window.fetch = (url, ...more) => (asked.push(String(url)), fetch(url, ...more));""")
    gate = Event()
    site.server.answers["/dist/segment-jimo-start"] = lambda _: (
        (0, "", b"") if gate.wait(60) else (404, "text/plain", b"")
    )
    if way:
        way(site, runtime, ATTACH)
    else:
        page(site, {"runtime": runtime})
    site.until("segmentJimo.status().state === 'booting'")
    assert site.run("asked.some((url) => url.includes('micropython-image'))") is asked
    gate.set()
    site.until("segmentJimo.status().state === 'running'")
