"""Triggers, mappings and middleware that are Python functions; the examples of the docs."""

import hashlib
import json
import re
from typing import Any

import pytest

from tests.support.site import LIBRARY, SNIPPET, Site, pyscript, tag
from tools.build import ROOT


def examples(page: str) -> list[str]:
    """The Python programs of a page of the docs."""
    text = (ROOT / "docs" / f"{page}.md").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


MASK, DERIVE, DROP, COMMANDS = examples("python")
(HASH,) = examples("micropython")
# What Jimo is told by the program with commands, without the traits of analytics.js.
COMMANDS_TOLD = [
    'do identify "u1" @anonymous',
    'set user:name "Ada" @u1',
    'set user:attributes {"plan":"pro","seats":3} @u1',
    'do widget:open {"page":"feedback"} @u1',
    "get widget:unreadCount undefined @u1",
]

KINDS = pytest.mark.parametrize("kind", ("mpy", "py"))


def attach(site: Site, kind: str, code: str) -> None:
    """Opens a page whose own Python attaches the destination."""
    site.open(f"{tag(runtime='page')}<script>{SNIPPET}</script>{LIBRARY}", pyscript(kind, code))
    site.until("segmentJimo.status().state === 'running' && analytics.initialized")


def commands(site: Site) -> Any:
    """What was pushed, functions left out."""
    return site.run("JSON.parse(JSON.stringify(jimoSimulator.log.map(({ command }) => command)))")


@KINDS
def test_a_middleware_masks_an_email_for_jimo_alone(site: Site, kind: str) -> None:
    attach(site, kind, MASK)
    site.run(
        """analytics.on("identify", (_id, traits) => (window.others = traits)),
        analytics.identify("u1", { email: "ada@example.com", plan: "pro" })"""
    )
    site.settled(1)
    assert commands(site)[1:] == [
        ["set", "user:email", ["a***@example.com"]],
        ["set", "user:attributes", [{"email": "a***@example.com", "plan": "pro"}, False, True]],
    ]
    assert site.run("others.email") == "ada@example.com"


@KINDS
def test_an_email_is_hashed_the_same_by_both_runtimes(site: Site, kind: str) -> None:
    attach(site, kind, HASH)
    emails = (" Ada@Example.com", "É@example.com", 150)
    for email in emails:
        site.run(f"analytics.identify('u1', {{ email: {json.dumps(email)} }})")
    status = site.settled(3)
    plain = [str(email).strip().encode().lower() for email in emails]
    hashes = [hashlib.sha256(one).hexdigest() for one in plain]
    told = [args[0] for _, method, args in commands(site) if method == "user:email"]
    assert told == hashes
    traits = [args[0] for _, method, args in commands(site) if method == "user:attributes"]
    assert traits == [{"email": one} for one in hashes]
    assert status["errors"] == []


@KINDS
def test_a_mapping_derives_a_plan_and_passes_the_rest_on_unchanged(site: Site, kind: str) -> None:
    attach(site, kind, DERIVE)
    site.run(
        """window.company = { seats: 60, id: 1764000000000, z: 1, a: [2] },
        analytics.identify("u1", { email: "a@b.c", trial_ends: new Date(0), company })"""
    )
    site.settled(1)
    traits = {
        "plan": "enterprise",
        "trial": True,
        "company": {"seats": 60, "id": 1764000000000, "z": 1, "a": [2]},
    }
    assert commands(site)[1:] == [
        ["set", "user:email", ["a@b.c"]],
        ["set", "user:attributes", [traits, False, True]],
    ]
    keys = site.run("Object.keys(jimoSimulator.log.at(-1).command[2][0].company).join()")
    assert keys == "seats,id,z,a"


@KINDS
def test_a_trigger_chooses_and_a_middleware_drops_with_a_reason(site: Site, kind: str) -> None:
    attach(site, kind, DROP)
    site.run(
        """agent = "Mozilla/5.0",
        Object.defineProperty(navigator, "userAgent", { get: () => agent }),
        analytics.track("Order", { revenue: 9.5 }),
        analytics.track("Viewed", { revenue: 0 })"""
    )
    site.settled(2)
    site.run('agent = "GoogleBot/2.1", analytics.track("Order", { revenue: 5 })')
    status = site.settled(3)
    assert site.log() == ["do segmentio:track Order @anonymous"]
    assert (
        status["events"] | {"received": 3, "unmatched": 1, "delivered": 1, "dropped": 1}
        == (status["events"])
    )
    assert [error["code"] for error in status["errors"]] == ["dropped-by-middleware"]


@KINDS
@pytest.mark.parametrize("example", (MASK, DERIVE, DROP), ids=("mask", "derive", "drop"))
def test_a_value_of_another_type_does_not_stop_an_example(
    site: Site, kind: str, example: str
) -> None:
    attach(site, kind, example)
    for value in ('"150"', "[1]", "null", "true"):
        site.run(
            f"""analytics.identify("u1", {{ email: {value}, company: {{ seats: {value} }} }}),
            analytics.track("Order", {{ revenue: {value} }},
              {{ context: {{ userAgent: {value} }} }})"""
        )
    codes = {error["code"] for error in site.settled(8)["errors"]}
    # A list is no email, and the browser of the tests is a bot.
    assert codes <= {"wrong-type", "dropped-by-middleware"}


@KINDS
def test_commands_go_to_the_user_and_a_question_is_answered(site: Site, kind: str) -> None:
    attach(site, kind, COMMANDS)
    site.run("dispatchEvent(new Event('welcome'))")
    site.until("document.title === '0 unread'")
    assert [line for line in site.log() if "{}" not in line] == COMMANDS_TOLD


FAILING = """
from segment_jimo import SEND_GROUP_DATA, SEND_TRACK_EVENT, SEND_USER_DATA, Subscription, attach

kept = []


def keeper(event):
    kept.append(event)


def bad_trigger(event):
    return event.nothing.there


def bad_mapping(event):
    return {"color": "red"}


def reads_an_old_event(event):
    return {"groupId": kept[0].type}


def everything(event):
    p = event.properties
    assert (p.big, p.half, p.minus, p.yes, p.none) == (1764000000000, 0.5, -7, True, None)
    assert p.nan != p.nan and p["a.b"] == "dot" and event.get("properties.list.1") is None
    assert [one.id for one in p.products] == [1, 2] and len(p.products) == 2
    assert "big" in p and "missing" not in p and p.products[1]["id"] == 2 and p.missing is None
    assert list(p.products[0]) == ["id"] and str(p.products[0]) == '{"id":1}'
    assert str(event.timestamp)[4] == "-"
    try:
        event.type = "page"
    except AttributeError:
        return {
            "messageId": event.messageId,
            "timestamp": event.timestamp,
            "event_name": "seen",
            "properties": {"n": p.nan, "big": p.big, "deep": p.products, "text": "a\\0b"},
        }


attach(
    subscriptions=[
        Subscription(SEND_TRACK_EVENT, trigger=bad_trigger, name="bad trigger"),
        Subscription(SEND_USER_DATA, "type = \\"track\\"", bad_mapping, "bad mapping"),
        Subscription(SEND_GROUP_DATA, "type = \\"track\\"", reads_an_old_event, "old event"),
        Subscription(SEND_TRACK_EVENT, mapping=everything, name="everything"),
    ],
    middleware=keeper,
)
"""


@KINDS
def test_a_function_that_fails_costs_its_own_action_only_and_is_named(
    site: Site, kind: str
) -> None:
    attach(site, kind, FAILING)
    site.run("window.products = [{ id: 1 }, { id: 2 }]")
    for _ in range(2):
        site.run(
            """analytics.track("x", { big: 1764000000000, half: 0.5, minus: -7, yes: true,
            none: null, nan: NaN, "a.b": "dot", list: 5, products })"""
        )
    status = site.settled(2)
    assert site.log() == ["do segmentio:track seen @anonymous"] * 2
    payload = "jimoSimulator.log[0].command[2][0]"
    assert site.run(f"{payload}.timestamp instanceof Date && isNaN({payload}.properties.n)")
    assert site.run(f"{payload}.properties.big") == 1764000000000
    assert site.run(f"{payload}.properties.text") == "a\0b"
    assert {
        (error["code"], error["subscription"], error["count"]) for error in status["errors"]
    } == {
        ("trigger-failed", "bad trigger", 2),
        ("mapping-failed", "bad mapping", 2),
        ("mapping-failed", "old event", 2),
    }
    told = str(status["errors"])
    assert "color" not in told and "only the function that received the event" in told
    assert re.search(r"bad_trigger\(\): AttributeError, in bad_trigger \(.+, line \d+\)", told)


CRASHING = """
from segment_jimo import SEND_GROUP_DATA, SEND_TRACK_EVENT, Subscription, attach


def dear(event):
    return event.properties.total > 100


attach(
    subscriptions=[
        Subscription(SEND_TRACK_EVENT, trigger=dear, name="Dear"),
        Subscription(SEND_GROUP_DATA, "event = \\"Moved\\"", {"groupId": "acme"}, "Moves"),
    ]
)
"""


@KINDS
def test_an_event_whose_trigger_crashed_is_dropped_and_not_unmatched(site: Site, kind: str) -> None:
    attach(site, kind, CRASHING)
    site.run("""void (analytics.track("Order", { total: "150" }),
      analytics.track("Order", { total: 50 }), analytics.track("Order", { total: 150 }),
      analytics.track("Moved", { total: "150" }))""")
    status = site.settled(4)
    assert [(row["outcome"], row["reason"]) for row in status["recent"]] == [
        ("dropped", "trigger-failed"),
        ("unmatched", None),
        ("delivered", None),
        # Another subscription sent it, and this one may have wanted it too.
        ("dropped", "trigger-failed"),
    ]
    counts = status["events"]
    assert (counts["dropped"], counts["unmatched"], counts["delivered"]) == (2, 1, 1)
    (error,) = status["errors"]
    assert (error["code"], error["subscription"], error["count"]) == ("trigger-failed", "Dear", 2)
    assert "dear()" in error["message"] and "150" not in error["message"]
    assert [line.split()[1] for line in site.log()] == ["segmentio:track", "user:group"]


PATHS = """
import segment_jimo


def hide(event):
    return {event.properties.path: "hidden"}


segment_jimo.attach(middleware=hide)
"""


@KINDS
def test_a_path_that_misses_drops_the_event_instead_of_leaving_the_value(
    site: Site, kind: str
) -> None:
    attach(site, kind, PATHS)
    for path in ("$.properties.secret", "property.secret", "$secret", "secret"):
        site.run(f"analytics.track('one', {{ path: '{path}', secret: 'ada@example.com' }})")
    status = site.settled(4)
    assert (status["events"]["delivered"], status["events"]["dropped"]) == (1, 3)
    assert [args[0]["properties"]["secret"] for *_, args in commands(site)] == ["hidden"]
    (error,) = status["errors"]
    assert (error["code"], error["count"]) == ("middleware-failed", 3)
    assert "hide()" in error["message"] and "properties, context" in error["message"]


ASYNC = """
import segment_jimo


async def look_up(event):
    return None


segment_jimo.attach(middleware=look_up)
"""


@KINDS
def test_an_async_function_is_named_as_such(site: Site, kind: str) -> None:
    attach(site, kind, ASYNC)
    site.run("analytics.track('one')")
    (error,) = site.settled(1)["errors"]
    assert error["code"] == "middleware-failed"
    assert "look_up()" in error["message"] and "async, await or yield" in error["message"]


@KINDS
def test_a_middleware_that_fails_costs_that_event(site: Site, kind: str) -> None:
    attach(
        site,
        kind,
        "import segment_jimo\n"
        'segment_jimo.attach(middleware=lambda event: 1 if event.event == "odd" else None)',
    )
    site.run('analytics.track("odd"), analytics.track("even")')
    status = site.settled(2)
    assert site.log() == ["do segmentio:track even @anonymous"]
    (error,) = status["errors"]
    assert (
        error["code"] == "middleware-failed"
        and "None, False or a dict, got int" in error["message"]
    )
