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
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self._left <= 0

    @contextmanager
    def part(self, of: int = 1, *, least: float = 0.0) -> Generator[float]:
        """How long the next comparison may take, which is inside the block.

        :param of: how many are to come, this one included.
        :param least: what one may take while there is time, though it be more than a fair part:
            most take hardly any.
        """
        began = thread_time()
        try:
            yield max(0.0, self._left / of, min(least, self._left))
        finally:
            self._left -= thread_time() - began
