"""Mistakes on a page: what is misspelt is refused where it stands, and says so."""

import json

import pytest

from tests.support.site import Site, tag

SDK = 'data-sdk-url="/web/playground/simulator.js"'
CALLS = 'analytics.track("one"); analytics.identify("u1", { email: "a@b.c" });'


def refused(site: Site) -> str:
    """Waits for what is said; nothing was started, and nothing goes out."""
    site.until("analytics.initialized && window.segmentJimo?.status().errors.length")
    site.until("segmentJimo.status().state === 'failed'")
    status = site.status()
    assert status["events"]["delivered"] == status["events"]["held"] == 0
    assert site.run("'jimo' in window || document.querySelector('iframe') !== null") is False
    assert len(status["errors"]) == 1, status["errors"]
    (error,) = status["errors"]
    assert error["code"] == "invalid-settings"
    message: str = error["message"]
    return message


@pytest.mark.parametrize(
    ("attributes", "meant"),
    (
        ('data-project-id="p1" data-manuel-init', "manualInit"),
        ('data-project-id="p1" data-manual-int', "manualInit"),
        ('data-project-id="p1" data-manualinit', "manualInit"),
        ('data-project-id="p1" manual-init', "manualInit"),
        ('data-project-id="p1" dat-manual-init', "manualInit"),
        ('data-project-id="p1" data-kill-on-rest', "killOnReset"),
        ('data-project-id="p1" data-runtme="pyodide"', "runtime"),
        ('data-project-id="p1" data-refetch-experience-on-traits-update', "refetchExp"),
    ),
)
def test_a_misspelt_attribute_starts_nothing_and_says_what_was_meant(
    site: Site, attributes: str, meant: str
) -> None:
    site.snippet(
        before=f'<script src="/dist/segment-jimo.js" {SDK} {attributes}></script>', calls=CALLS
    )
    assert f"id you mean {meant}" in refused(site)


def test_a_tag_whose_id_is_misspelt_says_so_and_one_of_somebody_else_says_nothing(
    site: Site,
) -> None:
    site.snippet(before='<script src="/dist/segment-jimo.js" data-projectid="p1"></script>')
    site.until("window.segmentJimo?.status().errors.length")
    assert any("projectId" in error["message"] for error in site.status()["errors"])
    others = 'async crossorigin="anonymous" data-cfasync="false" data-domain="example.com"'
    site.snippet(before=f'<script src="/dist/segment-jimo.js" {others}></script>', path="/other")
    site.until("window.analytics.initialized && typeof jimoDestination === 'function'")
    site.run("new Promise((resolve) => setTimeout(resolve, 300))")
    assert site.run("'segmentJimo' in window") is False


def test_an_attribute_that_is_like_none_of_ours_is_a_warning(site: Site) -> None:
    site.snippet(before=tag(cfasync="false"), calls='analytics.track("one");')
    site.until("window.segmentJimo?.status().events.delivered === 1")
    assert [error["code"] for error in site.status()["errors"]] == ["settings-warning"]


@pytest.mark.parametrize(
    ("settings", "meant"),
    (
        ({"manulInit": True}, "id you mean manualInit"),
        ({"subscription": []}, "id you mean subscriptions"),
        ("{", "subscriptions: expected a list"),
    ),
)
def test_a_mistake_in_the_json_beside_the_tag_starts_nothing(
    site: Site, settings: object, meant: str
) -> None:
    text = settings if isinstance(settings, str) else json.dumps(settings)
    beside = f'<script type="application/json" data-segment-jimo>{text}</script>'
    site.snippet(before=beside + tag(), calls=CALLS)
    assert meant in refused(site)


@pytest.mark.parametrize("typo", ({"manulInit": True}, {"Runtime": "pyodide"}, {"projectid": "p2"}))
def test_a_misspelt_setting_of_the_function_starts_nothing(
    site: Site, typo: dict[str, object]
) -> None:
    given = json.dumps({"projectId": "p1", "sdkUrl": "/web/playground/simulator.js", **typo})
    site.snippet(
        before='<script src="/dist/segment-jimo.js"></script>',
        calls=f"analytics.register(jimoDestination({given})); {CALLS}",
    )
    assert "id you mean" in refused(site)


def test_a_tag_and_a_registration_are_called_that(site: Site) -> None:
    given = '{ projectId: "p2", sdkUrl: "/web/playground/simulator.js" }'
    site.snippet(before=tag(), calls=f"analytics.register(jimoDestination({given})); {CALLS}")
    site.until("window.segmentJimo?.status().events.delivered === 2")
    site.until("segmentJimo.status().errors.length")
    (error,) = site.status()["errors"]
    assert error["message"] == "Registered twice. Remove one."
    assert len([line for line in site.log() if "track" in line]) == 1
