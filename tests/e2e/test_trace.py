"""What the page side tells of each event in debug mode, for the playground to draw."""

from tests.support.site import Site, tag

LISTEN = """
window.told = [];
addEventListener("segment-jimo", ({ detail: { what, event, outcome, command, payload, code } }) =>
  told.push([event?.event ?? event?.type, what,
    outcome ?? command?.[1] ?? code ?? payload?.userId ?? ""]));
"""
CALLS = 'analytics.identify("u1", {plan: "pro"});analytics.track("one");analytics.page();'


def test_debug_mode_tells_the_way_of_each_event(site: Site) -> None:
    site.snippet(before=f"<script>{LISTEN}</script>{tag()}", calls=CALLS)
    site.settled(3)
    told = site.run("told")
    assert [step for step in told if step[0] == "identify" and step[1] != "outcome"] == [
        ["identify", "matched", ""],
        ["identify", "mapped", "u1"],
        ["identify", "command", "identify"],
        ["identify", "identified", ""],
        ["identify", "skipped", ""],
        ["identify", "command", "user:attributes"],
    ]
    # Held while the identify is open, delivered after it.
    assert ["identify", "outcome", 2] in told and ["one", "outcome", 1] in told
    assert ["one", "command", "segmentio:track"] in told
    assert [step for step in told if step[0] == "page"] == [["page", "matched", ""]]


def test_without_debug_mode_nothing_is_told(site: Site) -> None:
    site.snippet(before=f"<script>{LISTEN}</script>{tag(debug=False)}", calls=CALLS)
    site.settled(3)
    assert site.run("told") == []
