"""The script tag on a page with the real analytics.js, on both runtimes."""

import pytest
from playwright.sync_api import Route

from .conftest import STALL, Site, both_runtimes, pyscript, tag

WASM = {"micropython": "**/micropython-*.wasm", "pyodide": "**/pyodide.asm.wasm"}


@both_runtimes
@pytest.mark.parametrize("place", ("before", "after"))
def test_events_from_before_anything_has_loaded_arrive_once_and_in_order(
    site: Site, runtime: str, place: str
) -> None:
    site.snippet(
        calls='analytics.identify("u1", {email: "a@b.c", plan: "pro"});analytics.track("one");',
        **{place: tag(runtime=runtime)},
    )
    site.until("window.analytics.initialized")
    site.run('analytics.track("two"), analytics.group("g1", {size: 3})')
    status = site.settled(4)
    assert status["state"] == "running" and status["runtime"] == runtime and status["sdk"] == "live"
    assert status["errors"] == []
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:email "a@b.c" @u1',
        'set user:attributes {"email":"a@b.c","plan":"pro"} @u1',
        "do segmentio:track one @u1",
        "do segmentio:track two @u1",
        "set user:group g1 @u1",
    ]


@both_runtimes
def test_nothing_is_lost_while_anything_is_still_loading(site: Site, runtime: str) -> None:
    held: list[Route] = []
    site.page.route(WASM[runtime], lambda route: held.append(route))
    site.snippet(
        before=tag(runtime=runtime, sdk_url=STALL),
        calls='analytics.track("before analytics.js");',
    )
    site.until("window.analytics.initialized && segmentJimo.status().events.received === 1")
    site.run('analytics.track("before Python")')
    site.until("segmentJimo.status().events.held === 2")
    assert site.status()["state"] == "booting"
    # The wasm file may be asked for by a try of its own that lets the browser compile as it loads.
    for route in held:
        route.continue_()
    site.page.unroute(WASM[runtime])
    site.until("segmentJimo.status().state === 'running'")
    site.run('analytics.track("before the SDK")')
    site.until("segmentJimo.status().events.held === 3")
    assert site.status()["sdk"] == "loading"
    site.server.stalled.set()
    site.settled(3)
    assert [line.split(" ", 2)[2] for line in site.log()] == [
        "before analytics.js @anonymous",
        "before Python @anonymous",
        "before the SDK @anonymous",
    ]


def test_the_pages_own_micropython_is_left_alone(site: Site) -> None:
    site.snippet(
        before=tag(),
        after=pyscript("mpy", "import js; js.document.title = 'theirs'"),
        calls='analytics.track("one");',
    )
    site.settled(1)
    site.until("document.title === 'theirs'")
    site.run('analytics.track("two")')
    site.settled(2)
