"""Settings of any kind: a SettingsError at most, with a short text, in bounded time.

The same inputs are read on CPython and, through the page side, by MicroPython and Pyodide.
"""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segment_jimo import SEND_GROUP_DATA, Settings, SettingsError, Subscription
from segment_jimo.steps import finish
from segment_jimo.triggers import compiling
from tests.interpreters.test_interpreters import node
from tests.support.site import both_runtimes

WORDS = """type event properties. traits.a context userId = != < >= ( ) , . ! and or null "a" " '
contains( match( \\ 5 -3. [ ] é # an"""
TOKENS = st.sampled_from([*WORDS.split(), "\n", " "])
NAMES = """@path @if @case @replace @json @flatten @merge @transform @arrayPath @literal @liquid
exists then value operator pattern mode objects direction apply mapping traits groupId userId
__segment_internal_directive _metadata partnerAction subscribe name enabled"""
KEYS = st.sampled_from(NAMES.split())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    LEAVES | st.sampled_from(("sendGroupData", "sendTrackEvent", "$.a", "lower", "encode")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(), inner, max_size=4)
    ),
    max_leaves=25,
)
SUBSCRIPTIONS = st.lists(
    ANYTHING
    | st.fixed_dictionaries(
        {"partnerAction": st.sampled_from(("sendGroupData", "sendUserData"))},
        optional={"name": ANYTHING, "subscribe": ANYTHING, "mapping": ANYTHING},
    ),
    max_size=4,
)
QUIET = settings(
    max_examples=500,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def short(errors: list[SettingsError]) -> None:
    for error in errors:
        assert isinstance(error, SettingsError) and len(str(error)) < 2_000


@QUIET
@given(st.lists(TOKENS, max_size=40), st.sampled_from(("", " ")))
def test_a_trigger_of_any_tokens_compiles_or_is_a_settings_error(
    tokens: list[str], between: str
) -> None:
    try:
        short(finish(compiling(between.join(tokens), "s"))[1])
    except SettingsError as error:
        short([error])


@QUIET
@given(ANYTHING, SUBSCRIPTIONS | ANYTHING)
def test_settings_of_any_kind_are_read_or_are_a_settings_error(given: Any, many: Any) -> None:
    for one in (given, {"projectId": "p", "subscriptions": many}):
        try:
            read = Settings.from_json(one)
            short(read.faults + read.warnings)
        except SettingsError as error:
            short([error])


PIECES = ("(", "() ", "x ", "properties.a.", "\\a", '"', "'", "!(", "= ", "1.", "é", "contains(")


def long(piece: str, length: int) -> str:
    return 'type = "a" and ' + piece * (length // len(piece))


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_trigger_takes_no_more_than_a_short_text(piece: str) -> None:
    for length in (9_000, 90_000):
        try:
            short(finish(compiling(long(piece, length), "s"))[1])
        except SettingsError as error:
            short([error])


WRAPPERS = ("", "a", "@literal", "@case", "@merge", "@flatten")


def deep(name: str, levels: int) -> Any:
    mapping: Any = "a"
    for _ in range(levels):
        if not name:
            mapping = [mapping]
        elif name == "@merge":
            mapping = {name: {"direction": "left", "objects": [{"a": mapping}]}}
        elif name in ("@case", "@flatten"):
            mapping = {name: {"value": mapping, "operator": "lower", "separator": "."}}
        else:
            mapping = {name: mapping}
    return mapping


@pytest.mark.parametrize("levels", (10, 31, 100, 5_000))
@pytest.mark.parametrize("name", WRAPPERS)
def test_a_deep_mapping_is_read_once_a_level_or_refused(name: str, levels: int) -> None:
    try:
        Subscription(SEND_GROUP_DATA, None, {"groupId": "g", "traits": deep(name, levels)})
    except SettingsError as error:
        short([error])
    else:
        assert levels < 100


@pytest.mark.parametrize("given", ({1: 2}, {"traits": {1: 2}}, {"traits": float("nan")}))
def test_what_json_does_not_have_is_refused(given: Any) -> None:
    with pytest.raises(SettingsError):
        Subscription(SEND_GROUP_DATA, None, given)


def examples(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """What hypothesis makes, for the other interpreters."""
    found: list[Any] = []

    @settings(QUIET, max_examples=count)
    @given(strategy)
    def keep(one: Any) -> None:
        found.append(one)

    keep()
    return found


def subscription(trigger: str, mapping: Any = None) -> dict[str, Any]:
    traits = {"groupId": "g", "traits": mapping}
    return {"partnerAction": "sendGroupData", "subscribe": trigger, "mapping": traits}


# So many that are made in JavaScript, with values that JSON does not have.
OWN = 500


@both_runtimes
def test_each_interpreter_says_the_same_of_settings_and_nothing_else_comes_out(
    runtime: str,
) -> None:
    triggers = ["".join(tokens) for tokens in examples(st.lists(TOKENS, max_size=40), 250)]
    triggers += [long(piece, 4_500) for piece in PIECES]
    deeps = [deep(name, levels) for name in WRAPPERS for levels in (10, 20, 100)]
    given = [
        *examples(SUBSCRIPTIONS, 250),
        *[[subscription(one)] for one in triggers],
        *[[subscription('type = "a"', one)] for one in deeps],
    ]
    texts = [json.dumps({"projectId": "p", "subscriptions": one}) for one in given]
    # JavaScript's JSON has no numbers that are none.
    texts = [text for text in texts if "NaN" not in text and "Infinity" not in text]
    results = node("fuzz.mjs", runtime, str(OWN), input=f"[{','.join(texts)}]")
    assert len(results) == len(texts) + OWN > 900
    for result in results:
        for error in result["errors"]:
            assert error["code"] in ("invalid-settings", "settings-warning")
            assert len(error["message"]) < 2_000, error
        assert result["ms"] < 20_000
    for text, result in zip(texts, results, strict=False):
        try:
            read = Settings.from_json(json.loads(text))
            faults = read.faults + read.warnings
        except SettingsError as error:
            faults = [error]
        assert all("field" in error for error in result["errors"]), result["errors"]
        told = {error["field"] for error in result["errors"]}
        assert told == {fault.field for fault in faults}, text


@both_runtimes
def test_half_a_character_in_settings_is_named_or_passed_on(runtime: str) -> None:
    half = "\ud800"
    given = [
        subscription(f'event = "{half}"'),
        subscription('type = "a"', {half: 1}),
        subscription('type = "a"', half),
    ]
    settings = [{"projectId": "p", "subscriptions": [one]} for one in given]
    results = node("fuzz.mjs", runtime, "0", input=json.dumps(settings))
    found = [[error["field"] for error in result["errors"]] for result in results]
    assert found == [["subscribe"], ["mapping.traits"], []]
    for result in results[:2]:
        assert "text with half a character" in result["errors"][0]["message"]
    event = {"type": "track", "a": half}
    cases = [{"mapping": one, "event": event} for one in (half, {"@path": "$.a"})]
    passed = node("language.mjs", runtime, input=json.dumps(cases))
    assert passed == [{"result": half}] * 2
