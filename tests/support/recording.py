"""A page side that only notes the calls of Python, with a clock that the test moves."""

import re
from collections.abc import Callable

from segment_jimo.browser import Browser


class RecordingBrowser(Browser):
    """Replaces Browser for ``delivery.py`` and ``sdk.py``. Times are in milliseconds.

    Attributes:
        word: The result of ``look``.
        problem: The result of ``load``.
        comes: Whether the script has loaded, so that ``withdraw`` comes too late.
        owned: Whether there is a Jimo that ``kill`` may end.
        takes: Whether Jimo accepts an identify.
        calls: The calls, without those of ``look`` and the timers.
        messages: The last message of each code.
        now: The time.
    """

    def __init__(self, word: str = "none") -> None:
        self.word = word
        self.problem = ""
        self.comes = True
        self.owned = True
        self.takes = True
        self.calls: list[tuple[object, ...]] = []
        self.messages: dict[str, str] = {}
        self.now = 0
        self._due: dict[int, tuple[int, Callable[[], None]]] = {}
        self._tokens = 0
        self._last_timer = 0

    # For the test.

    def pass_time(self, ms: int) -> None:
        """Moves the clock, and calls the timers that are due by then."""
        end = self.now + ms
        while self._due:
            number = min(self._due, key=lambda one: (self._due[one][0], one))
            if self._due[number][0] > end:
                break
            self.now, work = self._due.pop(number)
            work()
        self.now = end

    @property
    def pauses(self) -> list[int]:
        """Returns the time until each timer is due."""
        return sorted(due - self.now for due, _ in self._due.values())

    def told(self, name: str) -> list[tuple[object, ...]]:
        """Returns the arguments of each call of a function."""
        return [call[1:] for call in self.calls if call[0] == name]

    # For Python.

    def after(self, ms: int, work: Callable[[], None]) -> int:
        self._last_timer += 1
        self._due[self._last_timer] = self.now + ms, work
        return self._last_timer

    def cancel(self, timer: int) -> None:
        self._due.pop(timer, None)

    def look(self) -> str:
        return self.word

    def load(self, manual_init: bool) -> str:
        self.calls.append(("load", manual_init))
        if not self.problem:
            self.word = "loading"
        return self.problem

    def withdraw(self) -> bool:
        if self.comes:
            return False
        self.word = "none"
        return True

    def init(self) -> None:
        self.calls.append(("init",))

    def kill(self) -> bool:
        self.calls.append(("kill",))
        if self.owned:
            self.word = "none"
        return self.owned

    def sdk(self, state: str) -> None:
        self.calls.append(("sdk", state))

    def next_token(self) -> int:
        self._tokens += 1
        return self._tokens

    def identify(self, event: int, token: int) -> bool:
        self.calls.append(("identify", event, token))
        return self.takes

    def give_up(self, reason: int) -> None:
        self.calls.append(("give_up", reason))

    def report(self, code: str, message: str, subscription: str = "", field: str = "") -> None:
        self.calls.append(("report", code))
        self._note(code, message)

    def close(self, code: str, message: str, field: str = "") -> None:
        self.calls.append(("close", code))
        self._note(code, message)

    def _note(self, code: str, message: str) -> None:
        """Notes a message, and checks its form: sentences, no word in capitals, whole seconds."""
        assert message.endswith(".")
        assert all(sentence[0].isupper() for sentence in message.split(". ")[1:])
        assert not re.search(r"\b[A-Z]{4,}\b|\d\.\d", message)
        self.messages[code] = message
