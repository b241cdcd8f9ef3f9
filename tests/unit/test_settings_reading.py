"""Settings as a program gives them: what is refused, and what that is called."""

from typing import Any

import pytest

from segment_jimo import ACTIONS, AttachError, Settings, SettingsError, Subscription, attach


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
        ({"mapping": {"event_name": {"@pth": "x"}}}, "mapping.event_name"),
    ),
)
def test_one_bad_subscription_is_named_and_the_others_work(
    change: dict[str, Any], field: str
) -> None:
    good = {"partnerAction": "sendTrackEvent", "name": "Good"}
    bad = {**good, "name": "Bad", **change}
    settings = Settings.from_json({"projectId": "p", "subscriptions": [bad, good]})
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
