"""Settings before Python runs: what the page side refuses, and where it sees a user."""

from typing import Any

import pytest

from tests.interpreters.test_interpreters import node


@pytest.fixture(scope="module")
def said() -> Any:
    """What settings.mjs has found."""
    return node("settings.mjs")[0]


def test_no_single_character_edit_of_a_settings_name_is_let_through(said: Any) -> None:
    assert said["edits"] > 1_500 and said["passed"] == []


def test_an_ordinary_attribute_of_a_script_is_not_taken_for_ours(said: Any) -> None:
    assert said["mistaken"] == []


def test_a_setting_that_cannot_be_read_is_named_beside_a_misspelt_one(said: Any) -> None:
    assert said["unreadable"] == ["subs", "subscriptions"]


def test_another_unknown_name_is_a_warning_and_segments_own_is_none(said: Any) -> None:
    assert said["faults"] == []
    assert [(one["code"], one["field"]) for one in said["warnings"]] == [
        ("settings-warning", "future")
    ]


def test_the_check_for_a_user_reads_paths_as_mappings_do(said: Any) -> None:
    assert said["wrong"] == []
