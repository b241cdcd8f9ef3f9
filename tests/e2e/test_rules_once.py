"""A rule is asked once for an event; answers are awaited; how the interpreters differ."""

import json
import re

import pytest

from tests.e2e.test_rules import HOST, attach, send
from tests.support.site import LIBRARY, SNIPPET, STALL, Site, pyscript, tag

COUNTED = """
import js
from segment_jimo import SEND_TRACK_EVENT, SEND_USER_DATA, Subscription, attach

js.window.asked = ""


def note(word, event):
    js.window.asked = js.window.asked + word + ":" + event.type + " "


def middleware(event):
    note("middleware", event)
    return {{"traits.seen": True}}


def wants(event):
    note("trigger", event)
    return event.type == "identify"


def user(event):
    note("mapping", event)
    return {{"userId": event.userId, "email": "a@b.c", "traits": event.traits}}


attach(
    manual_init={manual},
    subscriptions=[Subscription(SEND_USER_DATA, wants, user), Subscription(SEND_TRACK_EVENT)],
    middleware=middleware,
)
"""
ONCE = "middleware:identify trigger:identify mapping:identify "


@HOST
@pytest.mark.parametrize("manual", (False, True))
def test_each_rule_is_asked_once_however_long_its_event_is_held(
    site: Site, host: str, manual: bool
) -> None:
    attach(site, host, COUNTED.format(manual=manual))
    site.run("void analytics.identify('u1', { plan: 'pro' })")
    site.settled(1)
    assert site.run("asked") == ONCE
    assert [line.split(" @")[0] for line in site.log()] == [
        'do identify "u1"',
        'set user:email "a@b.c"',
        'set user:attributes {"plan":"pro","seen":true}',
    ]


@pytest.mark.parametrize("manual", (False, True))
def test_a_rule_is_not_asked_again_when_jimo_comes_late(site: Site, manual: bool) -> None:
    attach(site, "mpy", COUNTED.format(manual=manual), sdk_url=STALL)
    site.run("void analytics.identify('u1', { plan: 'pro' })")
    site.until("asked.includes('trigger')")
    site.server.stalled.set()
    site.settled(1)
    assert site.run("asked") == ONCE and len(site.log()) == 3


COMPILED = """
import js
from segment_jimo import attach, mappings, triggers

js.window.read = ""


def noted(name, work):
    def note(*given):
        js.window.read = js.window.read + name + " "
        return work(*given)

    return note


triggers.compiling = noted("trigger", triggers.compiling)
mappings.Compiler.compile = noted("mapping", mappings.Compiler.compile)
attach(
    subscriptions=[
        {
            "partnerAction": "sendGroupData",
            "subscribe": "type = \\"track\\" and properties.total > 100",
            "mapping": {"groupId": {"@path": "$.event"}},
        }
    ]
)
"""


@HOST
def test_triggers_and_mappings_are_read_once_and_not_for_each_event(site: Site, host: str) -> None:
    attach(site, host, COMPILED)
    read = site.run("read")
    assert sorted(read.split()) == ["mapping", "trigger"]
    for total in (50, 150, 200):
        send(site, "Order", f"{{ total: {total} }}")
    site.settled(3)
    assert [line.split()[2] for line in site.log()] == ["Order", "Order"]
    assert site.run("read") == read


PREFIXING = COUNTED.replace('{{"traits.seen": True}}', '{{"traits.n": event.traits.n + 1}}')


@pytest.mark.parametrize("kind", ("mpy", "py"))
@pytest.mark.parametrize("manual", (False, True))
def test_a_rule_that_has_run_is_not_run_again_on_the_next_page(
    site: Site, kind: str, manual: bool
) -> None:
    program = PREFIXING.format(manual=manual)
    attach(site, kind, program, sdk_url=STALL)
    site.run("void analytics.identify('u1', { n: 1 })")
    site.until("asked.includes('trigger')")
    attach(site, kind, program)
    site.settled(1)
    assert (site.run("asked"), site.status()["errors"]) == ("", [])
    assert [line.split(" @")[0] for line in site.log()] == [
        'do identify "u1"',
        'set user:email "a@b.c"',
        'set user:attributes {"n":2}',
    ]


MANY = """
import time
from segment_jimo import SEND_TRACK_EVENT, Subscription, attach


def wants(event):
    end = time.time() + 0.004
    while time.time() < end:
        pass
    return True


attach(subscriptions=[Subscription(SEND_TRACK_EVENT, wants)])
"""


# Notes at each turn of the page how many events have gone out.
TURNS = """<script>
  window.turns = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    turns.push(window.segmentJimo?.status().events.delivered ?? 0);
    port2.postMessage(0);
  };
  port2.postMessage(0);
</script>"""


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_the_page_has_its_turns_while_held_events_pass_slow_rules(site: Site, kind: str) -> None:
    calls = "for (let number = 0; number < 200; number++) analytics.track(`t${number}`);"
    head = f"{TURNS}{tag(runtime='page', debug=False)}<script>{SNIPPET}{calls}</script>{LIBRARY}"
    site.open(head, pyscript(kind, MANY))
    site.settled(200)
    steps = site.run("turns.map((at, index) => at - (turns[index - 1] ?? 0))")
    # Five rules of 4 ms each.
    assert max(steps) == 5


AWAITED = """
import asyncio

import js
import segment_jimo

jimo = segment_jimo.attach().jimo
js.window.found = ""


async def ask():
    found = [
        await jimo.unread_count(),
        await asyncio.wait_for(jimo.unread_count(), 20),
        await asyncio.create_task(jimo.unread_count()),
        await asyncio.gather(jimo.unread_count(), jimo.unread_count()),
    ]
    answer = jimo.unread_count()
    found.append([await answer, await answer])
    js.window.found = str(found)
    done = jimo.identify("u1")
    try:
        await asyncio.wait_for(done, 0)
    except asyncio.TimeoutError:
        js.window.found += " late"
    await asyncio.wait_for(done, 20)
    js.window.found += " there"


asyncio.create_task(ask())
"""


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_an_answer_is_awaited_in_every_way_that_asyncio_has(site: Site, kind: str) -> None:
    attach(site, kind, AWAITED)
    site.until("found === '[0, 0, 0, [0, 0], [0, 0]] late there'")


DIFFERENT = """
import json

import js
from segment_jimo import SEND_TRACK_EVENT, Subscription, attach

js.window.found = ""


def look(event):
    found = {"order": list({key: 0 for key in "zyxwvutsrqponm"}), "bool": isinstance(True, int)}
    try:
        found["right"] = 5 < event.properties.big
    except TypeError:
        found["right"] = "TypeError"
    found["left"] = event.properties.big > 5
    import datetime

    found["datetime"] = str(datetime.date(2026, 1, 2))
    js.window.found = json.dumps(found)
    return event.nothing.there


attach(subscriptions=[Subscription(SEND_TRACK_EVENT, look)])
"""


@pytest.mark.parametrize("kind", ("mpy", "py"))
def test_micropython_and_pyodide_differ_in_what_the_docs_say(site: Site, kind: str) -> None:
    attach(site, kind, DIFFERENT)
    send(site, "e", "{ big: 7n }")
    site.until("found !== ''")
    found = json.loads(site.run("found"))
    (error,) = site.status()["errors"]
    (file,) = re.findall(r"in look \((\S+), line \d+\)", error["message"])
    pyodide = kind == "py"
    assert (found.pop("order") == list("zyxwvutsrqponm")) == pyodide
    assert found == {
        "bool": pyodide,
        "right": True if pyodide else "TypeError",
        "left": True,
        "datetime": "2026-01-02",
    }
    assert file == ("<exec>" if pyodide else "<stdin>")
