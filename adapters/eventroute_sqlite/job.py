"""Work for the thread that owns the connection."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute_sqlite.transaction import Transaction

__all__ = ["Job"]

T = TypeVar("T")

_lock = Lock()  # held for a few instructions, so that one is enough


class Job(Generic[T]):
    """What one call asks of the file.

    :param work: does it, inside a transaction that is committed afterwards.
    :param durable: whether the caller may believe only what is on the disk.
    :param look: answers without a transaction where nothing is to be written, or gives ``None``.
    :param undo: takes back what a caller, cancelled meanwhile, never got.
    """

    __slots__ = ("_state", "done", "durable", "error", "look", "result", "undo", "work")

    def __init__(
        self,
        work: Callable[[Transaction], T],
        *,
        durable: bool = False,
        look: Callable[[Transaction], T | None] | None = None,
        undo: Callable[[Transaction, T], None] | None = None,
    ) -> None:
        self.work = work
        self.durable = durable
        self.look = look
        self.undo = undo
        self.done = anyio.Event()
        self.result: T | None = None
        self.error: BaseException | None = None
        self._state = "waiting"

    def begin(self) -> bool:
        """In the thread: say whether the caller still wants it."""
        with _lock:
            wanted = self._state == "waiting"
            if wanted:
                self._state = "begun"
            return wanted

    def finish(self) -> bool:
        """In the thread, after the commit: say whether somebody takes the result."""
        with _lock:
            wanted = self._state != "abandoned"
            if wanted:
                self._state = "finished"
            return wanted

    def abandon(self) -> bool:
        """In the event loop, when the caller is cancelled: say whether it is finished, unheard."""
        with _lock:
            before, self._state = self._state, "abandoned"
            return before == "finished"

    def reversal(self) -> Job[None] | None:
        """The job that takes this one back, if it did something that can be."""
        undo, result = self.undo, self.result
        if undo is None or result is None or self.error is not None:
            return None
        return Job(lambda transaction: undo(transaction, result))
