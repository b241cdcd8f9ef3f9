"""The Jimo client by itself: what it asks of the page side, and what it makes of the answers.

Whose profile a command may touch, and what it waits for, is decided as it is for events.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from segment_jimo import CommandError, Destination, Jimo, SegmentJimoError, Settings
from segment_jimo.browser import Browser


class Line(Browser):
    """Takes down the commands; ``answer`` is what the page side says of each."""

    def __init__(self, answer: int = 0) -> None:
        self.answer = answer
        self.why = ""
        self.commands: list[dict[str, Any]] = []
        self.numbers: list[int] = []
        self.reports: list[tuple[str, str]] = []

    def listen(self, hear: Callable[[int, str, str], int], most_waiting: int) -> None:
        self.hear = hear
        self.most_waiting = most_waiting

    def command(self, command: str, number: int) -> int:
        if self.answer == 0:
            self.commands.append(json.loads(command))
            self.numbers.append(number)
        return self.answer

    def refusal(self) -> str:
        return self.why

    def report(self, code: str, message: str, subscription: str = "", field: str = "") -> None:
        self.reports.append((code, message))

    def report_error(self, error: Exception) -> None:
        self.reports.append(("python-error", type(error).__name__))


def connected(answer: int = 0) -> tuple[Jimo, Line]:
    """A client and the line that it puts its commands into."""
    line = Line(answer)
    jimo = Jimo(lambda: "", lambda: (0, True))
    jimo.connect(line)
    return jimo, line


def now(answer: Awaitable[Any]) -> Any:
    """What has been answered by now."""

    async def wait() -> Any:
        return await asyncio.wait_for(answer, 0.01)

    # In a thread of its own: a browser's tests may have a loop in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, wait()).result()


def test_each_kind_of_command_says_what_it_does_to_whom() -> None:
    jimo, line = connected()
    jimo.identify("u1")
    jimo.set_name("Ada")
    jimo.trigger("e1")
    jimo.track("Paid")
    jimo.unread_count()
    known = [{key: one[key] for key in one if key != "plan"} for one in line.commands]
    assert known == [
        {"kind": 0, "identifies": "u1"},
        {"kind": 1},
        {"kind": 2},
        {"kind": 2, "announce": "Paid"},
        {"kind": 2, "answers": True},
    ]
    assert len(set(line.numbers)) == 5 and max(line.numbers) < 0


def test_an_answer_reaches_who_awaits_it_and_no_other() -> None:
    jimo, line = connected()
    first, second = jimo.unread_count(), jimo.attributes()
    assert line.hear(line.numbers[1], "answer", '{"plan": "pro"}') == 0
    assert now(second) == {"plan": "pro"}
    with pytest.raises(TimeoutError):
        now(first)
    line.hear(line.numbers[0], "failed", "The user was reset.")
    with pytest.raises(CommandError, match="was reset"):
        now(first)


@pytest.mark.parametrize(
    ("answer", "words"),
    (
        (-10, "has ended"),
        (-11, "no user is known.*analytics.identify"),
        (-12, "100 commands"),
        (-99, "failed"),
    ),
)
def test_a_command_that_the_page_side_refuses_is_raised(answer: int, words: str) -> None:
    jimo, _ = connected(answer)
    for wish in (lambda: jimo.identify("u1"), lambda: jimo.trigger("e1"), jimo.unread_count):
        with pytest.raises(CommandError, match=words):
            wish()


def test_a_command_that_jimo_does_not_take_is_raised_with_its_words() -> None:
    jimo, line = connected(-13)
    line.why = "Error: refused"
    with pytest.raises(CommandError, match=r"user:name: .*Error: refused"):
        jimo.set_name("Ada")


def test_a_listener_is_called_until_off_and_its_error_is_reported() -> None:
    jimo, line = connected()
    heard: list[Any] = []
    jimo.on("opened", lambda *values: heard.append(values))
    jimo.on("broken", lambda: 1 / 0)
    opened, broken = (one["listens"] for one in line.commands)
    line.hear(opened, "event", '[1, null, "a"]')
    assert line.hear(broken, "event", "[]") == 0
    jimo.off("opened")
    line.hear(opened, "event", "[2]")
    assert heard == [(1, None, "a")]
    assert line.reports == [("python-error", "ZeroDivisionError")]


def test_commands_from_before_the_page_side_is_there_go_out_in_their_order() -> None:
    stamps: list[int] = []

    def stamp() -> tuple[int, bool]:
        stamps.append(len(stamps))
        return len(stamps), True

    jimo = Jimo(lambda: "", stamp)
    jimo.identify("u1")
    for number in range(99):
        jimo.trigger(f"e{number}")
    with pytest.raises(CommandError, match="100 commands already wait"):
        jimo.trigger("one more")
    line = Line()
    jimo.connect(line)
    assert [one["stamp"] for one in line.commands] == list(range(1, 101))
    assert len(stamps) == 100


def test_a_command_from_before_that_is_refused_is_reported_and_ends_its_answer() -> None:
    jimo = Jimo(lambda: "", lambda: (1, True))
    unread = jimo.unread_count()
    line = Line(-10)
    jimo.connect(line)
    assert [code for code, _ in line.reports] == ["command-refused"]
    with pytest.raises(CommandError, match="has ended"):
        now(unread)


def test_identified_only_a_command_is_refused_at_once_until_there_is_a_user() -> None:
    jimo = Jimo(lambda: "", lambda: (1, False))
    with pytest.raises(CommandError, match="no user is known"):
        jimo.trigger("e1")
    line = Line()
    jimo.connect(line)
    assert line.commands == []


def test_a_page_side_that_never_comes_is_told_to_who_calls() -> None:
    destination = Destination(Settings("p1"))
    why = ""
    destination.watch(dict, lambda: why, lambda: (1, True))
    # Between two tries it may still come.
    unread = destination.jimo.unread_count()
    why = "No Python ran."
    with pytest.raises(CommandError, match="No Python ran"):
        destination.jimo.trigger("e1")
    destination.end()
    with pytest.raises(CommandError, match="has ended"):
        now(unread)
    with pytest.raises(SegmentJimoError, match="attach"):
        Destination(Settings("p1")).status()


@pytest.mark.parametrize(
    ("method", "given", "words"),
    (
        ("identify", (7,), "identify: user_id: expected text, got 7"),
        ("identify", ("",), 'user_id: expected text, got ""'),
        ("set_email", (None,), "set_email: email: expected text, got None"),
        ("set_name", (True,), "set_name: name: expected text"),
        ("set_language", (["fr"],), "set_language: language: expected text"),
        ("set_attributes", (["a"],), "attributes: expected a dict"),
        ("set_attributes", ({"a": None},), r'attributes\["a"\]: .* got None'),
        ("set_attributes", ({"a": {"b": 1}},), r'attributes\["a"\]: expected text'),
        ("set_attributes", ({"a": "x" * 701},), "at most 700 characters, got 701"),
        ("set_attributes", ({"a": ["x" * 701]},), "at most 700 characters"),
        ("set_attributes", ({7: "a"},), "keys that are text, got 7"),
        ("set_attributes", ({"a": 2**53},), r"an integer of at most 2\*\*53 - 1"),
        ("set_group", (1,), "set_group: group_id: expected text"),
        ("set_group", ("g", ["a"]), "set_group: traits: expected a dict"),
        ("track", (None,), "track: event: expected text"),
        ("track", ("e", {"at": {"x": object()}}), r'properties\["at"\]\["x"\]: '),
        ("track", ("e", {"a": [1, -(2**53)]}), r'properties\["a"\]\[1\]: .* got -9007'),
        ("trigger", (1,), "trigger: experience_id: expected text"),
        ("open_widget", (1,), "open_widget: page: expected text"),
        ("open_widget", ("feedback", "e1"), "expected page or experience_id"),
        ("on", ("name", None), "on: listener: expected a function, got None"),
        ("off", (None,), "off: name: expected text"),
    ),
)
def test_a_wrong_argument_is_named_and_nothing_goes_out(
    method: str, given: tuple[Any, ...], words: str
) -> None:
    jimo, line = connected()
    with pytest.raises(CommandError, match=words):
        getattr(jimo, method)(*given)
    assert line.commands == []


def test_what_was_asked_before_a_page_side_that_never_comes_is_answered() -> None:
    jimo = Jimo(lambda: "", lambda: (1, True))
    unread = jimo.unread_count()
    jimo.end()
    with pytest.raises(CommandError, match="has ended"):
        now(unread)
    # Also where the destination was registered again, and so has another program.
    with pytest.raises(CommandError, match="has ended"):
        jimo.unread_count()
