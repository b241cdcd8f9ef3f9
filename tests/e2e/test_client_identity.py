"""Whose profile a command of the page's own Python is for, and its place among the events."""

from pathlib import Path
from threading import Event

import pytest

from tests.e2e.test_client import KINDS, attach, py
from tests.e2e.test_sources import LOAD, open_npm
from tests.support.site import Site, pyscript
from tools.serve import Answer

WAITED: Answer = (0, "", b"")
GONE: Answer = (404, "text/plain", b"")


def without_attributes(site: Site) -> list[str]:
    return [line for line in site.log() if "attributes" not in line]


@KINDS
@pytest.mark.parametrize("between", ("", "js.analytics.reset()"))
def test_commands_from_before_the_page_side_is_there_write_to_their_own_user_only(
    site: Site, kind: str, between: str
) -> None:
    gate = Event()
    site.server.answers["/dist/segment-jimo-start"] = lambda _: WAITED if gate.wait(60) else GONE
    attach(site, kind, ready="window.analytics.initialized")
    program = ['js.analytics.identify("u1")', 'jimo.set_name("Ada")', between]
    program += ['js.analytics.identify("u2")', 'jimo.set_name("Bob")']
    assert py(site, "\n".join(program)) == "[]"
    gate.set()
    site.until("window.jimoSimulator?.profiles.u2?.name === 'Bob'")
    status = site.settled(2)
    names = [line for line in site.log() if "user:name" in line]
    if not between:
        assert names == ['set user:name "Ada" @u1', 'set user:name "Bob" @u2']
        return
    # Jimo was never told of u1, who has logged out; that is said.
    assert names == ['set user:name "Bob" @u2']
    assert "reset" in [error["code"] for error in status["errors"]]


# `analytics.user()` of npm's AnalyticsBrowser is a promise.
ATTACHED_LATER = """
import js
import segment_jimo


def begin():
    global jimo
    jimo = segment_jimo.attach().jimo


def go():
    js.analytics.identify("u2")
    jimo.set_name("Bob")
    jimo.track("Paid")


try:
    from pyodide.ffi import create_proxy
    begin, go = create_proxy(begin), create_proxy(go)
except ImportError:
    pass
js.window.begin = begin
js.window.go = go
"""


@KINDS
def test_commands_know_the_user_of_an_analytics_whose_user_is_a_promise(
    site: Site, kind: str, tmp_path: Path
) -> None:
    open_npm(site, tmp_path, LOAD, body=pyscript(kind, ATTACHED_LATER), runtime="page")
    site.until("!!window.begin")
    site.run("(begin(), void analytics.identify('u1'))")
    site.settled(1)
    site.run("(go(), 1)")
    site.until("jimoSimulator.profiles.u2?.tracks.length === 1")
    assert without_attributes(site) == [
        'do identify "u1" @anonymous',
        'do identify "u2" @u1',
        'set user:name "Bob" @u2',
        "do segmentio:track Paid @u2",
    ]


@KINDS
def test_commands_wait_for_the_identify_of_a_user_whom_analytics_js_knew_already(
    site: Site, kind: str
) -> None:
    site.server.answers["/elsewhere"] = lambda _: (200, "text/html", b"")
    site.goto("/elsewhere")
    site.run("document.cookie = 'ajs_user_id=u1'")
    attach(site, kind)
    site.until("analytics.user().id() === 'u1'")
    again = 'js.analytics.identify("u1")\njimo.set_name({!r})'
    py(site, again.format("Ada"))
    site.until("jimoSimulator.profiles.u1?.name === 'Ada'")
    py(site, "js.analytics.reset()\n" + again.format("Augusta"))
    site.until("jimoSimulator.profiles.u1.name === 'Augusta'")
    assert without_attributes(site) == [
        'do identify "u1" @anonymous',
        'set user:name "Ada" @u1',
        'do identify "u1" @u1',
        'set user:name "Augusta" @u1',
    ]


@KINDS
def test_a_command_behind_an_identify_that_never_comes_is_told_and_the_next_user_gets_theirs(
    site: Site, kind: str
) -> None:
    site.page.clock.install()
    attach(site, kind)
    off = "{ integrations: { 'Jimo (Actions)': false } }"
    site.run(f"void analytics.identify('u1', {{}}, {off})")
    py(site, 'jimo.set_name("Ada")')
    py(site, 'js.analytics.identify("u2")\njimo.set_name("Bob")')
    site.page.clock.run_for(11_000)
    site.until("jimoSimulator.profiles.u2?.name === 'Bob'")
    assert [line for line in site.log() if "name" in line] == ['set user:name "Bob" @u2']
    assert [error["code"] for error in site.status()["errors"]] == ["command-dropped"]


@KINDS
@pytest.mark.parametrize("rule", ("middleware", "trigger"))
def test_a_command_of_a_rule_goes_out_after_the_event_that_the_rule_was_asked_about(
    site: Site, kind: str, rule: str
) -> None:
    derive = "lambda event: jimo.track('derived of ' + event.event)"
    trigger = f"segment_jimo.Subscription(segment_jimo.SEND_TRACK_EVENT, {derive} is None)"
    rules = {"middleware": f"middleware={derive}", "trigger": f"subscriptions=[{trigger}]"}
    attach(site, kind, settings=rules[rule])
    site.run("(analytics.track('one'), void analytics.track('two'))")
    site.until("window.jimoSimulator.log.length === 4")
    assert site.log() == [
        f"do segmentio:track {name} @anonymous"
        for name in ("one", "derived of one", "two", "derived of two")
    ]


@KINDS
def test_identified_only_a_program_may_identify_and_go_on_at_once(site: Site, kind: str) -> None:
    attach(site, kind, manual_init=True, ready="window.analytics.initialized")
    assert py(site, 'js.analytics.identify("u1")\njimo.set_name("Ada")') == "[]"
    site.until("window.jimoSimulator?.profiles.u1?.name === 'Ada'")
    assert without_attributes(site) == ['do identify "u1" @anonymous', 'set user:name "Ada" @u1']


@KINDS
@pytest.mark.parametrize("known", (False, True))
def test_after_an_identify_of_the_client_one_of_analytics_js_has_the_commands(
    site: Site, kind: str, known: bool
) -> None:
    attach(site, kind)
    if known:
        site.run("void analytics.identify('u1')")
        site.settled(1)
    assert py(site, 'jimo.identify("crm")\njimo.set_name("C")') == "[]"
    site.until("jimoSimulator.profiles.crm?.name === 'C'")
    assert py(site, 'js.analytics.identify("u1")\njimo.set_name("Ada")') == "[]"
    site.until("jimoSimulator.profiles.u1?.name === 'Ada'")
    assert py(site, 'jimo.set_name("Augusta")') == "[]"
    site.until("jimoSimulator.profiles.u1.name === 'Augusta'")
    assert site.status()["errors"] == []
    assert without_attributes(site)[-3:] == [
        'do identify "u1" @crm',
        'set user:name "Ada" @u1',
        'set user:name "Augusta" @u1',
    ]
