"""Debug mode: what it tells of each event on the console, and to the page."""

import re

import pytest

from tests.support.site import Site, both_runtimes, tag

LISTEN = """
window.told = [];
addEventListener("segment-jimo", ({ detail: { what, event, outcome, command, payload, code } }) =>
  told.push([event?.event ?? event?.type, what,
    outcome ?? command?.[1] ?? code ?? payload?.userId ?? ""]));
"""
CALLS = 'analytics.identify("u1", {plan: "pro"});analytics.track("one");analytics.page();'


@pytest.fixture
def console(site: Site) -> list[str]:
    """What the page writes on its console."""
    lines: list[str] = []
    site.page.on("console", lambda message: lines.append(message.text))
    return lines


def said(site: Site, console: list[str], *words: str) -> None:
    """Waits for a line on the console with all these words in it."""
    for _ in range(200):
        if any(all(word in line for word in words) for line in console):
            return
        site.page.wait_for_timeout(25)
    raise AssertionError(f"{words} not in {console}")


def test_debug_mode_tells_the_way_of_each_event(site: Site) -> None:
    site.snippet(before=f"<script>{LISTEN}</script>{tag()}", calls=CALLS)
    site.settled(3)
    told = site.run("told")
    assert [step for step in told if step[0] == "identify" and step[1] != "held"] == [
        ["identify", "matched", ""],
        ["identify", "mapped", "u1"],
        ["identify", "command", "identify"],
        ["identify", "identified", ""],
        ["identify", "skipped", ""],
        ["identify", "command", "user:attributes"],
        ["identify", "outcome", "delivered"],
    ]
    assert ["one", "command", "segmentio:track"] in told and ["one", "outcome", "delivered"] in told
    assert [step for step in told if step[0] == "page"] == [
        ["page", "matched", ""],
        ["page", "outcome", "unmatched"],
    ]


def test_without_debug_mode_nothing_is_told(site: Site, console: list[str]) -> None:
    site.snippet(before=f"<script>{LISTEN}</script>{tag(debug=False)}", calls=CALLS)
    site.settled(3)
    assert site.run("told") == []
    assert [line for line in console if "segment-jimo" in line] == []


@both_runtimes
def test_the_console_says_of_each_event_what_became_of_it(
    site: Site, console: list[str], runtime: str
) -> None:
    site.snippet(before=tag(runtime=runtime), calls=CALLS)
    site.settled(3)
    said(site, console, "[segment-jimo] push do identify")
    said(site, console, "[segment-jimo] identify “u1”: delivered with 2 commands.")
    said(site, console, "[segment-jimo] track “one”: delivered with 1 command.")
    said(site, console, "[segment-jimo] page: unmatched. No subscription wants a page.")


def test_the_console_names_the_condition_that_said_no(site: Site, console: list[str]) -> None:
    given = """<script type="application/json" data-segment-jimo>{"subscriptions": [
      {"partnerAction": "sendTrackEvent", "name": "Big orders",
       "subscribe": "event = \\"Order Completed\\" and properties.total > 100"}]}</script>"""
    site.snippet(before=given + tag(), calls='analytics.track("Order Completed", {total: "150"});')
    site.settled(1)
    said(
        site,
        console,
        "unmatched. No subscription wants it. “Big orders”: properties.total > 100 is not met: "
        'properties.total is "150", which is text and not a number.',
    )


def test_the_console_says_what_a_held_event_waits_for(site: Site, console: list[str]) -> None:
    site.snippet(before=tag(manual_init=True), calls='analytics.track("one");')
    said(site, console, "track “one”: held. It waits for a user.")
    # To say so, nothing but its own file is fetched.
    assert site.status()["state"] == "waiting"
    assert not any("start" in path or "simulator" in path for path in site.server.requests)


def test_debug_mode_is_switched_on_and_off_while_the_page_runs(
    site: Site, console: list[str]
) -> None:
    site.snippet(before=tag(debug=False), calls=CALLS)
    site.settled(3)
    assert not any("tools" in path for path in site.server.requests)
    site.run("segmentJimo.debug(true)")
    said(site, console, "track “one”: delivered")
    site.run("analytics.track('two')")
    said(site, console, "track “two”: delivered with 1 command.")
    site.run("segmentJimo.debug(false)")
    site.until("segmentJimo.status().events.held === 0")
    site.run("analytics.track('three')")
    site.settled(5)
    assert not any("three" in line for line in console)


@both_runtimes
def test_debug_mode_names_attributes_that_jimo_will_not_take_and_changes_none(
    site: Site, console: list[str], runtime: str
) -> None:
    traits = """{ plan: "pro", seats: 3, tags: ["a"], active: true, address: { city: "secret" },
      bio: "secret".repeat(117), list: ["secret".repeat(120)] }"""
    site.snippet(before=tag(runtime=runtime), calls=f'analytics.identify("u1", {traits});')
    site.settled(1)
    said(site, console, "identify “u1”: delivered with 2 commands.")
    (line,) = [line for line in console if "delivered with 2 commands" in line]
    named = re.findall("Jimo does not take the attribute (.*?)[.] ", line)
    assert named == [
        "“address”: it is an object",
        "“bio”: it has 702 characters, and 700 are allowed",
        "“list”: it has 724 characters, and 700 are allowed",
    ]
    attributes = site.run("jimoSimulator.profiles.u1.attributes")
    assert attributes["address"] == {"city": "secret"} and len(attributes["bio"]) == 702


def test_what_jimo_takes_as_an_attribute_and_what_not(site: Site) -> None:
    site.open("")
    found = site.run("""import("/web/inspector/attributes.js").then(({ problemOf }) =>
      ["", "a".repeat(700), 0, NaN, false, [], ["a"], undefined,
       "a".repeat(701), null, {}, new Date(0), ["a".repeat(700)]].map((one) => problemOf(one)))""")
    assert found[:8] == [""] * 8
    assert found[8:] == [
        "it has 701 characters, and 700 are allowed",
        "it is null",
        "it is an object",
        "it is a date",
        "it has 704 characters, and 700 are allowed",
    ]


def test_debug_mode_counts_the_names_of_attributes(site: Site, console: list[str]) -> None:
    traits = ", ".join(f"a{number}: 1" for number in range(15))
    site.snippet(before=tag(), calls=f'analytics.identify("u1", {{{traits}}});')
    site.settled(1)
    said(site, console, "identify “u1”: delivered")
    site.run("void analytics.identify({ a16: 1 })")
    site.settled(2)
    said(site, console, "16 different attributes so far on this page.", "advises 10 to 15")
    site.run("void analytics.identify({ a16: 2 })")
    site.settled(3)
    said(site, console, "identify “u1”: delivered")
    assert len([line for line in console if "different attributes" in line]) == 1
