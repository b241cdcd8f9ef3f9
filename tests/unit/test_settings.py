"""Settings as Python reads them: near misses are refused, other unknown names are warnings."""

from typing import Any

import pytest

from segment_jimo import SettingsError
from segment_jimo.errors import SegmentJimoError
from segment_jimo.paths import event_path
from segment_jimo.settings import Settings
from segment_jimo.subscriptions import KEYS

VALID: dict[str, Any] = {
    "partnerAction": "sendTrackEvent",
    "name": "Orders",
    "enabled": True,
    "subscribe": 'type = "track" and properties.revenue > 100',
    "mapping": {"event_name": {"@path": "$.event"}},
}


def read(*subscriptions: Any) -> Settings:
    return Settings("p", subscriptions=subscriptions)


def edits(name: str) -> set[str]:
    """Returns what one more, one less or one other character makes of a name."""
    found = set()
    for at in range(len(name) + 1):
        before, after = name[:at], name[at:]
        for put in ("", *"abzA_-"):
            found |= {before + put + after, before + put + after[1:]}
    return found - {name}


@pytest.mark.parametrize("key", VALID)
def test_no_single_character_edit_of_a_key_leaves_a_subscription_working(key: str) -> None:
    for edit in edits(key):
        given = {name: value for name, value in VALID.items() if name != key}
        given[edit] = VALID[key]
        settings = read(given)
        assert settings.subscriptions == [] and len(settings.refused) == 1, edit


def test_an_unknown_key_without_a_trigger_is_refused_and_beside_one_is_a_warning() -> None:
    bare = {"partnerAction": "sendTrackEvent", "name": "A", "future": 1}
    settings = read(bare, {**VALID, "future": 1})
    assert [fault.subscription for fault in settings.faults] == ["A"]
    assert [warning.field for warning in settings.warnings] == ["future"]
    assert [one.name for one in settings.subscriptions] == ["Orders"]


def test_an_unknown_field_of_a_mapping_is_a_warning_and_segments_own_keys_are_none() -> None:
    mapping = {"event_nme": 1, "__segment_internal_sync_mode": "add"}
    settings = read({**VALID, "mapping": mapping})
    (warning,) = settings.warnings
    assert warning.field == "mapping.event_nme" and "Did you mean event_name?" in str(warning)
    assert settings.faults == [] and len(settings.subscriptions) == 1


@pytest.mark.parametrize(
    ("enabled", "works", "told"),
    (
        (True, True, False),
        (False, False, False),
        (None, False, False),
        (0, False, False),
        ("", False, False),
        ("false", True, True),
        (1, True, True),
        ([], True, True),
        ({}, True, True),
    ),
)
def test_a_subscription_is_enabled_where_javascript_would_call_it_true(
    enabled: object, works: bool, told: bool
) -> None:
    settings = read({**VALID, "enabled": enabled})
    assert (len(settings.subscriptions), settings.faults) == (int(works), [])
    assert [warning.field for warning in settings.warnings] == ["enabled"] * told


def test_only_enabled_subscriptions_count_towards_the_limit() -> None:
    settings = read(*[{**VALID, "enabled": False}] * 60, *[VALID] * 50)
    assert len(settings.subscriptions) == 50 and settings.faults == []
    settings = read(*[VALID] * 51)
    assert len(settings.subscriptions) == 50 and "got 51" in str(settings.faults[0])


def test_a_dict_of_settings_with_a_near_miss_is_refused_and_another_name_is_a_warning() -> None:
    with pytest.raises(SettingsError, match="Did you mean manualInit"):
        Settings.from_json({"projectId": "p", "manulInit": True})
    settings = Settings.from_json({"projectId": "p", "future": 1, "versionSettings": {}})
    assert [warning.field for warning in settings.warnings] == ["future"]


@pytest.mark.parametrize("typo", ("partnerActon", "maping"))
def test_where_a_refused_subscription_may_map_the_id_no_other_id_takes_its_place(typo: str) -> None:
    users = {**VALID, "partnerAction": "sendUserData", "mapping": {"userId": "x"}}
    key = {"partnerActon": "partnerAction", "maping": "mapping"}[typo]
    users[typo] = users.pop(key)
    assert not read(users).user_of_event
    assert read(VALID).user_of_event


@pytest.mark.parametrize(
    ("path", "read"), (("$.traits.email", "traits.email"), ("properties.a[0]", "properties.a[0]"))
)
def test_a_path_of_a_middleware_may_begin_as_in_a_mapping(path: str, read: str) -> None:
    assert event_path(path) == read


@pytest.mark.parametrize("path", ("trait.email", "$traits.email", "email", "", 7))
def test_a_path_that_begins_at_nothing_of_an_event_is_an_error(path: object) -> None:
    with pytest.raises(SegmentJimoError, match="begins with one of type, event"):
        event_path(path)


def test_each_key_of_the_valid_subscription_is_tried() -> None:
    assert set(KEYS) - {"id"} == set(VALID)
