"""The hidden frame in which Python runs goes away with the try to boot, or with the destination."""

import pytest

from tests.support.site import Site, tag

FRAMES = "document.querySelectorAll('iframe').length"


def boots_without_end(site: Site) -> None:
    """Opens a page on which Python never arrives."""
    site.page.clock.install()
    site.page.route("**/micropython-*.wasm", lambda route: None)
    site.snippet(before=tag(), calls='analytics.track("one");')
    site.until(f"segmentJimo.status().state === 'booting' && {FRAMES} === 1")


def test_a_try_that_is_given_up_takes_its_frame_along(site: Site) -> None:
    boots_without_end(site)
    site.page.clock.fast_forward(61_000)
    site.until(f"segmentJimo.status().state === 'failed' && {FRAMES} === 0")


def test_a_later_try_has_the_only_frame(site: Site) -> None:
    boots_without_end(site)
    site.page.clock.fast_forward(61_000)
    site.until("segmentJimo.status().state === 'failed'")
    site.page.unroute("**/micropython-*.wasm")
    site.run('analytics.track("two")')
    site.page.clock.fast_forward(2_000)
    site.until("segmentJimo.status().state === 'running'")
    assert site.run(FRAMES) == 1


@pytest.mark.parametrize("when", ("booting", "running"))
def test_deregistering_takes_the_frame_along(site: Site, when: str) -> None:
    if when == "booting":
        boots_without_end(site)
    else:
        site.snippet(before=tag())
        site.until("segmentJimo.status().state === 'running'")
    site.until("analytics.initialized")
    site.run("analytics.deregister('Jimo (Actions)')")
    if when == "booting":
        site.page.clock.fast_forward(100)
    site.until(f"{FRAMES} === 0")
