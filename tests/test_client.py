"""The Jimo client, segment_jimo.Jimo, in the page's own Python."""

import json
from typing import Any

import pytest

from .conftest import LIBRARY, SNIPPET, Site, pyscript, tag

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
    head = tag(runtime="page", sdk_url=f"/web/simulator.js?{sdk}", **attributes)
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
