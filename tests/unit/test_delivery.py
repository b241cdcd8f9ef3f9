"""Delivery: the deadline of an identify, the start for a named user, and what is given up."""

from segment_jimo.delivery import IDENTIFY_DEADLINE_MS, IDENTIFY_RETRY_MS, Delivery
from segment_jimo.identity import DEFER, HOLD, NEWER, OTHER_USER, RESET, SEND, UNTAKEN, verdict
from segment_jimo.sdk import DEADLINE_MS
from tests.support.recording import RecordingBrowser

ADA, BOB = 1, 2
OF_ADA, OF_BOB = 11, 12
ALL = verdict(SEND, SEND, SEND)


class Page:
    """A Delivery that has begun, and what it told the page side."""

    def __init__(
        self,
        word: str = "live",
        manual_init: bool = False,
        kill_on_reset: bool = False,
        earlier: int = 0,
    ) -> None:
        self.browser = RecordingBrowser(word)
        self.delivery = Delivery(self.browser, 0, manual_init, kill_on_reset, earlier)
        self.delivery.start()

    def identify(self, event: int, era: int, user: int, profile: int) -> int:
        """Offers an event that tells Jimo of a user; its number is that of its identify, too."""
        return self.delivery.offer(event, era, user, profile, event)

    def write(self, era: int, user: int) -> int:
        """Offers an event that tells Jimo of no user."""
        return self.delivery.offer(99, era, user, 0, 0)

    @property
    def given_up(self) -> list[object]:
        return [call[0] for call in self.browser.told("give_up")]

    @property
    def reports(self) -> list[object]:
        return [call[0] for call in self.browser.told("report")]


def test_events_wait_for_an_identify_until_jimo_calls_back() -> None:
    page = Page()
    assert page.identify(1, 0, ADA, OF_ADA) == ALL
    assert page.write(0, ADA) == HOLD and not page.delivery.known
    page.delivery.answered(1)
    assert page.write(0, ADA) == ALL and page.delivery.known


def test_an_identify_that_has_to_wait_is_not_open() -> None:
    page = Page("loading")
    assert page.identify(1, 0, ADA, OF_ADA) == HOLD
    page.browser.word = "live"
    page.browser.pass_time(500)
    assert page.write(0, ADA) == ALL and page.browser.pauses == []


def test_an_identify_of_before_a_reset_is_not_open() -> None:
    page = Page()
    page.delivery.reset(1)
    assert page.identify(1, 0, ADA, OF_ADA) == verdict(RESET, RESET, RESET)
    assert page.write(1, 0) == verdict(SEND, DEFER, SEND) and page.browser.pauses == []


def test_an_identify_that_is_not_answered_is_named_once_and_lets_others_pass() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS - 1)
    assert page.write(0, ADA) == HOLD and page.reports == []
    page.browser.pass_time(1)
    assert page.write(0, ADA) == ALL and page.reports == ["identify-timeout"]
    assert " 10 s " in page.browser.messages["identify-timeout"]
    page.browser.pass_time(3 * IDENTIFY_DEADLINE_MS)
    assert (page.reports, page.given_up) == (["identify-timeout"], [])


def test_an_answer_in_time_ends_the_deadline() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.delivery.answered(1)
    page.browser.pass_time(2 * IDENTIFY_DEADLINE_MS)
    assert page.reports == []


def test_each_identify_has_a_deadline_of_its_own() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS - 1)
    page.delivery.answered(1)
    page.identify(2, 0, BOB, OF_BOB)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS - 1)
    assert page.reports == []
    page.browser.pass_time(1)
    assert page.reports == ["identify-timeout"]


def test_a_newer_identify_gives_up_what_waits_for_an_overdue_one() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS)
    page.identify(2, 0, BOB, OF_BOB)
    assert page.given_up == [NEWER]
    page.delivery.answered(1)
    assert page.write(0, BOB) == HOLD
    page.delivery.answered(2)
    assert page.write(0, BOB) == ALL
    assert page.write(0, ADA) == verdict(SEND, OTHER_USER, OTHER_USER)


def test_what_is_written_waits_for_an_overdue_identify_that_may_change_the_profile() -> None:
    page = Page()
    for event, user, profile in ((1, ADA, OF_ADA), (2, BOB, OF_BOB)):
        page.identify(event, 0, user, profile)
        page.browser.pass_time(IDENTIFY_DEADLINE_MS)
    assert page.write(0, BOB) == verdict(SEND, DEFER, SEND)


def test_the_user_of_an_earlier_page_is_known_from_the_start() -> None:
    page = Page(earlier=ADA)
    assert page.write(0, ADA) == ALL
    assert page.write(0, BOB) == verdict(SEND, OTHER_USER, OTHER_USER)


def test_a_late_answer_lets_what_waits_for_it_go_out() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS)
    assert page.delivery.offer(1, 0, ADA, 0, 0) == verdict(SEND, DEFER, SEND)
    page.delivery.answered(1)
    assert page.delivery.offer(1, 0, ADA, 0, 0) == ALL and page.given_up == []


def test_what_waits_for_an_identify_that_jimo_does_not_take_is_given_up() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.delivery.not_taken(1)
    assert page.given_up == [UNTAKEN]
    assert page.write(0, ADA) == verdict(SEND, UNTAKEN, SEND)
    page.browser.pass_time(2 * IDENTIFY_DEADLINE_MS)
    assert page.reports == []


def test_a_refusal_that_comes_too_late_gives_nothing_up() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.delivery.answered(1)
    page.delivery.not_taken(1)
    assert page.given_up == [] and page.delivery.known


def test_a_reset_ends_an_open_identify_and_gives_up_what_waits_for_it() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.delivery.reset(1)
    assert page.given_up == [RESET] and page.browser.told("kill") == []
    assert page.write(1, 0) == verdict(SEND, DEFER, SEND)
    page.browser.pass_time(2 * IDENTIFY_DEADLINE_MS)
    assert page.reports == []
    page.delivery.answered(1)
    assert not page.delivery.known


def test_kill_on_reset_ends_jimo_and_the_next_event_starts_it_again() -> None:
    page = Page("none", kill_on_reset=True)
    page.browser.word = "live"
    page.browser.pass_time(500)
    page.delivery.reset(1)
    # What is on its way to Jimo is out first.
    assert page.browser.told("kill") == [] and page.write(0, 0) == verdict(RESET, RESET, SEND)
    page.delivery.drained()
    assert page.browser.told("kill") == [()]
    page.browser.pass_time(60_000)
    assert page.write(0, 0) == verdict(RESET, RESET, RESET)
    assert len(page.browser.told("load")) == 1
    assert page.write(1, 0) == HOLD
    assert len(page.browser.told("load")) == 2


def test_kill_on_reset_and_identified_only_start_jimo_again_for_the_next_user() -> None:
    page = Page("none", manual_init=True, kill_on_reset=True)
    page.delivery.named(1, 0, ADA, OF_ADA)
    page.browser.word = "live"
    page.browser.pass_time(500)
    page.delivery.reset(1)
    page.delivery.drained()
    assert page.write(1, 0) == HOLD
    assert len(page.browser.told("load")) == 1
    page.delivery.named(2, 1, BOB, OF_BOB)
    assert len(page.browser.told("load")) == 2


def test_a_reset_before_jimo_is_live_ends_nothing_and_loses_nothing() -> None:
    page = Page("loading", kill_on_reset=True)
    assert page.write(0, 0) == HOLD
    page.delivery.reset(1)
    page.delivery.drained()
    page.browser.word = "live"
    page.browser.pass_time(500)
    assert page.browser.told("kill") == [] and page.write(0, 0) == verdict(RESET, RESET, SEND)


def test_a_jimo_that_cannot_be_ended_goes_on() -> None:
    page = Page(kill_on_reset=True)
    page.browser.owned = False
    page.delivery.reset(1)
    page.delivery.drained()
    assert page.browser.told("kill") == [()]
    assert page.write(0, 0) == verdict(RESET, RESET, SEND)
    assert page.write(1, 0) == verdict(SEND, DEFER, SEND)


def test_a_reset_ends_no_jimo_unless_told_to() -> None:
    page = Page()
    page.delivery.reset(1)
    page.delivery.drained()
    assert page.browser.told("kill") == []


def test_identified_only_leaves_jimo_alone_until_a_user_is_named() -> None:
    page = Page("none", manual_init=True)
    assert page.write(0, 0) == HOLD and page.identify(1, 0, ADA, OF_ADA) == HOLD
    page.browser.pass_time(60_000)
    assert page.browser.calls == [] and page.delivery.waiting


def test_identified_only_tells_jimo_of_the_user_before_it_runs() -> None:
    page = Page("none", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    assert page.browser.told("load") == [(True,)] and not page.delivery.waiting
    page.browser.word = "ready"
    page.browser.pass_time(500)
    order = [call[0] for call in page.browser.calls if call[0] in ("identify", "init")]
    assert order == ["identify", "init"]
    assert page.browser.told("identify") == [(5, 1)]
    page.browser.word = "live"
    page.browser.pass_time(500)
    assert page.write(0, ADA) == HOLD
    page.delivery.answered(1)
    assert page.write(0, ADA) == ALL and page.delivery.known


def test_the_identify_of_a_named_user_is_that_of_their_event() -> None:
    page = Page("ready", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.browser.word = "live"
    page.browser.pass_time(500)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS)
    assert page.delivery.offer(5, 0, ADA, 0, 0) == verdict(SEND, DEFER, SEND)
    assert page.write(0, ADA) == ALL
    assert page.write(0, BOB) == verdict(SEND, OTHER_USER, OTHER_USER)
    page.identify(6, 0, ADA, OF_ADA)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS)
    assert page.write(0, ADA) == ALL
    page.identify(7, 0, BOB, OF_BOB)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS)
    assert page.write(0, BOB) == verdict(SEND, DEFER, SEND)


def test_the_deadline_of_that_identify_counts_from_when_jimo_is_live() -> None:
    page = Page("ready", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.browser.word = "loading"
    page.browser.pass_time(2 * IDENTIFY_DEADLINE_MS)
    assert page.reports == []
    page.browser.word = "live"
    page.browser.pass_time(500)
    page.browser.pass_time(IDENTIFY_DEADLINE_MS - 500)
    assert page.reports == []
    page.browser.pass_time(500)
    assert page.reports == ["identify-timeout"]


def test_only_the_first_user_who_is_named_starts_jimo() -> None:
    page = Page("ready", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.delivery.named(6, 0, BOB, OF_BOB)
    page.browser.pass_time(1_000)
    assert page.browser.told("identify") == [(5, 1)]


def test_a_user_named_before_a_reset_does_not_start_jimo() -> None:
    page = Page("none", manual_init=True)
    page.delivery.reset(1)
    page.delivery.named(5, 0, ADA, OF_ADA)
    assert page.delivery.waiting and page.browser.told("load") == []


def test_where_the_event_of_the_user_has_gone_the_page_waits_for_the_next_user() -> None:
    page = Page("loading", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.delivery.starter_gone()
    assert page.delivery.waiting
    page.browser.word = "ready"
    page.browser.pass_time(1_000)
    assert page.browser.told("identify") == []
    page.delivery.named(6, 0, BOB, OF_BOB)
    assert page.browser.told("identify") == [(6, 1)]
    page.delivery.starter_gone()
    assert not page.delivery.waiting


def test_where_the_event_of_the_user_has_gone_jimo_is_not_told_of_them_once_more() -> None:
    page = Page("ready", manual_init=True)
    page.browser.takes = False
    page.delivery.named(5, 0, ADA, OF_ADA)
    assert IDENTIFY_RETRY_MS in page.browser.pauses
    page.delivery.starter_gone()
    assert IDENTIFY_RETRY_MS not in page.browser.pauses


def test_where_the_event_of_the_user_has_gone_a_script_that_failed_is_not_tried_again() -> None:
    page = Page("none", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.delivery.hear("sdk-error")
    assert page.browser.pauses
    page.delivery.starter_gone()
    assert page.browser.pauses == []


def test_jimo_does_not_run_before_it_takes_the_user() -> None:
    page = Page("ready", manual_init=True)
    page.browser.takes = False
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.browser.pass_time(3 * IDENTIFY_RETRY_MS)
    assert len(page.browser.told("identify")) == 4 and page.browser.told("init") == []
    page.browser.takes = True
    page.browser.pass_time(IDENTIFY_RETRY_MS)
    assert page.browser.told("init") == [()]
    page.browser.pass_time(5 * IDENTIFY_RETRY_MS)
    assert len(page.browser.told("identify")) == 5


def test_a_live_jimo_that_does_not_take_the_user_is_not_asked_again() -> None:
    page = Page("live", manual_init=True)
    page.browser.takes = False
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.browser.pass_time(5 * IDENTIFY_RETRY_MS)
    assert len(page.browser.told("identify")) == 1
    assert page.write(0, ADA) == verdict(SEND, UNTAKEN, SEND)


def test_a_reset_before_jimo_takes_the_user_ends_the_start() -> None:
    page = Page("ready", manual_init=True)
    page.browser.takes = False
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.delivery.reset(1)
    page.browser.takes = True
    page.browser.pass_time(5 * IDENTIFY_RETRY_MS)
    assert len(page.browser.told("identify")) == 1 and page.browser.told("init") == []
    page.delivery.named(6, 1, BOB, OF_BOB)
    assert page.browser.told("identify")[1:] == [(6, 2)]
    assert page.browser.told("init") == [()]


def test_an_answer_shows_that_jimo_is_live() -> None:
    page = Page("ready", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.browser.word = "loading"
    page.delivery.answered(1)
    assert page.write(0, ADA) == ALL and page.browser.told("sdk")[-1] == ("live",)


def test_a_reset_while_jimo_comes_ends_the_start() -> None:
    page = Page("none", manual_init=True)
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.delivery.reset(1)
    page.browser.word = "ready"
    page.browser.pass_time(5_000)
    assert page.browser.told("identify") == [] and page.browser.told("init") == []


def test_after_a_reset_a_script_that_has_not_come_is_taken_back_until_the_next_user() -> None:
    page = Page("none", manual_init=True)
    page.browser.comes = False
    page.delivery.named(5, 0, ADA, OF_ADA)
    page.delivery.reset(1)
    page.browser.pass_time(400_000)
    assert len(page.browser.told("load")) == 1 and page.reports == []
    page.delivery.named(6, 1, BOB, OF_BOB)
    assert len(page.browser.told("load")) == 2


def test_a_script_on_its_way_stays_after_a_reset_where_everybody_has_jimo() -> None:
    page = Page("none")
    page.browser.comes = False
    page.delivery.reset(1)
    assert ("none",) not in page.browser.told("sdk")


def test_a_reset_before_any_identify_ends_no_timer_of_the_script() -> None:
    page = Page("loading")
    page.delivery.reset(1)
    page.browser.pass_time(DEADLINE_MS)
    assert page.reports == ["sdk-not-live"]


def test_what_is_heard_of_jimo_reaches_its_state() -> None:
    page = Page("loading")
    page.delivery.hear("quota")
    assert page.browser.told("close") == [("quota-reached",)]


def test_no_deadline_outlives_an_identify_that_is_not_taken_or_a_reset() -> None:
    page = Page()
    page.identify(1, 0, ADA, OF_ADA)
    page.delivery.not_taken(1)
    assert page.browser.pauses == []
    page.identify(2, 0, ADA, OF_ADA)
    page.delivery.reset(1)
    assert page.browser.pauses == []


def test_it_foretells_what_becomes_of_an_event_that_waits() -> None:
    page = Page()

    def foretold(user: int, ahead: int = 0) -> int:
        return page.delivery.offer(0, 0, user, ahead, 1)

    page.identify(1, 0, ADA, OF_ADA)
    assert page.write(0, BOB) == HOLD
    assert foretold(ADA) == ALL
    assert foretold(BOB) == verdict(SEND, OTHER_USER, OTHER_USER)
    # Another identify waits ahead of it.
    assert foretold(BOB, ahead=BOB) == ALL
    assert foretold(ADA, ahead=BOB) == verdict(SEND, OTHER_USER, OTHER_USER)
    # None of that has changed anything.
    page.delivery.answered(1)
    assert page.write(0, ADA) == ALL


def test_it_foretells_what_waits_for_the_next_identify() -> None:
    page = Page("loading")
    page.delivery.reset(1)
    assert page.delivery.offer(0, 1, 0, 0, 1) == verdict(SEND, DEFER, SEND)
    assert page.delivery.offer(0, 1, 0, ADA, 1) == ALL
    assert page.browser.told("load") == []


def test_it_foretells_for_the_user_who_starts_jimo() -> None:
    page = Page("none", manual_init=True)
    page.delivery.named(1, 0, ADA, OF_ADA)
    assert page.delivery.offer(0, 0, ADA, 0, 1) == ALL
    assert page.delivery.offer(0, 0, BOB, 0, 1) == verdict(SEND, OTHER_USER, OTHER_USER)
