"""Whose profile an event may touch: the table in Identity.decide, and what changes the answer."""

from typing import Any, NamedTuple

import pytest

from segment_jimo.identity import (
    DEFER,
    FAILED,
    HOLD,
    NEWER,
    OTHER_USER,
    REASONS,
    RESET,
    SEND,
    UNTAKEN,
    Identity,
    verdict,
)

# Users and profiles. A number of a profile is another thing than one of a user.
ADA, BOB = 1, 2
OF_ADA, OF_BOB = 11, 12


def opened(user: int, profile: int, token: int = 1, event: int = 1) -> tuple[Any, ...]:
    """A step: Jimo is told of a user."""
    return "open", token, event, user, profile


# Jimo was told of the user, and has the profile.
HAS_ADA = (opened(ADA, OF_ADA), ("answered", 1))
HAS_BOB = (opened(BOB, OF_BOB, token=2), ("answered", 2))
OVERDUE = ("overdue",)


def after(
    *steps: tuple[Any, ...], era: int = 0, needs_user: bool = False, earlier: int = 0
) -> Identity:
    """An Identity with which all this has happened."""
    identity = Identity(era, needs_user, earlier)
    for name, *values in steps:
        if name == "overdue":
            assert identity.identify
            identity.identify.overdue = True
        else:
            getattr(identity, name)(*values)
    return identity


class Row(NamedTuple):
    """A case of the table: what has happened, the event, and what may become of it."""

    name: str
    steps: tuple[tuple[Any, ...], ...]
    expected: int
    era: int = 0
    user: int = 0
    event: int = 9
    live: bool = True
    needs_user: bool = False
    began: int = 0
    earlier: int = 0


NAMED_BEFORE_RESET = (("named",), ("reset", 1))
ROWS = (
    # Jimo is not live.
    Row(
        "identified-only, what is older than a reset is dropped before Jimo is live",
        NAMED_BEFORE_RESET,
        verdict(RESET, RESET, RESET),
        user=ADA,
        live=False,
        needs_user=True,
    ),
    Row(
        "identified-only, also what nobody in particular did before a reset is dropped then",
        NAMED_BEFORE_RESET,
        verdict(RESET, RESET, RESET),
        live=False,
        needs_user=True,
    ),
    Row(
        "what is older than a reset waits for a Jimo that starts for everybody",
        (("reset", 1),),
        HOLD,
        live=False,
    ),
    Row("everything waits until Jimo is live", HAS_ADA, HOLD, user=ADA, live=False),
    # An identify is open.
    Row("everything waits for an open identify", (opened(ADA, OF_ADA),), HOLD, user=ADA),
    Row(
        "also what is older than a reset waits for an open identify",
        (("reset", 1), opened(ADA, OF_ADA)),
        HOLD,
    ),
    # Of an older era.
    Row(
        "what is older than a reset is dropped once Jimo was told of the next user",
        (("reset", 1), *HAS_ADA),
        verdict(RESET, RESET, RESET),
    ),
    Row(
        "what is older than a reset is dropped where Jimo was told of another user",
        (*HAS_ADA, ("reset", 1)),
        verdict(RESET, RESET, RESET),
        user=BOB,
    ),
    Row(
        "what a user did before a reset goes out, and what they wrote is dropped",
        (*HAS_ADA, ("reset", 1)),
        verdict(RESET, RESET, SEND),
        user=ADA,
    ),
    Row(
        "what nobody in particular did before a reset goes out",
        (("reset", 1),),
        verdict(RESET, RESET, SEND),
    ),
    Row(
        "identified-only, what is of an era in which nobody was named is dropped",
        (*HAS_ADA, ("reset", 1), ("reset", 2)),
        verdict(RESET, RESET, RESET),
        era=1,
        needs_user=True,
    ),
    Row(
        "identified-only, what is older than a reset goes out to a live Jimo without waiting",
        (("named",), *HAS_ADA, ("reset", 1)),
        verdict(RESET, RESET, SEND),
        user=ADA,
        needs_user=True,
    ),
    # Jimo was ended by a reset.
    Row(
        "what is older than the end of Jimo is dropped before the next Jimo is live",
        (*HAS_ADA, ("reset", 1), ("end",)),
        verdict(RESET, RESET, RESET),
        user=ADA,
        live=False,
    ),
    Row(
        "what is older than the end of Jimo does not reach the next Jimo",
        (*HAS_ADA, ("reset", 1), ("end",)),
        verdict(RESET, RESET, RESET),
        user=ADA,
    ),
    Row(
        "what comes after the end of Jimo starts the next one",
        (*HAS_ADA, ("reset", 1), ("end",)),
        HOLD,
        era=1,
        live=False,
    ),
    Row(
        "the next Jimo may have the user of before, so what is written waits for the next identify",
        (*HAS_ADA, ("reset", 1), ("end",)),
        verdict(SEND, DEFER, SEND),
        era=1,
    ),
    Row(
        "the next Jimo was told of nobody, so what any user does goes out",
        (*HAS_ADA, ("reset", 1), ("end",)),
        verdict(SEND, DEFER, SEND),
        era=1,
        user=BOB,
    ),
    Row(
        "where the next Jimo does not take its first user, nobody is known",
        (*HAS_ADA, ("reset", 1), ("end",), opened(BOB, OF_BOB, token=2), ("not_taken", 2)),
        verdict(SEND, UNTAKEN, SEND),
        era=1,
        user=ADA,
    ),
    # An earlier page.
    Row(
        "on a page of the user whom an earlier page has told, all is sent",
        (),
        verdict(SEND, SEND, SEND),
        user=ADA,
        earlier=ADA,
    ),
    Row(
        "another user than the one whom an earlier page has told has to be told first",
        (),
        verdict(SEND, OTHER_USER, OTHER_USER),
        user=BOB,
        earlier=ADA,
    ),
    Row(
        "the profile of an earlier page is at risk while an identify is overdue",
        (opened(BOB, OF_BOB), OVERDUE),
        verdict(SEND, DEFER, SEND),
        user=BOB,
        earlier=ADA,
    ),
    Row(
        "so does a user whom an earlier page has told while this one loaded Jimo",
        (("earlier", ADA),),
        verdict(SEND, OTHER_USER, OTHER_USER),
        user=BOB,
    ),
    Row(
        "the profile that Jimo started with then is at risk while an identify is overdue",
        (("earlier", ADA), opened(BOB, OF_BOB), OVERDUE),
        verdict(SEND, DEFER, SEND),
        user=BOB,
    ),
    Row(
        "whom Jimo started with does not count once it was told of a user here",
        (opened(BOB, OF_BOB), ("earlier", ADA), ("answered", 1)),
        verdict(SEND, SEND, SEND),
        user=BOB,
    ),
    # Identified-only.
    Row("identified-only, everything waits until a user is named", (), HOLD, needs_user=True),
    Row(
        "identified-only, after a reset everything waits for the next user",
        (("named",), *HAS_ADA, ("reset", 1)),
        HOLD,
        era=1,
        needs_user=True,
    ),
    # No identify since the last reset.
    Row(
        "after a reset, what is written waits for the next identify",
        (*HAS_ADA, ("reset", 1)),
        verdict(SEND, DEFER, SEND),
        era=1,
    ),
    Row(
        "also after a reset on a page before, what is written waits for the next identify",
        (),
        verdict(SEND, DEFER, SEND),
        era=1,
        began=1,
    ),
    Row(
        "after a reset, what another user does is dropped",
        (*HAS_ADA, ("reset", 1)),
        verdict(SEND, DEFER, OTHER_USER),
        era=1,
        user=BOB,
    ),
    Row(
        "in the profile that another page gave away, nothing is written before the next identify",
        (("of_another",),),
        verdict(SEND, DEFER, SEND),
        user=ADA,
    ),
    Row(
        "nor while an identify is overdue, since Jimo may still have that profile",
        (opened(ADA, OF_ADA), OVERDUE, ("of_another",)),
        verdict(SEND, DEFER, SEND),
        user=ADA,
    ),
    Row(
        "nor while the next identify is overdue",
        (("of_another",), opened(ADA, OF_ADA), OVERDUE),
        verdict(SEND, DEFER, SEND),
        user=ADA,
    ),
    Row(
        "an identify ends that",
        (("of_another",), *HAS_ADA),
        verdict(SEND, SEND, SEND),
        user=ADA,
    ),
    # Jimo did not take the last identify.
    Row(
        "nothing is written after an identify that Jimo did not take",
        (opened(ADA, OF_ADA), ("not_taken", 1)),
        verdict(SEND, UNTAKEN, SEND),
        user=ADA,
    ),
    Row(
        "what a user does whom Jimo did not take is not told of the user before",
        (*HAS_ADA, opened(BOB, OF_BOB, token=2), ("not_taken", 2)),
        verdict(SEND, UNTAKEN, OTHER_USER),
        user=BOB,
    ),
    # The last identify is overdue.
    Row(
        "what an event writes waits for its own identify, also when that is overdue",
        (opened(ADA, OF_ADA, event=5), OVERDUE),
        verdict(SEND, DEFER, SEND),
        user=ADA,
        event=5,
    ),
    Row(
        "another event need not wait for the first identify when that is overdue",
        (opened(ADA, OF_ADA, event=5), OVERDUE),
        verdict(SEND, SEND, SEND),
        user=ADA,
    ),
    Row(
        "nor for a second identify of the same profile",
        (opened(ADA, OF_ADA), OVERDUE, opened(ADA, OF_ADA, token=2, event=2), OVERDUE),
        verdict(SEND, SEND, SEND),
        user=ADA,
    ),
    Row(
        "what is written waits for an overdue identify where Jimo may have another profile",
        (*HAS_ADA, opened(BOB, OF_BOB, token=2), OVERDUE),
        verdict(SEND, DEFER, SEND),
        user=BOB,
    ),
    Row(
        "what another user does is dropped while an identify is overdue",
        (opened(ADA, OF_ADA), OVERDUE),
        verdict(SEND, OTHER_USER, OTHER_USER),
        user=BOB,
    ),
    # Another user than the event's.
    Row(
        "an event of another user may only identify",
        HAS_ADA,
        verdict(SEND, OTHER_USER, OTHER_USER),
        user=BOB,
    ),
    # All else.
    Row("before anybody was named, everything goes out", (), verdict(SEND, SEND, SEND)),
    Row(
        "before Jimo was told of anybody, the events of a user go out",
        (),
        verdict(SEND, SEND, SEND),
        user=ADA,
    ),
    Row(
        "what the user does whom Jimo has goes out",
        HAS_ADA,
        verdict(SEND, SEND, SEND),
        user=ADA,
    ),
    Row("what names no user goes to whoever is there", HAS_ADA, verdict(SEND, SEND, SEND)),
    Row(
        "after the next user was taken over, everything of theirs goes out",
        (*HAS_ADA, ("reset", 1), *HAS_BOB),
        verdict(SEND, SEND, SEND),
        era=1,
        user=BOB,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_row(row: Row) -> None:
    identity = after(*row.steps, era=row.began, needs_user=row.needs_user, earlier=row.earlier)
    assert identity.decide(row.event, row.era, row.user, row.live) == row.expected


NOT_TAKEN = (*HAS_ADA, opened(BOB, OF_BOB, token=2), ("not_taken", 2))


@pytest.mark.parametrize(
    ("name", "user", "told", "expected"),
    (
        ("what the user of before writes", ADA, 0, verdict(SEND, UNTAKEN, SEND)),
        ("what the user does who was not taken", BOB, 0, verdict(SEND, UNTAKEN, OTHER_USER)),
        ("what the next user does", BOB, BOB, verdict(SEND, SEND, SEND)),
        ("what others do after the next user", ADA, BOB, verdict(SEND, OTHER_USER, OTHER_USER)),
    ),
)
def test_after_an_identify_that_jimo_did_not_take_it_foretells(
    name: str, user: int, told: int, expected: int
) -> None:
    assert after(*NOT_TAKEN).foretell(user, told) == expected


def test_a_verdict_keeps_its_three_decisions_apart() -> None:
    found = set()
    for identify in (SEND, RESET):
        for write in (SEND, DEFER, RESET, OTHER_USER, UNTAKEN):
            for plain in (SEND, RESET, OTHER_USER):
                found.add(verdict(identify, write, plain))
    assert len(found) == 30 and HOLD not in found


def test_every_reason_to_drop_has_words() -> None:
    assert set(REASONS) == {RESET, OTHER_USER, UNTAKEN, NEWER, FAILED}


def test_jimo_has_a_user_from_its_answer_until_a_reset() -> None:
    identity = after()
    seen = [identity.known]
    identity.open(1, 1, ADA, OF_ADA)
    seen.append(identity.known)
    assert identity.answered(1)
    seen.append(identity.known)
    identity.reset(1)
    seen.append(identity.known)
    assert seen == [False, False, True, False]


def test_a_user_whom_jimo_did_not_take_is_not_known() -> None:
    identity = after(opened(ADA, OF_ADA))
    assert identity.not_taken(1)
    assert not identity.known and identity.identify is None


def test_an_answer_to_an_older_identify_changes_nothing() -> None:
    identity = after(opened(ADA, OF_ADA), OVERDUE, opened(BOB, OF_BOB, token=2))
    assert not identity.answered(1) and not identity.not_taken(1)
    assert identity.identify and identity.identify.token == 2
    assert identity.decide(9, 0, BOB, True) == HOLD
    assert identity.answered(2) and identity.known


def test_the_same_answer_twice_counts_once() -> None:
    identity = after(opened(ADA, OF_ADA))
    assert identity.answered(1)
    assert not identity.answered(1) and not identity.not_taken(1)
    assert identity.known


def test_an_answer_after_a_reset_changes_nothing() -> None:
    identity = after(opened(ADA, OF_ADA), ("reset", 1))
    assert not identity.answered(1) and not identity.known
    assert identity.decide(9, 1, ADA, True) == verdict(SEND, DEFER, SEND)


def test_an_identify_is_risky_where_jimo_may_have_another_profile() -> None:
    def risk(*steps: tuple[Any, ...], era: int = 0) -> bool:
        identity = after(*steps, era=era)
        identity.open(7, 9, ADA, OF_ADA)
        assert identity.identify
        return identity.identify.risky

    assert not risk()
    assert not risk(*HAS_ADA)
    assert risk(*HAS_BOB)
    assert risk(opened(BOB, OF_BOB), OVERDUE)
    assert risk(opened(BOB, OF_BOB), ("not_taken", 1))
    # The profile that Jimo began with may be merged into a user's, but not after a reset.
    assert risk(("reset", 1)) and risk(era=1)
    # An answer settles which of them it is.
    assert not risk(*HAS_BOB, opened(ADA, OF_ADA, token=3), ("answered", 3))


def test_the_next_identify_ends_what_jimo_did_not_take() -> None:
    identity = after(opened(ADA, OF_ADA), ("not_taken", 1), *HAS_BOB)
    assert identity.known
    assert identity.decide(9, 0, BOB, True) == verdict(SEND, SEND, SEND)


def test_a_reset_ends_an_identify_that_jimo_did_not_take() -> None:
    identity = after(opened(ADA, OF_ADA), ("not_taken", 1), ("reset", 1))
    assert identity.decide(9, 1, 0, True) == verdict(SEND, DEFER, SEND)


def test_a_reset_lets_an_identified_only_page_wait_again() -> None:
    identity = after(("named",), needs_user=True)
    assert not identity.waiting
    identity.reset(1)
    assert identity.waiting and identity.era == 1
    assert not after(("reset", 1)).waiting
