"""Time that several comparisons share."""

from __future__ import annotations

from contextlib import contextmanager
from time import thread_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["SharedTime"]


class SharedTime:
    """What is left of the processor time of several comparisons, one after the other.

    :param seconds: for all of them.
    :ivar ran_out: whether the last comparison took all that it might, and so may not have ended.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self.ran_out = False

    @contextmanager
    def part(self, of: int = 1, *, least: float = 0.0) -> Generator[float]:
        """How long the next comparison may take, which is inside the block.

        :param of: how many are to come, this one included.
        :param least: what one may take while there is time, though it be more than a fair part:
            most take hardly any.
        """
        given = max(0.0, self._left / of, min(least, self._left))
        began = thread_time()
        try:
            yield given
        finally:
            took = thread_time() - began
            self._left -= took
            self.ran_out = took >= given
