"""The Jimo client, segment_jimo.Jimo, in the page's own Python."""

import json
from typing import Any

import pytest

from tests.support.site import LIBRARY, SNIPPET, Site, pyscript, tag

KINDS = pytest.mark.parametrize("kind", ("mpy", "py"))

# Lets a test run Python of its own: py("expression or statement") answers with JSON.
PRELUDE = """
import asyncio, json, js
import segment_jimo
from segment_jimo import CommandError

destination = segment_jimo.attach({settings})
jimo = destination.jimo
told = []


async def ask(name, question):
    try:
        told.append([name, await question])
    except CommandError as error:
        told.append([name, str(error)])


def wait_for(name, question):
    asyncio.create_task(ask(name, question))


def py(code):
    try:
        exec(code, globals())
    except CommandError as error:
        return "!" + str(error)
    return json.dumps(told)


try:
    from pyodide.ffi import create_proxy
    py = create_proxy(py)
except ImportError:
    pass
js.window.py = py
{first}
"""


def attach(
    site: Site,
    kind: str,
    first: str = "",
    settings: str = "",
    sdk: str = "boot=30&identify=30",
    calls: str = "",
    ready: str = "segmentJimo.status().sdk === 'live'",
    **attributes: Any,
) -> None:
    """Opens a page whose Python has attached the destination, and waits until Jimo is live."""
    code = PRELUDE.replace("{settings}", settings).replace("{first}", first)
    head = tag(runtime="page", sdk_url=f"/web/playground/simulator.js?{sdk}", **attributes)
    site.open(f"{head}<script>{SNIPPET}{calls}</script>{LIBRARY}", pyscript(kind, code))
    site.until(f"window.py && {ready}")


def py(site: Site, code: str) -> str:
    """Runs Python in the page; what a CommandError says, or what was told, comes back."""
    answer: str = site.run(f"py({json.dumps(code)})")
    return answer


def commands(site: Site) -> Any:
    """What was pushed, functions and undefined left out."""
    return site.run("JSON.parse(JSON.stringify(jimoSimulator.log.map(({ command }) => command)))")


@KINDS
def test_each_command_has_the_form_that_jimo_documents(site: Site, kind: str) -> None:
    attach(site, kind)
    py(
        site,
        """
from collections import OrderedDict
jimo.set_email("a@b.c")
jimo.set_name("Ada")
jimo.set_attributes({"plan": "pro"})
jimo.set_attributes(OrderedDict([("z", 1764000000000), ("a", [1, "b", True]), ("m", 0.1)]))
jimo.set_attributes({}, refetch=True, remove_unspecified=True)
jimo.set_group("g1", {"seats": 60, "none": None})
jimo.set_group("g2")
jimo.set_language("fr")
jimo.trigger("e1")
jimo.open_widget()
jimo.open_widget(page="feedback")
jimo.open_widget(experience_id="e2")
jimo.route_changed()
""",
    )
    assert commands(site) == [
        ["set", "user:email", ["a@b.c"]],
        ["set", "user:name", ["Ada"]],
        ["set", "user:attributes", [{"plan": "pro"}]],
        ["set", "user:attributes", [{"z": 1764000000000, "a": [1, "b", True], "m": 0.1}]],
        ["set", "user:attributes", [{}, {"refetchBoosted": True, "removeUnspecified": True}]],
        [
            "set",
            "user:group",
            [{"groupId": "g1", "traits": {"seats": 60, "none": None}}, {"fromSegment": True}],
        ],
        ["set", "user:group", [{"groupId": "g2", "traits": {}}, {"fromSegment": True}]],
        ["set", "core:language", ["fr"]],
        ["do", "boosted:trigger", [{"evolutionId": "e1"}]],
        ["do", "widget:open", []],
        ["do", "widget:open", [{"page": "feedback"}]],
        ["do", "widget:open", [{"evolutionId": "e2"}]],
        ["do", "boosted:hash-change", []],
    ]
    assert site.run("Object.keys(jimoSimulator.log[3].command[2][0]).join()") == "z,a,m"
    status = site.status()
    assert status["errors"] == [] and status["events"]["received"] == 0


@KINDS
def test_a_track_carries_what_one_of_analytics_js_does_and_is_announced(
    site: Site, kind: str
) -> None:
    attach(site, kind)
    site.run("addEventListener('jimo-segmentio-track:Paid', () => (window.announced = true))")
    assert py(site, 'jimo.track("Paid", {"price": 9.5, "at": 1764000000000})') == "[]"
    payload = "jimoSimulator.log[0].command[2][0]"
    assert site.run("announced")
    assert site.run(f"{payload}.timestamp instanceof Date")
    assert site.run(f"{payload}.timestamp === {payload}.receivedAt")
    assert site.run(f"{payload}.anonymousId === analytics.user().anonymousId()")
    assert site.run(f"'userId' in {payload}") is False
    assert site.run(f"typeof {payload}.messageId") == "string"
    assert site.run(f"[{payload}.event, {payload}.properties]") == [
        "Paid",
        {"price": 9.5, "at": 1764000000000},
    ]


@KINDS
def test_what_jimo_knows_can_be_awaited(site: Site, kind: str) -> None:
    attach(site, kind)
    py(
        site,
        """
jimo.set_attributes({"plan": "pro", "id": 1764000000000})
wait_for("none", jimo.last_open_date())
jimo.open_widget()
wait_for("attributes", jimo.attributes())
wait_for("opened", jimo.last_open_date())
wait_for("unread", jimo.unread_count())
""",
    )
    site.until("JSON.parse(py('')).length === 4")
    told = dict(json.loads(py(site, "")))
    assert told["attributes"] == {"plan": "pro", "id": 1764000000000}
    assert (told["none"], told["unread"]) == (None, 0)
    assert told["opened"] == site.run("jimo.push(['get', 'widget:lastOpenDate', []]).toISOString()")


@KINDS
def test_a_program_that_identifies_with_analytics_js_and_goes_on_writes_to_that_user(
    site: Site, kind: str
) -> None:
    attach(site, kind)
    site.run("analytics.page()")
    site.settled(1)
    py(
        site,
        """
js.analytics.identify("u1")
jimo.set_name("Ada")
jimo.track("Paid")
js.analytics.identify("u2")
jimo.set_name("Bob")
""",
    )
    site.until("jimoSimulator.profiles.u2?.name === 'Bob'")
    assert [line for line in site.log() if "attributes" not in line] == [
        'do identify "u1" @anonymous',
        'set user:name "Ada" @u1',
        "do segmentio:track Paid @u1",
        'do identify "u2" @u1',
        'set user:name "Bob" @u2',
    ]
    assert "anonymous" not in str(site.run("jimoSimulator.profiles.anonymous.name"))
    assert site.run("jimoSimulator.log[3].command[2][0].userId") == "u1"


@KINDS
def test_an_identify_of_the_client_can_be_awaited_and_events_wait_for_it(
    site: Site, kind: str
) -> None:
    attach(site, kind, sdk="boot=30&identify=150")
    py(site, 'wait_for("done", jimo.identify("u1")); jimo.set_email("a@b.c")')
    site.run('analytics.track("one")')
    site.settled(1)
    site.until("py('') !== '[]'")
    assert json.loads(py(site, "")) == [["done", None]]
    assert site.log() == [
        'do identify "u1" @anonymous',
        'set user:email "a@b.c" @u1',
        "do segmentio:track one @u1",
    ]


@KINDS
def test_commands_right_after_attach_wait_for_jimo_and_a_question_for_its_answer(
    site: Site, kind: str
) -> None:
    attach(
        site,
        kind,
        first='jimo.set_name("Ada"); wait_for("unread", jimo.unread_count())',
        calls='analytics.identify("u1");',
        sdk="boot=300&identify=30",
    )
    site.until("py('') !== '[]'")
    assert json.loads(py(site, "")) == [["unread", 0]]
    assert [line for line in site.log() if "attributes" not in line] == [
        'do identify "u1" @anonymous',
        'set user:name "Ada" @u1',
        "get widget:unreadCount undefined @u1",
    ]


@KINDS
def test_identified_only_the_client_starts_nothing_before_there_is_a_user(
    site: Site, kind: str
) -> None:
    attach(site, kind, manual_init=True, ready="window.analytics.initialized")
    assert "no user is known" in py(site, 'jimo.set_name("Ada")')
    assert "no user is known" in py(site, 'jimo.identify("u1")')
    assert site.run("'jimo' in window") is False
    site.run('analytics.identify("u1")')
    site.settled(1)
    assert py(site, 'jimo.set_name("Ada")') == "[]"
    assert site.run("jimoSimulator.profiles.u1.name") == "Ada"
    site.run("analytics.reset()")
    assert "no user is known" in py(site, 'jimo.trigger("e1")')
    assert "simulator" in " ".join(site.server.requests)


@KINDS
def test_what_jimo_refuses_is_raised_and_the_interpreter_stays_whole(site: Site, kind: str) -> None:
    attach(site, kind, sdk="boot=30&identify=30&fault=push-throws")
    for _ in range(200):
        refused = py(site, 'jimo.track("e")')
    assert "Jimo did not accept do segmentio:track: its push threw Error." in refused
    # Python that a JavaScript exception has passed through would not get this far.
    assert py(site, 'jimo.set_name("Ada"); gone = [1] * 1000; import gc; gc.collect()') == "[]"
    site.run("(jimo.push = () => { throw new RangeError('no questions'); }, 0)")
    assert "its push threw RangeError." in py(site, "jimo.unread_count()")


@KINDS
def test_an_answer_that_never_comes_or_is_refused_is_an_error_of_who_awaits(
    site: Site, kind: str
) -> None:
    site.page.clock.install()
    attach(site, kind)
    site.run(
        """live = window.jimo, window.jimo = { push: (command) => command[1] === "jimer:attributes"
            ? Promise.reject("busy") : new Promise(() => {}) }"""
    )
    py(site, 'wait_for("a", jimo.attributes()); wait_for("b", jimo.unread_count())')
    site.page.clock.run_for(11_000)
    site.until("JSON.parse(py('')).length === 2")
    assert json.loads(py(site, "")) == [
        ["a", "busy"],
        ["b", "Jimo did not answer within 10 s."],
    ]


@KINDS
def test_listeners_are_called_with_python_values_until_off(site: Site, kind: str) -> None:
    attach(site, kind)
    py(
        site,
        """
jimo.on("opened", lambda *values: told.append(list(values)))
jimo.on("broken", lambda: 1 / 0)
""",
    )
    site.run(
        """listener = jimoSimulator.log[0].command[2][0],
        broken = jimoSimulator.log[1].command[2][0],
        answer = listener({ id: 1764000000000, at: new Date(0) }, null, "text", [1.5, true]),
        broken(), listener(window)"""
    )
    site.until("segmentJimo.status().errors.length === 1")
    assert json.loads(py(site, "")) == [
        [{"id": 1764000000000, "at": "1970-01-01T00:00:00.000Z"}, None, "text", [1.5, True]],
        [],
    ]
    assert site.run("answer ?? null") is None
    assert "ZeroDivisionError" in site.status()["errors"][0]["message"]
    py(site, 'jimo.off("opened")')
    site.run("listener(2), broken()")
    site.until("segmentJimo.status().errors[0].count === 2")
    assert len(json.loads(py(site, ""))) == 2
    assert commands(site) == [
        ["on", "opened", [None]],
        ["on", "broken", [None]],
        ["off", "opened"],
    ]


@KINDS
def test_commands_may_be_given_by_a_function_that_jimo_or_the_destination_calls(
    site: Site, kind: str
) -> None:
    attach(
        site,
        kind,
        settings="middleware=lambda event: jimo.trigger(event.event)",
        first='jimo.on("opened", lambda: jimo.set_name("Ada"))',
    )
    site.until("jimoSimulator.log.length === 1")
    site.run('jimoSimulator.log[0].command[2][0](), analytics.track("e1")')
    site.settled(1)
    site.until("jimoSimulator.log.length === 4")
    assert sorted(site.log()[1:]) == [
        'do boosted:trigger {"evolutionId":"e1"} @anonymous',
        "do segmentio:track e1 @anonymous",
        'set user:name "Ada" @anonymous',
    ]
    assert site.status()["errors"] == []


@KINDS
def test_deregistering_ends_the_client(site: Site, kind: str) -> None:
    attach(site, kind, sdk="boot=60000", ready="segmentJimo.status().sdk === 'loading'")
    site.run("window.kept = segmentJimo")
    py(site, 'wait_for("unread", jimo.unread_count()); jimo.set_name("Ada")')
    site.run('analytics.deregister("Jimo (Actions)")')
    site.until("py('') !== '[]'")
    ((_, why),) = json.loads(py(site, ""))
    assert "has ended" in why
    assert "has ended" in py(site, 'jimo.set_name("Ada")')
    assert site.run("kept.status().events.held") == 0


@KINDS
def test_what_attach_and_the_page_were_told_of_it_ends_when_it_is_deregistered(
    site: Site, kind: str
) -> None:
    ready = "window.analytics.initialized"
    attach(site, kind, settings="manual_init=True", ready=ready)
    site.run("""(window.kept = segmentJimo, window.plugin = analytics.queue.plugins.find(
      ({ name }) => name === "Jimo (Actions)"))""")
    site.until("kept.status().state === 'running'")
    assert site.run("kept.initialized") is False
    site.run("void analytics.deregister('Jimo (Actions)')")
    assert site.run("kept.initialized") is True
    assert site.run("Object.values(kept.status().timings)") == [None] * 4
    site.run("void analytics.register(plugin)")
    site.until("kept.status().timings.registered !== null")
    assert py(site, "jimo = segment_jimo.attach().jimo\njimo.trigger('e1')") == "[]"
    site.until("window.jimoSimulator?.log.length === 1")
