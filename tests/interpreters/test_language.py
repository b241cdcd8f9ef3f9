"""Triggers and mappings: against Segment's own npm packages, run on what ships; their errors."""

import json
import re
from typing import Any

import pytest

from segment_jimo import SEND_GROUP_DATA, Settings, SettingsError, Subscription
from segment_jimo.mappings import Compiler
from segment_jimo.steps import finish
from segment_jimo.triggers import compiling
from tests.interpreters.test_interpreters import node
from tools.build import ROOT

DOCS = (ROOT / "docs" / "mappings.md").read_text()


def table(header: str) -> list[list[str]]:
    """The cells of the table that has this header, without the marks of code."""
    rows = DOCS.split(f"{header}\n")[1].split("\n\n")[0].splitlines()[1:]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return [
        [cell.strip().removeprefix("`").removesuffix("`").replace("\\|", "|") for cell in row]
        for row in cells
    ]


TRIGGERS = [
    {"trigger": trigger, "event": json.loads(event), "result": verdict}
    for trigger, wanted, unwanted in table("| trigger | wants | does not want |")
    for event, verdict in ((wanted, True), (unwanted, False))
]
MAPPINGS = [
    {"mapping": json.loads(mapping), "event": json.loads(event)}
    | ({} if result == "nothing" else {"result": json.loads(result)})
    for mapping, event, result in table("| mapping | event | result |")
]
WORDS = re.findall(
    r"\w+", "type event name userId properties traits context and or null true false"
)
DIRECTIVES = re.findall(
    r"\S+",
    """@path @template @liquid @literal @if @case @replace @arrayPath @flatten @json @merge
    @transform @excludeWhenNull exists blank lower upper pattern2 ignorecase global omitArrays
    encode decode left right""",
)
QUIRKS = [trigger for trigger, _ in table("| trigger | means |")]


@pytest.mark.parametrize("kind", ("triggers", "mappings"))
@pytest.mark.parametrize(("runtime", "pairs"), (("micropython", 8_000), ("pyodide", 2_000)))
def test_random_triggers_and_mappings_mean_what_they_mean_to_segment(
    runtime: str, pairs: int, kind: str
) -> None:
    (result,) = node("differential.mjs", runtime, kind, str(pairs))
    assert result["tried"] >= pairs


@pytest.mark.parametrize("how", ("segment", "plans", "micropython", "pyodide"))
def test_each_example_of_the_docs_gives_what_the_docs_say(how: str) -> None:
    cases: list[dict[str, Any]] = [*TRIGGERS, *MAPPINGS]
    compiler = Compiler("s")
    for case in cases:
        if "trigger" in case:
            case["plan"], warnings = finish(compiling(case["trigger"], "s"))
            assert warnings == []
        else:
            case["plan"] = compiler.compile(case["mapping"], "v")
    assert compiler.warnings == []
    results = node("language.mjs", how, input=json.dumps(cases))
    for case, result in zip(cases, results, strict=True):
        assert result.get("result") == case.get("result"), case


def test_the_docs_show_every_operator_and_every_directive() -> None:
    triggers = " ".join(str(case["trigger"]) for case in TRIGGERS)
    for word in WORDS:
        assert re.search(rf"\b{word}\b", triggers), word
    for mark in ("= ", "!= ", "< ", "<= ", "> ", ">= ", " contains(", "!contains(", "match(", '*"'):
        assert mark in triggers, mark
    mappings = json.dumps([case["mapping"] for case in MAPPINGS])
    for directive in DIRECTIVES:
        assert f'"{directive}"' in mappings, directive


@pytest.mark.parametrize("trigger", QUIRKS)
def test_a_trigger_that_means_something_else_than_it_says_works_and_is_told(trigger: str) -> None:
    settings = Settings("p", subscriptions=[Subscription(SEND_GROUP_DATA, trigger, {}, "Odd")])
    assert len(settings.subscriptions) == 1
    given = {"partnerAction": "sendGroupData", "name": "Odd", "subscribe": trigger}
    read = Settings.from_json({"projectId": "p", "subscriptions": [given]})
    (fault, *_) = read.warnings
    assert read.faults == []
    assert (fault.subscription, fault.field) == ("Odd", "subscribe")
    assert f"    {trigger}\n" in str(fault) and str(fault).endswith("^")


def test_the_error_in_the_docs_is_the_error_that_comes() -> None:
    trigger, message = re.findall(r"```text\n(.*?)\n```", DOCS, re.DOTALL)
    with pytest.raises(SettingsError) as caught:
        Subscription(SEND_GROUP_DATA, trigger, {}, "Purchases")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("trigger", "problem", "place"),
    (
        ("", "expected a condition on type, event", 0),
        ("color = 5", "expected a condition on type, event", 0),
        ('type = "track', 'expected " at the end', 7),
        ('type = "track" and (event = "a"', "expected ) for this parenthesis", 19),
        ("()", "expected a condition", 0),
        ("properties.a>5", "expected a space after this name", 12),
        ('type !="track"', "expected = and a space after !", 6),
        ("properties.a = 1.2.3", "at most one point", 18),
        ("type = §", "did not expect §", 7),
        ("type = track\\", "expected a character after the backslash", 12),
        ("contains(", "expected a value in contains()", 9),
        ("type", "expected a value", 4),
        ('userId = "u"\nand type = #', "did not expect #", 11),
        ('type = "', 'expected " at the end', 7),
        ('type = "track" and event = "', 'expected " at the end', 27),
    ),
)
def test_a_syntax_error_is_named_with_its_place(trigger: str, problem: str, place: int) -> None:
    with pytest.raises(SettingsError) as caught:
        Subscription(SEND_GROUP_DATA, trigger, {}, "Bad")
    message = str(caught.value)
    assert message.startswith('subscription "Bad", subscribe: ') and problem in message
    assert message.splitlines()[-1] == " " * (4 + place) + "^"


def test_a_trigger_has_at_most_20_000_characters() -> None:
    frame = len('event = ""')
    for length, readable in ((20_000, True), (20_001, False)):
        trigger = f'event = "{"e" * (length - frame)}"'
        if readable:
            assert Subscription(SEND_GROUP_DATA, trigger, {}).warnings == []
            continue
        with pytest.raises(SettingsError, match="expected at most 20000 characters"):
            Subscription(SEND_GROUP_DATA, trigger, {})


@pytest.mark.parametrize(
    ("mapping", "place", "problem"),
    (
        ({"@bogus": 1}, "@bogus", "unknown directive @bogus"),
        ({"@liquid": 5}, "@liquid", "expected plain text, got 5"),
        ({"@liquid": {"@path": "$.a"}}, "@liquid", "expected plain text"),
        ({"@liquid": "a" * 1001}, "@liquid", "expected at most 1000 characters, got 1001"),
        ({"@path": 5}, "@path", "expected text or a directive, got 5"),
        ({"@path": "$.a", "b": 1}, "", "no other key, got @path, b"),
        ({"a": {"b": {"@template": None}}}, "a.b.@template", "got None"),
        ({"@if": {"then": 1}}, "@if", "expected the option exists or blank"),
        ({"@if": "x"}, "@if", 'expected an object with options, got "x"'),
        ({"@case": {"value": "x"}}, "@case", "expected the option operator"),
        ({"@replace": {"value": "x"}}, "@replace", "expected the option pattern"),
        (
            {"@replace": {"value": "x", "pattern": "01234567890"}},
            "@replace.pattern",
            "expected 1 to 10 characters, got 11",
        ),
        ({"@json": {"value": 1, "mode": "x"}}, "@json.mode", "expected encode or decode, got x"),
        ({"@merge": {"objects": []}}, "@merge", "expected the options direction"),
        (
            {"@merge": {"direction": "right", "objects": [{"@path": []}]}},
            "@merge.objects[0].@path",
            "expected text or a directive",
        ),
        ({"@arrayPath": {}}, "@arrayPath", "expected list, got {}"),
        ({"@flatten": {"value": 1}}, "@flatten", "expected the option separator"),
        ({"@transform": {"apply": {}}}, "@transform", "expected the option mapping"),
        ({"a": object()}, "a", "expected a JSON value"),
    ),
)
def test_a_mapping_that_can_never_work_is_named_with_its_place(
    mapping: object, place: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Subscription(SEND_GROUP_DATA, None, {"groupId": "g", "traits": mapping}, "Bad")
    assert caught.value.field == "mapping.traits"
    assert f"at {place}: " in str(caught.value) or not place
    assert problem in str(caught.value)


def test_a_directive_that_would_fail_only_for_some_events_is_told_and_the_rest_works() -> None:
    sometimes = {"@if": {"exists": {"@path": "$.a"}, "then": {"@case": {"value": "x"}}}}
    subscription = Subscription(SEND_GROUP_DATA, None, {"groupId": "g", "traits": sometimes})
    (warning,) = subscription.warnings
    assert "at @if.then.@case: expected the option operator" in str(warning)
