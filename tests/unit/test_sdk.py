"""The life of the Jimo SDK: its states, and what changes them."""

import pytest

from segment_jimo.sdk import DEADLINE_MS, FIRST_LOOK_MS, LAST_LOOK_MS, LAST_RETRY_MS, Sdk
from tests.support.recording import RecordingBrowser


class Page:
    """An Sdk and what it was told to do; ``changes`` are its states when it said "changed"."""

    def __init__(self, word: str = "none", manual_init: bool = False) -> None:
        self.browser = RecordingBrowser(word)
        self.changes: list[str] = []
        self.sdk = Sdk(self.browser, manual_init, self._changed)

    def _changed(self) -> None:
        self.changes.append("live" if self.sdk.live else "ready" if self.sdk.ready else "other")

    @property
    def states(self) -> list[object]:
        """What ``status().sdk`` has been."""
        return [call[0] for call in self.browser.told("sdk")]

    @property
    def reports(self) -> list[object]:
        return [call[0] for call in self.browser.told("report")]

    @property
    def loads(self) -> int:
        return len(self.browser.told("load"))

    def becomes(self, word: str, ms: int = LAST_LOOK_MS) -> None:
        """The page changes, and there is time to notice."""
        self.browser.word = word
        self.browser.pass_time(ms)


def test_nothing_is_done_before_the_start() -> None:
    page = Page()
    for what in ("quota", "sdk-error", "sdk-loaded", "online"):
        page.sdk.hear(what)
    page.sdk.answered()
    page.sdk.kill()
    assert (page.browser.calls, page.browser.pauses, page.changes) == ([], [], [])


@pytest.mark.parametrize("what", ["sdk-error", "nothing yet"])
def test_a_script_that_has_not_come_is_not_wanted_until_the_next_start(what: str) -> None:
    page = Page()
    page.browser.comes = False
    page.sdk.start()
    page.sdk.hear(what)
    page.sdk.rest()
    page.browser.word = "none"
    page.browser.pass_time(LAST_RETRY_MS)
    assert (page.loads, page.states[-1], page.browser.pauses) == (1, "none", [])
    page.sdk.start()
    assert page.loads == 2


def test_a_jimo_that_has_come_stays() -> None:
    page = Page("live")
    page.sdk.start()
    page.sdk.rest()
    assert page.sdk.live


def test_a_live_jimo_of_the_page_is_adopted() -> None:
    page = Page("live")
    page.sdk.start()
    assert page.sdk.live and page.changes == ["live"]
    assert (page.loads, page.states, page.browser.pauses) == (0, ["loading", "live"], [])


def test_where_there_is_no_jimo_it_is_loaded_once_and_watched_until_it_is_live() -> None:
    page = Page()
    page.sdk.start()
    page.sdk.start()
    page.browser.pass_time(1_000)
    assert (page.loads, page.sdk.live) == (1, False)
    page.becomes("live")
    assert page.sdk.live and (page.loads, page.changes) == (1, ["live"])
    assert page.browser.pauses == []


def test_the_looks_grow_rarer_by_a_quarter_up_to_half_a_second() -> None:
    page = Page("loading")
    page.sdk.start()
    pauses = []
    for _ in range(20):
        pauses.append(page.browser.pauses[0])
        page.browser.pass_time(pauses[-1])
    assert (pauses[:4], pauses[-1]) == ([20, 25, 31, 38], 500) and pauses == sorted(pauses)


@pytest.mark.parametrize("what", ("sdk-loaded", "sdk-ready"))
def test_a_script_that_says_it_is_there_is_looked_at_at_once(what: str) -> None:
    page = Page("loading")
    page.sdk.start()
    page.browser.word = "live"
    page.sdk.hear(what)
    assert page.sdk.live


def test_an_answer_of_jimo_shows_that_it_is_live_whatever_it_looks_like() -> None:
    page = Page("loading")
    page.sdk.start()
    page.sdk.answered()
    assert page.sdk.live and page.browser.pauses == []


def test_an_answer_of_jimo_ends_a_failure() -> None:
    page = Page("loading")
    page.sdk.start()
    page.sdk.hear("sdk-threw")
    page.sdk.answered()
    page.browser.pass_time(LAST_RETRY_MS)
    assert page.sdk.live and page.loads == 0


@pytest.mark.parametrize(
    ("word", "code", "state"),
    (
        ("quota", "quota-reached", "quota"),
        ("other-project", "other-project", "failed"),
        ("taken", "jimo-global-taken", "failed"),
        ("fixed", "jimo-global-taken", "failed"),
    ),
)
def test_a_jimo_that_cannot_be_used_ends_the_destination(word: str, code: str, state: str) -> None:
    page = Page(word)
    page.sdk.start()
    assert page.browser.told("close") == [(code,)]
    assert (page.states[-1], page.loads, page.browser.pauses) == (state, 0, [])
    page.sdk.hear("sdk-error")
    page.sdk.hear("online")
    page.sdk.answered()
    page.sdk.start()
    page.sdk.init()
    assert not page.sdk.live and (page.states[-1], page.loads) == (state, 0)


def test_a_script_that_the_page_does_not_allow_ends_the_destination() -> None:
    page = Page()
    page.browser.problem = "trusted-types"
    page.sdk.start()
    assert page.browser.told("close") == [("trusted-types",)]
    assert page.browser.pauses == []


def test_a_project_over_its_quota_ends_the_destination_also_when_jimo_was_live() -> None:
    page = Page("live")
    page.sdk.start()
    page.sdk.hear("quota")
    assert not page.sdk.live and page.states[-1] == "quota"


@pytest.mark.parametrize("what", ("sdk-error", "sdk-threw", "sdk-stalled"))
def test_a_script_that_fails_is_named_and_tried_again(what: str) -> None:
    page = Page()
    page.sdk.start()
    page.sdk.hear(what)
    assert (page.states[-1], page.reports, page.browser.pauses) == (
        "failed",
        ["sdk-failed"],
        [1_000],
    )
    page.becomes("none", 1_000)
    assert (page.loads, page.states[-1]) == (2, "loading")


def test_the_pauses_between_tries_double_up_to_five_minutes() -> None:
    page = Page()
    page.sdk.start()
    pauses = []
    for _ in range(11):
        page.sdk.hear("sdk-error")
        pauses += page.browser.pauses
        page.becomes("none", pauses[-1])
    assert pauses[:4] == [1_000, 2_000, 4_000, 8_000]
    assert pauses[-2:] == [LAST_RETRY_MS, LAST_RETRY_MS] and len(pauses) == 11


def test_the_first_failure_has_a_short_pause_however_often_jimo_was_loaded_before() -> None:
    page = Page()
    for _ in range(4):
        page.sdk.start()
        page.becomes("live")
        page.sdk.kill()
    page.sdk.start()
    page.sdk.hear("sdk-error")
    assert page.browser.pauses == [1_000]


def test_once_jimo_was_live_the_next_failure_has_a_short_pause_again() -> None:
    page = Page()
    page.sdk.start()
    for _ in range(3):
        page.sdk.hear("sdk-error")
        page.becomes("none", page.browser.pauses[-1])
    page.becomes("live")
    page.sdk.kill()
    page.browser.word = "none"
    page.sdk.start()
    page.sdk.hear("sdk-error")
    assert page.browser.pauses == [1_000]


def test_coming_online_tries_at_once_and_not_once_more_later() -> None:
    page = Page()
    page.sdk.start()
    page.sdk.hear("sdk-error")
    page.browser.word = "none"
    page.sdk.hear("online")
    assert page.loads == 2
    page.sdk.hear("online")
    page.browser.pass_time(2_000)
    assert page.loads == 2


def test_a_failure_is_no_news_once_jimo_is_live() -> None:
    page = Page("live")
    page.sdk.start()
    page.sdk.hear("sdk-error")
    assert page.sdk.live and page.reports == []


def test_a_script_that_does_not_come_is_taken_back_and_tried_again() -> None:
    page = Page()
    page.browser.comes = False
    page.sdk.start()
    page.browser.pass_time(DEADLINE_MS - 1)
    assert page.reports == []
    page.browser.pass_time(1)
    assert (page.loads, page.reports) == (1, ["sdk-failed"])
    page.browser.pass_time(1_000)
    assert page.loads == 2


def test_a_script_that_came_and_does_not_go_live_is_named_once_and_not_loaded_again() -> None:
    page = Page()
    page.sdk.start()
    page.browser.pass_time(400_000)
    assert (page.loads, page.states[-1], page.reports) == (1, "failed", ["sdk-not-live"])
    assert " 30 s." in page.browser.messages["sdk-not-live"]
    page.becomes("live")
    assert page.sdk.live and page.states[-1] == "live"


def test_a_page_that_starts_its_own_jimo_later_has_all_the_time_it_wants() -> None:
    page = Page("ready")
    page.sdk.start()
    page.browser.pass_time(400_000)
    assert (page.sdk.ready, page.changes, page.reports) == (False, [], [])
    page.becomes("live")
    assert page.sdk.live


def test_manual_init_waits_for_init_and_then_for_jimo() -> None:
    page = Page(manual_init=True)
    page.sdk.start()
    assert page.browser.told("load") == [(True,)]
    page.becomes("ready")
    assert page.sdk.ready and page.changes == ["ready"]
    page.browser.pass_time(400_000)
    assert (page.browser.told("init"), page.reports) == ([], [])
    page.sdk.init()
    assert page.browser.told("init") == [()] and not page.sdk.ready
    page.becomes("live")
    assert page.sdk.live and page.changes == ["ready", "live"]


def test_once_started_or_tried_again_jimo_is_looked_at_often() -> None:
    page = Page("ready", manual_init=True)
    page.sdk.start()
    page.browser.pass_time(10_000)
    page.browser.word = "loading"
    page.sdk.init()
    assert page.browser.pauses[0] == FIRST_LOOK_MS
    page.browser.pass_time(10_000)
    page.sdk.hear("sdk-error")
    page.browser.pass_time(1_000)
    assert page.browser.pauses[0] == FIRST_LOOK_MS


def test_a_jimo_that_is_wanted_again_is_looked_at_often() -> None:
    page = Page("loading")
    page.browser.comes = False
    page.sdk.start()
    page.browser.pass_time(10_000)
    page.sdk.rest()
    page.sdk.start()
    assert min(page.browser.pauses) == FIRST_LOOK_MS


def test_a_jimo_that_was_started_and_does_not_go_live_is_named() -> None:
    page = Page("ready", manual_init=True)
    page.sdk.start()
    page.sdk.init()
    page.browser.pass_time(DEADLINE_MS)
    assert page.reports == ["sdk-not-live"]


def test_a_jimo_that_was_killed_can_be_started_again() -> None:
    page = Page()
    page.sdk.start()
    page.becomes("live")
    page.sdk.kill()
    assert not page.sdk.live and (page.states[-1], page.browser.pauses) == ("none", [])
    page.sdk.start()
    assert (page.loads, page.states[-1]) == (2, "loading")


def test_a_jimo_of_the_pages_own_is_not_killed() -> None:
    page = Page("live")
    page.browser.owned = False
    page.sdk.start()
    page.sdk.kill()
    assert page.sdk.live


def test_a_jimo_that_is_still_loading_is_not_killed() -> None:
    page = Page()
    page.sdk.start()
    page.sdk.kill()
    assert page.browser.told("kill") == []
    page.becomes("live")
    assert page.sdk.live


def waiting_for_init() -> Page:
    """Returns a page whose Jimo has waited for ``init`` for 20 seconds."""
    page = Page("ready", manual_init=True)
    page.sdk.start()
    page.browser.pass_time(20_000)
    return page


def test_once_started_jimo_has_all_its_time_and_is_looked_at_at_once() -> None:
    page = waiting_for_init()
    page.browser.word = "loading"
    page.sdk.init()
    page.browser.pass_time(DEADLINE_MS - 1)
    assert page.reports == []
    page.browser.pass_time(1)
    assert page.reports == ["sdk-not-live"]
    other = waiting_for_init()
    other.browser.word = "live"
    other.sdk.init()
    assert other.sdk.live


def test_nothing_is_watched_once_jimo_has_ended_or_is_not_wanted() -> None:
    page = waiting_for_init()
    assert page.sdk.kill() and page.browser.pauses == []
    other = Page()
    other.browser.comes = False
    other.sdk.start()
    other.sdk.rest()
    assert other.browser.pauses == []


def test_timers_of_others_go_on() -> None:
    page = Page("live")
    rung: list[bool] = []
    page.browser.after(DEADLINE_MS, lambda: rung.append(True))
    page.sdk.start()
    page.sdk.kill()
    page.browser.pass_time(DEADLINE_MS)
    assert rung


def test_there_is_one_next_look_however_often_something_is_heard() -> None:
    page = Page("loading")
    page.sdk.start()
    page.sdk.hear("sdk-loaded")
    page.sdk.hear("sdk-ready")
    # The look, and the deadline.
    assert len(page.browser.pauses) == 2


def test_a_jimo_that_vanishes_before_its_start_is_loaded_with_all_its_time() -> None:
    page = waiting_for_init()
    page.browser.comes = False
    page.becomes("none")
    assert page.loads == 1 and not page.sdk.ready
    page.browser.pass_time(DEADLINE_MS - LAST_LOOK_MS)
    assert page.reports == []


def test_a_try_that_fails_has_its_own_pause_before_the_next_one() -> None:
    page = Page()
    page.sdk.start()
    page.sdk.hear("sdk-error")
    page.browser.word = "none"
    page.sdk.hear("online")
    page.sdk.hear("sdk-error")
    page.browser.word = "none"
    page.browser.pass_time(1_500)
    assert page.loads == 2


def test_a_script_of_the_page_itself_that_comes_after_a_failure_is_waited_for() -> None:
    page = Page()
    page.sdk.start()
    page.sdk.hear("sdk-error")
    page.becomes("loading", 1_000)
    assert (page.loads, page.states[-1]) == (1, "loading")
    page.browser.pass_time(DEADLINE_MS)
    assert page.reports == ["sdk-failed", "sdk-not-live"]
