"""The script tag on a page with the real analytics.js, on both runtimes."""

import pytest

from .conftest import Site, tag

RUNTIMES = ("micropython", "pyodide")


@pytest.mark.parametrize("runtime", RUNTIMES)
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
