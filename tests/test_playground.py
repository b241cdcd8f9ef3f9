"""The playground as a visitor uses it."""

from .conftest import Site, both_runtimes


def open_playground(site: Site, query: str = "") -> None:
    site.page.goto(f"{site.server.url}/{query}")
    site.until("segmentJimo.status().timings.registered")


def press(site: Site, name: str) -> None:
    site.page.get_by_role("button", name=name, exact=True).click()


@both_runtimes
def test_a_visitor_sees_events_turn_into_commands_and_profiles(site: Site, runtime: str) -> None:
    open_playground(site, "" if runtime == "micropython" else f"?runtime={runtime}")
    for name in ("identify", "track", "group"):
        press(site, name)
    site.until("segmentJimo.status().events.delivered === 3")
    assert site.status()["runtime"] == runtime
    for text in ("do identify", "set user:email", "do segmentio:track", "set user:group"):
        site.page.locator("main").get_by_text(text).first.wait_for()
    assert site.run("jimoSimulator.profiles.ada.tracks.length") == 1


def test_its_state_is_in_the_address(site: Site) -> None:
    open_playground(site)
    site.page.get_by_label("User id").fill("grace")
    site.page.get_by_label("Initialize only for identified users").check()
    site.until("location.search.includes('manual=1')")
    site.until("window.segmentJimo?.initialized === false")
    assert site.page.get_by_label("User id").input_value() == "grace"
    press(site, "identify")
    site.until("window.jimoSimulator?.profiles.grace")


def test_wrong_json_is_said_at_the_field_and_nothing_is_sent(site: Site) -> None:
    open_playground(site)
    # The playground's own page event.
    before = site.settled(1)["events"]["received"]
    site.page.get_by_label("Properties").fill("{total: 1}")
    press(site, "track")
    site.page.locator("#props-error").wait_for(state="visible")
    assert site.page.get_by_label("Properties").get_attribute("aria-invalid") == "true"
    assert site.status()["events"]["received"] == before


def test_a_blocked_jimo_is_shown(site: Site) -> None:
    open_playground(site, "?sdk=blocked")
    site.until("segmentJimo.status().sdk === 'failed'")
    site.page.get_by_text("sdk-failed").first.wait_for()


def test_the_tag_to_copy_is_the_one_that_runs(site: Site) -> None:
    open_playground(site, "?manual=1&refetch=1")
    text = site.page.locator("#embed").inner_text()
    assert "data-manual-init" in text and "data-refetch-experiences-on-traits-update" in text
