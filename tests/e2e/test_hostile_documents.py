"""Documents of other kinds, in other places, with other Pythons on them; and policies.

As in test_hostile_pages.py: it works, or what cannot work is named, and the page notices nothing.
"""

import pytest

from tests.e2e.test_hostile_pages import CALLS, HOST, LOG, NOTICING, delivered, script
from tests.e2e.test_security import poll
from tests.support.site import (
    LIBRARY,
    NEEDS_FRAME,
    RUNTIMES,
    SNIPPET,
    Site,
    both_runtimes,
    pyscript,
    tag,
)

HEAD = f"{script(NOTICING)}{tag()}<script>{SNIPPET}{CALLS}</script>{LIBRARY}"


def serve(site: Site, kind: str, text: str, path: str = "/page") -> None:
    """Opens a document of any type."""
    site.server.answers[path] = lambda _: (200, kind, text.encode())
    site.goto(path)


def xml(runtime: str) -> str:
    """The head as XML."""
    ours = tag(runtime=runtime, sdk_url="/web/playground/simulator.js?boot=30", debug="true")
    library = LIBRARY.replace("async", 'async=""')
    return (
        f"<script><![CDATA[{NOTICING}]]></script>{ours}"
        f"<script><![CDATA[{SNIPPET}{CALLS}]]></script>{library}"
    )


@both_runtimes
def test_it_works_in_xhtml(site: Site, runtime: str) -> None:
    serve(
        site,
        "application/xhtml+xml",
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title>'
        f"{xml(runtime)}</head><body/></html>",
    )
    delivered(site)


def test_in_an_svg_document_that_it_cannot_run_is_named(site: Site) -> None:
    serve(
        site,
        "image/svg+xml",
        '<svg xmlns="http://www.w3.org/2000/svg">'
        + xml("micropython").replace("<script", '<script xmlns="http://www.w3.org/1999/xhtml"')
        + "</svg>",
    )
    # It has no head to put anything into, and elements that it creates are none of HTML's.
    site.until("segmentJimo.status().state === 'failed'")
    status = site.status()
    assert (status["errors"][0]["code"], status["events"]["held"]) == ("boot-failed", 3)
    assert site.run("noticed") == []


def test_it_works_in_quirks_mode_and_in_the_body(site: Site) -> None:
    serve(site, "text/html", f"<title>t</title><p>text{HEAD}")
    delivered(site)
    assert site.run("document.compatMode") == "BackCompat"
    assert site.run("document.querySelector('script[src*=segment-jimo]').parentNode.tagName") == "P"


def test_it_works_with_another_base(site: Site) -> None:
    site.open('<base href="/else/where/">' + HEAD)
    delivered(site)


def test_it_works_below_a_page_of_another_origin(site: Site) -> None:
    other = site.server.url.replace("127.0.0.1", "localhost")
    site.page.route(f"{other}/**", lambda route: route.continue_())
    site.server.answers["/parent"] = lambda _: (
        200,
        "text/html",
        f'<iframe src="{site.server.url}/page"></iframe>'.encode(),
    )
    html = f"<!doctype html><head>{HEAD}</head>"
    site.server.answers["/page"] = lambda _: (200, "text/html", html.encode())
    site.page.goto(f"{other}/parent")
    inner = site.page.frames[1]
    inner.wait_for_function("window.segmentJimo?.status().events.delivered === 3", timeout=60_000)
    assert inner.evaluate("[segmentJimo.status().errors, noticed]") == [[], []]


@pytest.mark.parametrize("when", ("before", "after"))
def test_it_works_with_document_domain(site: Site, when: str) -> None:
    site.server.headers["Origin-Agent-Cluster"] = "?0"
    setting = "document.domain = document.domain;"
    if when == "before":
        site.open(script(setting) + HEAD)
    else:
        site.open(HEAD)
        site.until("segmentJimo.status().state === 'booting'")
        site.run(setting)
    delivered(site)


def test_it_works_among_shadow_trees(site: Site) -> None:
    site.open(
        script("""
        customElements.define("x-shadow", class extends HTMLElement {
          connectedCallback() {
            const root = this.attachShadow({ mode: "closed" });
            if (this.dataset.depth === "20") return;
            const inner = document.createElement("x-shadow");
            inner.dataset.depth = Number(this.dataset.depth ?? 0) + 1;
            root.append(inner, document.createElement("slot"));
          }
        });""")
        + HEAD,
        "<x-shadow></x-shadow>" * 20,
    )
    delivered(site)


PYTHONS = {
    "PyScript with MicroPython": pyscript("mpy", "import js; js.window.python = 6 * 7"),
    "PyScript with Pyodide": pyscript("py", "import js; js.window.python = 6 * 7"),
    "Pyodide": (
        '<script src="/node_modules/pyodide/pyodide.js"></script>'
        "<script>loadPyodide().then((python) => {"
        " window.python = python.runPython('6 * 7'); });</script>"
    ),
}


@pytest.mark.parametrize("theirs", PYTHONS.values(), ids=PYTHONS)
@both_runtimes
def test_it_works_beside_another(site: Site, runtime: str, theirs: str) -> None:
    site.open(theirs + HEAD.replace(tag(), tag(runtime=runtime)))
    delivered(site)
    site.until("window.python === 42")
    assert site.run("window.noticed") == []


def test_it_works_without_its_own_tag(site: Site) -> None:
    site.open(HEAD + script("document.querySelectorAll('script').forEach((one) => one.remove());"))
    delivered(site)


# Removes our frame once, twice, or as often as it comes.
REMOVER = """
let left = {times};
new MutationObserver(() => {{
  for (const frame of document.querySelectorAll("iframe")) if (left-- > 0) frame.remove();
}}).observe(document, {{ childList: true, subtree: true }});"""


@pytest.mark.parametrize("times", (1, 2))
@both_runtimes
def test_a_frame_that_is_removed_while_python_boots_is_made_again(
    site: Site, runtime: str, times: int
) -> None:
    site.page.clock.install()
    site.open(
        NEEDS_FRAME
        + script(REMOVER.format(times=times))
        + HEAD.replace(tag(), tag(runtime=runtime))
    )
    for count in range(times):
        site.until(f"segmentJimo.status().errors[0]?.count > {count}")
        site.page.clock.fast_forward(5_000)
    status = site.settled(3)
    assert [(error["code"], error["count"]) for error in status["errors"]] == [
        ("frame-removed", times)
    ]
    assert site.log() == LOG
    assert site.run("noticed") == []


def test_a_frame_that_is_always_removed_is_named(site: Site) -> None:
    site.page.clock.install()
    site.open(NEEDS_FRAME + script(REMOVER.format(times=99)) + HEAD)
    for count in range(4):
        site.until(f"segmentJimo.status().errors[0]?.count > {count}")
        site.page.clock.fast_forward(25_000)
    status = site.status()
    assert [error["code"] for error in status["errors"]] == ["frame-removed"]
    assert (status["state"], status["events"]["dropped"]) == ("failed", 3)
    assert site.run("noticed") == []


LATE = {
    "a proxy": "window.analytics = new Proxy(analytics, {});",
    "an object that inherits": "window.analytics = Object.create(analytics);",
    "a global that is fixed": """
        Object.defineProperty(window, "analytics", { value: analytics, writable: false });""",
    "nothing": "delete window.analytics; window.late = null;",
}


@pytest.mark.parametrize("change", LATE.values(), ids=LATE)
def test_it_works_when_analytics_has_been_replaced_late_by(site: Site, change: str) -> None:
    site.open(HEAD)
    site.until("window.analytics.initialized")
    site.run("window.first = analytics")
    site.run(f"(() => {{ {change} }})()")
    delivered(site)
    site.run("(window.analytics ?? first).track('late')")
    site.settled(4)


BLOCKED = {
    "storage": """
        for (const name of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, name, { get() { throw new DOMException("blocked"); } });""",
    "cookies": """
        Object.defineProperty(Document.prototype, "cookie", { get: () => "", set() {} });""",
}


@pytest.mark.parametrize("change", BLOCKED.values(), ids=BLOCKED)
def test_it_works_with_blocked(site: Site, change: str) -> None:
    site.open(script(change) + HEAD)
    delivered(site)


# Policies. Each is added to one that allows what the page itself needs.

ALLOWED = "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'"
WORKS = {
    "no frames": "frame-src 'none'; child-src 'none'",
    "no objects, no base, no forms": "object-src 'none'; base-uri 'none'; form-action 'none'",
    "nobody may frame it": "frame-ancestors 'none'",
    "a sandbox with scripts and an origin": "sandbox allow-scripts allow-same-origin",
    "its own name among the Trusted Types": (
        "require-trusted-types-for 'script'; trusted-types segment-jimo test-page"
    ),
    "no workers": "worker-src 'none'",
}
FAILS = {
    "no connections": ("connect-src 'none'", "boot-failed", "fetch"),
    "a list of Trusted Types without its name": (
        "require-trusted-types-for 'script'; trusted-types test-page",
        "trusted-types",
        "Add segment-jimo",
    ),
    "a sandbox without an origin": ("sandbox allow-scripts", "no-same-origin", "allow-same-origin"),
    "no WebAssembly": (
        "script-src 'self' 'unsafe-inline'",
        "boot-failed",
        "'wasm-unsafe-eval'",
    ),
}


def under(site: Site, policy: str, head: str) -> None:
    """Opens a page under a policy, added to one that allows what the page itself needs."""
    site.server.headers["Content-Security-Policy"] = (
        policy if "script-src" in policy else f"{ALLOWED}; {policy}"
    )
    site.open(head)


@pytest.mark.parametrize("policy", WORKS.values(), ids=WORKS)
@both_runtimes
def test_it_works_under_a_policy_that_allows(site: Site, runtime: str, policy: str) -> None:
    under(site, policy, HEAD.replace(tag(), tag(runtime=runtime)))
    poll(site, "window.segmentJimo?.status().events.delivered === 3")
    assert site.status()["errors"] == []
    assert site.log() == LOG
    assert site.run("noticed") == []


@both_runtimes
def test_it_works_under_nonces_without_strict_dynamic(site: Site, runtime: str) -> None:
    policy = "default-src 'none'; script-src 'nonce-abc' 'wasm-unsafe-eval'; connect-src 'self'"
    head = HEAD.replace(tag(), tag(runtime=runtime)).replace("<script", '<script nonce="abc"')
    # The snippet would add another copy, and without a nonce.
    under(site, policy, head)
    poll(site, "window.segmentJimo?.status().events.delivered === 3")
    assert site.status()["errors"] == []
    assert site.log() == LOG


@pytest.mark.parametrize(
    ("runtime", "policy", "code", "words"),
    [
        pytest.param(runtime, *values, id=f"{runtime}-{name}")
        for name, values in FAILS.items()
        for runtime in RUNTIMES
        # MicroPython adds no script to its frame.
        if (runtime, values[1]) != ("micropython", "trusted-types")
    ],
)
def test_a_policy_that_forbids_what_it_needs_is_named(
    site: Site, runtime: str, policy: str, code: str, words: str
) -> None:
    under(site, policy, script(NOTICING + HOST) + tag(runtime=runtime))
    site.run("send('track', { event: 'one' })")
    poll(site, "window.segmentJimo?.status().errors.length")
    (error,) = site.status()["errors"]
    assert error["code"] == code and words in error["message"]
    assert site.run("noticed") == []
    # What Pyodide rejects stays in its frame.
    assert set(site.errors) <= {"Failed to fetch"}
    site.errors.clear()


@both_runtimes
def test_a_policy_that_forbids_jimos_script_is_named(site: Site, runtime: str) -> None:
    url = site.server.url.replace("127.0.0.1", "localhost") + "/web/playground/simulator.js"
    site.server.headers["Content-Security-Policy"] = ALLOWED
    site.open(HEAD.replace(tag(), tag(runtime=runtime, sdk_url=url)))
    poll(site, "window.segmentJimo?.status().errors.length")
    status = site.status()
    assert (status["errors"][0]["code"], status["events"]["held"]) == ("sdk-failed", 3)
    assert site.run("noticed.filter((text) => text !== 'a file')") == []
