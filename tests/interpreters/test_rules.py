"""Random rule functions on random events: the same on both runtimes as in plain Python."""

import json
import random
from decimal import Decimal
from typing import Any

import pytest

from tests.interpreters.test_interpreters import node
from tests.support.site import RUNTIMES
from tools.build import PACKAGE

KEYS = ("a", "b", "toString", "é x", "length")
TEXTS = ("", "a", "Ada", "toString", "\ud800x", "é한😀", "a\0b")
PROGRAM = """
from segment_jimo import SEND_TRACK_EVENT, Destination, Settings, Subscription
from segment_jimo.browser import Browser

TRIGGERS = [
{triggers}]
VALUES = [
{values}]


def mapping(number):
    def rule(event):
        return {{"messageId": "m", "timestamp": "t", "event_name": str(number),
                "properties": {{"v": VALUES[number](event)}}}}
    return rule


def connect(bridge):
    browser = Browser(bridge)
    destination = Destination(Settings("p1", subscriptions=[
        Subscription(SEND_TRACK_EVENT, TRIGGERS[number], mapping(number), str(number))
        for number in range(len(TRIGGERS))
    ]))
    browser.work(destination.prepare(browser))
"""


class Model:
    """An event as the docs describe it to a function, over plain lists and dicts."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getitem__(self, key: Any) -> Any:
        if isinstance(self.value, dict):
            found = self.value.get(str(key))
        elif isinstance(key, int) or key.isdigit():
            key = int(key)
            inside = -len(self.value) <= key < len(self.value)
            found = self.value[key] if inside else None
        else:
            found = len(self.value) if key == "length" else None
        return Model(found) if isinstance(found, (dict, list)) else found

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def get(self, path: str, default: Any = None) -> Any:
        value: Any = self
        for key in path.split("."):
            value = value[key] if isinstance(value, Model) else None
        return default if value is None else value

    def __iter__(self) -> Any:
        if isinstance(self.value, dict):
            return iter(list(self.value))
        return iter([self[index] for index in range(len(self.value))])

    def __len__(self) -> int:
        return len(self.value)

    def __contains__(self, key: object) -> bool:
        return key in list(iter(self))


def plain(value: Any) -> Any:
    """What a function has returned, as JSON has it."""
    if isinstance(value, Model):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if (
        isinstance(value, int)
        and abs(value) > 2**53 - 1
        and int(Decimal(repr(float(value)))) != value
    ):
        # JavaScript would print another number.
        raise ValueError
    return value


def ordered(value: Any) -> str:
    """As text: MicroPython's dicts have no order of their own."""
    return json.dumps(value, sort_keys=True)


def random_value(pick: random.Random, depth: int = 3) -> Any:
    kind = pick.randrange(8 if depth else 5)
    if kind == 0:
        return pick.choice(TEXTS)
    if kind == 1:
        return pick.choice((0, 1, -7, 2**31, -(2**40), 1764000000000, 2**53 - 1))
    if kind == 2:
        return pick.choice((0.5, -2.25, 1e-7))
    if kind == 3:
        return pick.choice((True, False))
    if kind == 4:
        return None
    if kind == 5:
        return [random_value(pick, depth - 1) for _ in range(pick.randrange(4))]
    return {pick.choice(KEYS): random_value(pick, depth - 1) for _ in range(pick.randrange(4))}


def random_part(pick: random.Random) -> str:
    part = "event.properties"
    for _ in range(pick.randrange(4)):
        part += pick.choice(
            (".a", ".b", ".toString", "[0]", "[-1]", "[7]", "['length']", "['\\xe9 x']")
        )
    if pick.randrange(4) == 0:
        path = ".".join(pick.choice(("a", "b", "toString", "0")) for _ in range(2))
        part = f"event.get('properties.{path}', {pick.choice(('0', 'None', repr('x')))})"
    return part


def random_rule(pick: random.Random, depth: int = 3) -> str:
    """The source of an expression on ``event``; it may well raise an error."""
    if depth == 0 or pick.randrange(5) == 0:
        constants = ("0", "1", "2**40", "None", "True", "[]", "{}", "''", "'a'", "0.5")
        return random_part(pick) if pick.randrange(4) else pick.choice(constants)
    one, two, three = (random_rule(pick, depth - 1) for _ in range(3))
    forms = (
        f"({one} and {two})",
        f"({one} or {two})",
        f"(not {one})",
        f"({one} if {two} else {three})",
        f"({one} is None)",
        f"bool({one})",
        f"len({one})",
        f"('a' in {one})",
        f"[{one}, {two}]",
        f"{{'a': {one}, 'b': {two}}}",
        f"[item for item in {random_part(pick)} if item]",
        f"({one} + {two})",
        f"[{one}][0]",
        f"isinstance({one}, str)",
    )
    return pick.choice(forms)


def asked(trigger: str, value: str, event: Any) -> tuple[bool, Any, bool]:
    """Whether the model wants the event, what it maps, and whether one of both fails."""
    try:
        if not eval(trigger, {"event": Model(event)}):
            return False, None, False
        return True, plain(eval(value, {"event": Model(event)})), False
    except Exception:
        return False, None, True


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime_of_module(request: pytest.FixtureRequest) -> str:
    """Each of the runtimes."""
    return str(request.param)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_random_rules_do_what_plain_python_does(runtime_of_module: str) -> None:
    pick = random.Random(1)
    sources = {path.name: path.read_text() for path in PACKAGE.glob("*.py")}
    tried = delivered = failed = 0
    rounds = 12
    for _ in range(rounds):
        triggers = [random_rule(pick) for _ in range(25)]
        values = [random_rule(pick) for _ in range(25)]
        events = [
            {"type": "track", "event": "e", "properties": random_value(pick) or {}}
            for _ in range(40)
        ]
        events = [event for event in events if isinstance(event["properties"], dict)]
        program = PROGRAM.format(
            triggers="".join(f"    lambda event: {one},\n" for one in triggers),
            values="".join(f"    lambda event: {one},\n" for one in values),
        )
        given = json.dumps({"sources": sources, "program": program, "events": events})
        for event, came in zip(
            events, node("rules.mjs", runtime_of_module, input=given), strict=True
        ):
            found = dict(came["pushed"])
            for number, rules in enumerate(zip(triggers, values, strict=True)):
                wants, value, fails = asked(*rules, event)
                case = (event, *rules)
                assert (str(number) in found) == wants, case
                if wants:
                    assert ordered(found[str(number)]) == ordered(value), case
                tried += 1
                delivered += wants
                failed += fails
            assert came["errors"] == sum(
                asked(*rules, event)[2] for rules in zip(triggers, values, strict=True)
            )
    # Of each kind enough for the comparison to say something.
    assert tried > 5_000 and delivered > 300 and failed > 500
