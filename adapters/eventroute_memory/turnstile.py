"""Waiting for room, without waking everybody for one place."""

from __future__ import annotations

from collections import deque

import anyio

__all__ = ["Turnstile"]


class Turnstile:
    """Lets in one waiting task for each place that became free, in the order they came."""

    def __init__(self) -> None:
        self._waiting: deque[anyio.Event] = deque()
        self.is_open = False

    async def wait(self) -> None:
        """Return when it is this task's turn to look for room."""
        turn = anyio.Event()
        self._waiting.append(turn)
        try:
            await turn.wait()
        except BaseException:
            if turn.is_set():
                self.let_one_in()  # a cancelled task passes its turn on
            else:
                self._waiting.remove(turn)
            raise

    def let_one_in(self) -> None:
        """A place became free."""
        if self._waiting:
            self._waiting.popleft().set()

    def open(self) -> None:
        """Let everybody in from now on: there is nothing left to wait for."""
        self.is_open = True
        while self._waiting:
            self.let_one_in()
