"""``segmentJimo.explain()``: it says what is then delivered, and names what decided."""

import json
from typing import Any

import pytest

from tests.interpreters.test_interpreters import node

# A trigger, an event that it does not want, how it is written, and what is said of it.
CLAUSES: list[tuple[str, dict[str, Any], str, str]] = [
    (
        'type = "track" and event = "Order Completed"',
        {"type": "track", "event": "Order Started"},
        'type = "track" and event = "Order Completed"',
        'event = "Order Completed" is not met: event is "Order Started".',
    ),
    (
        'type = "track" and event = "Order Completed"',
        {"type": "page"},
        'type = "track" and event = "Order Completed"',
        'type = "track" is not met: type is "page".',
    ),
    (
        'type = "track" and properties.total > 100',
        {"type": "track", "properties": {"total": "150"}},
        'type = "track" and properties.total > 100',
        'properties.total > 100 is not met: properties.total is "150", '
        "which is text and not a number.",
    ),
    (
        'type = "track" and properties.total >= 100',
        {"type": "track"},
        'type = "track" and properties.total >= 100',
        "properties.total >= 100 is not met: properties.total has no value.",
    ),
    (
        'type = "track" and (event = "A" or contains(event, "B"))',
        {"type": "track", "event": "C"},
        'type = "track" and (event = "A" or contains(event, "B"))',
        'None of 2 conditions is met: event = "A" is not met: event is "C". '
        'contains(event, "B") is not met: event is "C".',
    ),
    (
        'match(event, "Order*") and !match(event, "*ed")',
        {"type": "track", "event": "Order Completed"},
        'match(event, "Order*") and !match(event, "*ed")',
        '!match(event, "*ed") is not met: event is "Order Completed".',
    ),
    (
        'traits.plan = "7" and userId != null',
        {"type": "identify", "userId": "u", "traits": {"plan": 7}},
        'traits.plan = "7" and userId != null',
        'traits.plan = "7" is not met: traits.plan is 7, which is a number and not text.',
    ),
    (
        "properties.vip = true",
        {"type": "track", "properties": {"vip": False}},
        "properties.vip = true",
        "properties.vip = true is not met: properties.vip is false.",
    ),
    (
        'event == "Order"',
        {"type": "track", "event": "Order"},
        'event = "="',
        'event = "=" is not met: event is "Order". Compare with =, not with ==.',
    ),
]


@pytest.mark.parametrize(("runtime", "events"), (("micropython", 4_000), ("pyodide", 400)))
def test_what_is_said_of_random_events_is_what_is_then_delivered(runtime: str, events: int) -> None:
    (result,) = node("explain.mjs", runtime, str(events))
    assert result["tried"] >= events
    assert min(result["matched"].values()) > events / 10


@pytest.mark.parametrize("runtime", ("micropython", "pyodide"))
def test_the_condition_that_decided_is_named_with_what_came(runtime: str) -> None:
    said = node("clauses.mjs", runtime, json.dumps([clause[:2] for clause in CLAUSES]))
    assert said == [{"trigger": trigger, "reason": reason} for _, _, trigger, reason in CLAUSES]
