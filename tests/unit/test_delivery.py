"""Settings and delivery on CPython, with a simulated clock: no browser, no waiting."""

import json
import sys
from typing import Any

import pytest

from segment_jimo import ACTIONS, AttachError, Settings, SettingsError, Subscription, attach
from tests.support.fake import FakeBrowser
from tools.build import ROOT

CASES = json.loads((ROOT / "tests" / "interpreters" / "cases.json").read_text())
USER_1 = {"type": "identify", "userId": "u1", "traits": {"plan": "pro"}}
USER_2 = {"type": "identify", "userId": "u2", "traits": {"plan": "free"}}
TRACK = {"type": "track", "event": "e", "messageId": "m", "timestamp": "now"}
GROUP = {"type": "group", "groupId": "g"}


def verbs(browser: FakeBrowser) -> list[str]:
    """What was pushed, shortly: method and what it is about."""
    return [
        f"{command[1]} {command[2][0] if command[1] == 'identify' else ''}".strip()
        for command in browser.pushed
        if len(command) > 1
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    browser = FakeBrowser(case.get("given", {}))
    browser.pass_time(20)
    for what, *value in case["do"]:
        if what == "callback":
            browser.callback(value[0] + 1)
        else:
            getattr(browser, what)(*value)
        browser.pass_time(20)
    assert browser.pushed == case["pushed"]
    assert browser.events == dict.fromkeys(browser.events, 0) | case["events"]


def test_triggers_and_mappings_are_compiled_when_the_settings_are_read_and_never_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapping = {"groupId": {"@path": "$.groupId"}}
    subscription = {
        "partnerAction": "sendGroupData",
        "subscribe": 'type = "group"',
        "mapping": mapping,
    }
    browser = FakeBrowser({"subscriptions": [subscription]}, sdk="live")
    # From here on the language cannot even be imported.
    for module in ("triggers", "mappings"):
        monkeypatch.setitem(sys.modules, f"segment_jimo.{module}", None)
    for _ in range(3):
        browser.event(GROUP)
    assert verbs(browser) == ["user:group"] * 3


def test_a_late_callback_still_writes_what_belongs_to_it() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.event(USER_1)
    browser.event(TRACK)
    browser.pass_time(10_000)
    assert verbs(browser) == ["identify u1", "segmentio:track"]
    assert browser.events["held"] == 1
    browser.callback(1)
    assert verbs(browser)[2:] == ["user:attributes"]
    assert browser.events["delivered"] == 2


def test_a_late_callback_writes_nothing_after_a_newer_identify() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.event(USER_1)
    browser.pass_time(10_000)
    browser.event(USER_2)
    browser.callback(1)
    assert verbs(browser) == ["identify u1", "identify u2"]
    browser.callback(2)
    assert browser.pushed[-1][2][0] == {"plan": "free"}
    assert browser.events["dropped"] == 1 and browser.events["delivered"] == 1


def test_a_late_callback_writes_nothing_after_a_reset() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.event(USER_1)
    browser.pass_time(10_000)
    browser.reset()
    browser.callback(1)
    assert verbs(browser) == ["identify u1"]
    assert browser.events["dropped"] == 1


def test_the_deadline_counts_from_when_the_sdk_is_live() -> None:
    browser = FakeBrowser({"manualInit": True}, sdk="none")
    browser.event(USER_1)
    browser.pass_time(20)
    assert verbs(browser) == ["identify u1"]
    browser.sdk_word = "loading"
    browser.pass_time(20_000)
    browser.sdk_word = "live"
    browser.pass_time(9_500)
    assert browser.errors == []
    browser.pass_time(1_000)
    assert [error["code"] for error in browser.errors] == ["identify-timeout"]


def test_an_sdk_that_is_live_when_its_script_has_come_need_not_be_waited_for() -> None:
    browser = FakeBrowser({})
    browser.sdk_word = "loading"
    browser.event(TRACK)
    browser.sdk_word = "live"
    assert browser.pushed == []
    browser.tell("sdk-loaded")
    assert len(browser.pushed) == 1


def test_the_script_is_tried_again_with_growing_pauses() -> None:
    browser = FakeBrowser({})
    browser.sdk_word = "loading"
    browser.event(TRACK)
    pauses = []
    for _ in range(4):
        browser.tell("sdk-error")
        browser.sdk_word = "none"
        before, start = browser.loads, browser.now
        while browser.loads == before:
            browser.pass_time(500)
        browser.sdk_word = "loading"
        pauses.append(browser.now - start)
    assert pauses == [1_000, 2_000, 4_000, 8_000]


def test_coming_online_tries_the_script_at_once() -> None:
    browser = FakeBrowser({})
    browser.sdk_word = "loading"
    browser.tell("sdk-error")
    browser.sdk_word = "none"
    browser.tell("online")
    assert browser.loads == 2


@pytest.mark.parametrize(
    ("word", "code"),
    (
        ("quota", "quota-reached"),
        ("other-project", "other-project"),
        ("taken", "jimo-global-taken"),
    ),
)
def test_a_jimo_that_cannot_be_used_is_named_and_events_are_dropped(word: str, code: str) -> None:
    browser = FakeBrowser({}, sdk=word)
    browser.event(TRACK)
    assert {error["code"] for error in browser.errors} == {code}
    assert browser.events["dropped"] == 1 and browser.loads == 0


def test_a_script_that_does_not_come_is_taken_back_and_tried_again() -> None:
    browser = FakeBrowser({})
    browser.sdk_word = "loading"
    browser.stalls = True
    browser.event(TRACK)
    browser.pass_time(29_000)
    assert (browser.loads, browser.errors) == (1, [])
    browser.pass_time(2_500)
    assert browser.loads == 2
    assert [error["code"] for error in browser.errors] == ["sdk-failed"]


def test_a_script_that_came_and_does_not_go_live_is_named_and_not_loaded_again() -> None:
    browser = FakeBrowser({})
    browser.sdk_word = "loading"
    browser.event(TRACK)
    browser.pass_time(400_000)
    assert (browser.loads, browser.sdk_state) == (1, "failed")
    assert [error["code"] for error in browser.errors] == ["sdk-not-live"]
    browser.sdk_word = "live"
    browser.pass_time(500)
    assert browser.sdk_state == "live" and verbs(browser) == ["segmentio:track"]


def test_a_page_that_starts_its_own_jimo_later_has_all_the_time_it_wants() -> None:
    browser = FakeBrowser({}, sdk="ready")
    browser.event(TRACK)
    browser.pass_time(400_000)
    assert (browser.errors, browser.events["held"]) == ([], 1)
    browser.sdk_word = "live"
    browser.pass_time(500)
    assert browser.events["delivered"] == 1


@pytest.mark.parametrize(
    ("given", "field"),
    (
        ({"project_id": None}, "projectId"),
        ({"project_id": " "}, "projectId"),
        ({"project_id": "p", "manual_init": 1}, "manualInit"),
        (
            {"project_id": "p", "refetch_experiences_on_traits_update": "no"},
            "refetchExperiencesOnTraitsUpdate",
        ),
        ({"project_id": "p", "subscriptions": "all"}, "subscriptions"),
    ),
)
def test_a_wrong_setting_is_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError, match=field) as caught:
        Settings(**given)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    (
        ({"partnerAction": "sendMail"}, "partnerAction"),
        ({"subscribe": 'type = "track'}, "subscribe"),
        ({"subscribe": 7}, "subscribe"),
        ({"mapping": []}, "mapping"),
        ({"mapping": {"event_name": {"@liquid": "x"}}}, "mapping.event_name"),
    ),
)
def test_one_bad_subscription_is_named_and_the_others_work(
    change: dict[str, Any], field: str
) -> None:
    good = {"partnerAction": "sendTrackEvent", "name": "Good"}
    settings = Settings("p", subscriptions=[{**good, "name": "Bad", **change}, good])
    (fault,) = settings.faults
    assert (fault.field, fault.subscription) == (field, "Bad")
    assert [one.name for one in settings.subscriptions] == ["Good"]


def test_an_action_by_its_name_alone_is_named() -> None:
    action: Any = "sendUserData"
    with pytest.raises(SettingsError, match="SEND_GROUP_DATA, got 'sendUserData'") as caught:
        Subscription(action, name="Users")
    assert (caught.value.field, caught.value.subscription) == ("action", "Users")


def test_attach_outside_a_page_says_where_it_works() -> None:
    with pytest.raises(AttachError, match="PyScript"):
        attach(project_id="p1")


def test_more_than_fifty_subscriptions_are_named_and_cut() -> None:
    settings = Settings("p", subscriptions=[Subscription(ACTIONS[0])] * 51)
    assert len(settings.subscriptions) == 50 and len(settings.faults) == 1


def test_what_waits_for_the_next_identify_after_a_reset_is_bounded_and_the_latest_stays() -> None:
    browser = FakeBrowser({}, sdk="live")
    browser.reset()
    for number in range(130):
        browser.event({"type": "group", "groupId": f"g{number}"})
    assert browser.events["held"] == 100 and browser.events["dropped"] == 30
    browser.event(USER_2)
    browser.callback(1)
    groups = [command[2][0]["groupId"] for command in browser.pushed if command[1] == "user:group"]
    assert groups[0] == "g30" and groups[-1] == "g129"
