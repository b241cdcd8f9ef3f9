"""What is awaited of the Jimo client, the same on both interpreters."""

import asyncio

from .errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any


class Answer:
    """What Jimo is going to answer. Awaiting it gives that, or raises CommandError.

    It need not be awaited, and may be awaited more than once. To asyncio it is a coroutine, so it
    may go to ``wait_for``, ``gather`` and ``create_task``.
    """

    def __init__(self) -> None:
        self._there = asyncio.Event()
        self._value: Any = None
        self._problem = ""
        # For who takes it as a coroutine.
        self._steps: Any = None

    def settle(self, value: "Any", problem: str = "") -> None:
        """The answer has come, or a reason why there is none."""
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
        # What `await` asks for in MicroPython.
        return self._wait()

    # What makes a coroutine, on both interpreters.

    def send(self, value: object) -> "Any":
        """Goes on, as a coroutine does."""
        return self._go_on(lambda steps: steps.send(value))

    def throw(self, *error: "Any") -> "Any":
        """Goes on with an error, as a coroutine does; asyncio cancels by that."""
        return self._go_on(lambda steps: steps.throw(*error))

    def close(self) -> None:
        """Ends the waiting, as a coroutine does."""
        if self._steps:
            self._steps.close()
            self._steps = None

    def _go_on(self, how: "Callable[[Any], Any]") -> "Any":
        self._steps = self._steps or self._wait()
        try:
            return how(self._steps)
        except BaseException:
            # It has ended, and may be waited for anew.
            self._steps = None
            raise
