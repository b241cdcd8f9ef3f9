"""The awaitable answers of the Jimo client, for both interpreters."""

import asyncio

from .errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any


class Answer:
    """An answer of Jimo. Await it for the value; it raises CommandError if there is none.

    You may await it never, once or often. asyncio accepts it as a coroutine, so it works with
    ``wait_for``, ``gather`` and ``create_task``.
    """

    def __init__(self) -> None:
        self._there = asyncio.Event()
        self._value: Any = None
        self._problem = ""
        # The coroutine behind ``send``, ``throw`` and ``close``.
        self._steps: Any = None

    def settle(self, value: "Any", problem: str = "") -> None:
        """Sets the answer, or the reason why there is none."""
        self._value = value
        self._problem = problem
        self._there.set()

    async def _wait(self) -> "Any":
        await self._there.wait()
        if self._problem:
            raise CommandError(self._problem)
        return self._value

    def __await__(self) -> "Generator[Any, None, Any]":
        return self._wait().__await__()

    def __iter__(self) -> "Any":
        # MicroPython's `await` calls this.
        return self._wait()

    # These methods make it a coroutine on both interpreters.

    def send(self, value: object) -> "Any":
        """Continues, as a coroutine does."""
        return self._go_on(lambda steps: steps.send(value))

    def throw(self, *error: "Any") -> "Any":
        """Continues with an error, as a coroutine does. asyncio cancels this way."""
        return self._go_on(lambda steps: steps.throw(*error))

    def close(self) -> None:
        """Stops waiting, as a coroutine does."""
        if self._steps:
            self._steps.close()
            self._steps = None

    def _go_on(self, how: "Callable[[Any], Any]") -> "Any":
        self._steps = self._steps or self._wait()
        try:
            return how(self._steps)
        except BaseException:
            # It has ended. The next await starts again.
            self._steps = None
            raise
