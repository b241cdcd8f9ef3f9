"""Other ways to the destination: the npm build of analytics.js, and PyScript."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.test_page import remote, serve_settings
from tests.support.site import LIBRARY, SNIPPET, Site, both_runtimes, pyscript, tag
from tools.build import DIST, MODULES, ROOT

LOAD = """
import { AnalyticsBrowser } from "@segment/analytics-next";
import { jimoDestination } from "/dist/segment-jimo.mjs";
window.analytics = AnalyticsBrowser.load(
  { writeKey: "test", cdnURL: location.origin + "/cdn", plugins: [jimoDestination] },
  { integrations: { "Segment.io": { apiHost: location.host + "/api", protocol: "http" } } },
);
"""
NPM = f"""{LOAD}
window.analytics.identify("u1", {{ plan: "pro" }});
window.analytics.track("one");
"""


def bundle_npm(site: Site, folder: Path, code: str) -> str:
    """Bundles a module that imports from npm; returns the tag that runs it."""
    entry = folder / "page.js"
    entry.write_text(code)
    done = subprocess.run(
        [
            MODULES / ".bin" / "esbuild",
            entry,
            "--bundle",
            "--format=esm",
            "--log-level=error",
            "--external:/dist/*",
        ],
        cwd=ROOT,
        env={"NODE_PATH": str(MODULES), "PATH": "/usr/bin:/usr/local/bin"},
        check=True,
        stdout=subprocess.PIPE,
    )
    site.server.answers["/app.js"] = lambda _: (200, "text/javascript", done.stdout)
    return '<script type="module" src="/app.js"></script>'


def open_npm(
    site: Site, folder: Path, code: str, bundled: bool = False, body: str = "", **settings: object
) -> None:
    """Opens a page of a module that imports from npm; Segment's settings have these."""
    head = bundle_npm(site, folder, code.replace('"/dist/', f'"{DIST}/') if bundled else code)
    given = {"projectId": "p1", "sdkUrl": "/web/playground/simulator.js?boot=30&identify=30"}
    if bundled:
        given["assets"] = "/dist"
    serve_settings(site, remote("https://cdn.invalid/jimo.js", **{**given, **settings}))
    site.open(head, body)
    site.until("window.segmentJimo")


@pytest.mark.parametrize("bundled", (False, True))
@both_runtimes
def test_the_module_serves_the_npm_build_of_analytics_js(
    site: Site, runtime: str, bundled: bool, tmp_path: Path
) -> None:
    open_npm(site, tmp_path, NPM, bundled, runtime=runtime)
    site.settled(2)
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:attributes {"plan":"pro"} @u1',
        "do segmentio:track one @u1",
    ]


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_the_pages_own_python_attaches_itself_and_nothing_before_is_lost(
    site: Site, kind: str
) -> None:
    code = """
import js
import segment_jimo
try:
    segment_jimo.attach(manual_init=3)
except segment_jimo.SettingsError as error:
    js.document.title = error.field
destination = segment_jimo.attach(refetch_experiences_on_traits_update=True)
"""
    site.open(
        f"{tag(runtime='page')}<script>{SNIPPET}"
        f'analytics.identify("u1", {{plan: "pro"}});</script>{LIBRARY}',
        pyscript(kind, code),
    )
    site.settled(1)
    assert site.run("document.title") == "manualInit"
    assert site.status()["runtime"] == "page"
    assert site.run("jimoSimulator.profiles.u1.refetched") == 1
    site.run('analytics.track("two")')
    site.settled(2)
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:attributes {"plan":"pro"} @u1',
        "do segmentio:track two @u1",
    ]


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_attach_without_the_script_tag_says_what_is_missing(site: Site, kind: str) -> None:
    code = """
import js
import segment_jimo
try:
    segment_jimo.attach(project_id="p1")
except segment_jimo.AttachError as error:
    js.document.title = str(error)
"""
    site.open("", pyscript(kind, code))
    site.until("document.title !== 't'")
    assert 'data-runtime="page"' in site.run("document.title")


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_attach_on_a_page_with_another_runtime_and_a_second_attach_say_what_is_wrong(
    site: Site, kind: str
) -> None:
    code = """
import js
import segment_jimo
try:
    segment_jimo.attach(project_id="p1")
    segment_jimo.attach(project_id="p1")
except segment_jimo.AttachError as error:
    js.document.title = str(error)
"""
    site.open(tag(), pyscript(kind, code))
    site.until("document.title !== 't'")
    assert 'data-runtime="page" on the script tag, got nothing' in site.run("document.title")
    site.open(tag(runtime="page"), pyscript(kind, code))
    site.until("document.title !== 't'")
    assert "called attach() twice" in site.run("document.title")


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_attach_with_wrong_types_names_the_field_and_a_refused_tag_its_reason(
    site: Site, kind: str
) -> None:
    code = """
import js
import segment_jimo
told = []
for given in ({"project_id": 7}, {"subscriptions": "all"}, {"middleware": 3}):
    try:
        segment_jimo.attach(**given)
    except segment_jimo.SegmentJimoError as error:
        told.append(str(error))
js.document.title = "|".join(told)
segment_jimo.attach()
"""
    site.open(tag(runtime="page", sdk_url="http://["), pyscript(kind, code))
    site.until("document.title !== 't'")
    told = site.run("document.title").split("|")
    assert [text.partition(":")[0] for text in told] == ["projectId", "subscriptions", "middleware"]
    # What is wrong with the tag is said by a file that is fetched then, so not in attach().
    site.until("segmentJimo.status().state === 'failed'")
    assert [error["field"] for error in site.status()["errors"]] == ["sdkUrl"]


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_the_client_pushes_commands_of_the_pages_own(site: Site, kind: str) -> None:
    code = """
import js
import segment_jimo
destination = segment_jimo.attach()
def go(event):
    jimo = destination.jimo
    jimo.set_name("Ada")
    jimo.set_language("fr")
    jimo.trigger("e1")
    jimo.open_widget()
    js.document.title = destination.status()["sdk"]
try:
    from pyodide.ffi import create_proxy
    go = create_proxy(go)
except ImportError:
    pass
js.window.addEventListener("go", go)
"""
    site.open(f"{tag(runtime='page')}<script>{SNIPPET}</script>{LIBRARY}", pyscript(kind, code))
    site.until("segmentJimo.status().sdk === 'live'")
    site.run("window.dispatchEvent(new Event('go'))")
    site.until("document.title === 'live'")
    assert site.log() == [
        'set user:name "Ada" @anonymous',
        'set core:language "fr" @anonymous',
        'do boosted:trigger {"evolutionId":"e1"} @anonymous',
        "do widget:open undefined @anonymous",
    ]
