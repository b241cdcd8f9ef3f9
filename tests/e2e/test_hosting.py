"""How the script may be embedded and hosted: policies, places, names."""

from pathlib import Path

import pytest

from tests.support.site import SNIPPET, Site, snippet, tag
from tools.build import DIST
from tools.serve import SETTINGS


def test_the_other_files_may_be_elsewhere(site: Site, tmp_path: Path) -> None:
    site.server.answers["/own.js"] = lambda _: (
        200,
        "text/javascript",
        (DIST / "segment-jimo.js").read_bytes(),
    )
    ours = tag(assets="/dist").replace("/dist/segment-jimo.js", "/own.js")
    site.snippet(before=ours, calls='analytics.track("one");')
    site.settled(1)


def test_a_global_of_another_name_is_found(site: Site) -> None:
    # With another name analytics.js takes the address of its CDN from https script tags only.
    site.page.route(
        "https://cdn.segment.com/**/settings", lambda route: route.fulfill(json=SETTINGS)
    )
    site.open(
        f"{tag(analytics='tracker')}<script>{snippet('tracker')}"
        'tracker.track("one");</script>'
        '<script async src="/cdn/analytics.js/v1/test/analytics.min.js" '
        'data-global-segment-analytics-key="tracker"></script>'
    )
    site.settled(1)


@pytest.mark.parametrize("how", ("async", "defer", 'type="module"'))
def test_the_script_may_run_in_any_way(site: Site, how: str) -> None:
    site.snippet(before=tag().replace("<script ", f"<script {how} "))
    site.until("window.segmentJimo?.status().timings.registered && analytics.initialized")
    site.run('analytics.track("one")')
    site.settled(1)


def test_a_script_that_comes_after_analytics_js_gets_what_follows(site: Site) -> None:
    site.snippet()
    site.until("window.analytics.initialized")
    site.run(
        """(() => {
            const script = document.createElement("script");
            Object.assign(script.dataset, {projectId: "p1",
            sdkUrl: "/web/playground/simulator.js?boot=30"});
            script.src = "/dist/segment-jimo.js";
            document.head.append(script);
        })()"""
    )
    site.until("window.segmentJimo?.status().timings.registered")
    site.run('analytics.track("one")')
    site.settled(1)


def test_without_a_project_id_the_script_registers_nothing(site: Site) -> None:
    site.snippet(before='<script src="/dist/segment-jimo.js"></script>')
    site.until("window.analytics.initialized")
    assert site.run(
        "[typeof jimoDestination, jimoDestination.pluginName, 'segmentJimo' in window]"
    ) == [
        "function",
        "Jimo (Actions)",
        False,
    ]


def test_python_that_does_not_come_within_a_minute_is_named(site: Site) -> None:
    site.page.clock.install()
    # A request that is never answered.
    site.page.route("**/micropython-*.wasm", lambda route: None)
    site.snippet(before=tag(), calls='analytics.track("one");')
    site.until("segmentJimo.status().events.held === 1 && segmentJimo.status().state === 'booting'")
    site.page.clock.fast_forward(61_000)
    site.until("segmentJimo.status().state === 'failed'")
    (error,) = site.status()["errors"]
    assert error["code"] == "boot-timeout"
    assert site.status()["events"]["held"] == 1


def test_a_sandbox_without_an_origin_is_a_named_failure(site: Site) -> None:
    inner = f"<script>{SNIPPET}analytics.track('one');</script>{tag()}".replace('"', "&quot;")
    site.open("", f'<iframe sandbox="allow-scripts" srcdoc="{inner}"></iframe>')
    frame = site.page.frames[1]
    for _ in range(200):
        if frame.evaluate("window.segmentJimo?.status().state") == "waiting":
            break
        site.page.wait_for_timeout(50)
    # analytics.js cannot store anything there either, so the plugin is asked by hand.
    status = frame.evaluate(
        """async () => {
            const [, plugin] = analytics.find(([name]) => name === "register");
            await plugin.load({}, {on() {}});
            for (let turns = 0; turns < 100 && segmentJimo.status().state !== "failed"; turns++)
              await new Promise((resolve) => setTimeout(resolve, 50));
            return segmentJimo.status();
        }"""
    )
    assert status["state"] == "failed"
    assert status["errors"][0]["code"] == "no-same-origin"
