"""How much one judgement may cost, in steps and in seconds."""

from __future__ import annotations

from time import thread_time
from typing import Final

__all__ = ["Budget", "OutOfBudgetError"]

_STEPS: Final = 400_000
_BETWEEN_LOOKS: Final = 64


class OutOfBudgetError(Exception):
    """The question costs more than it may; the answer is that nothing is certain."""


class Budget:
    """What is left of the steps and of the time.

    :param seconds: of this thread's processor time, from now, so that neighbours change no answer.
    :param steps: each about one comparison of two parts of a schema.
    """

    __slots__ = ("_deadline", "_left", "_look")

    def __init__(self, seconds: float, steps: int = _STEPS) -> None:
        self._deadline: Final = thread_time() + seconds
        self._left = steps
        self._look = 0

    def spend(self, steps: int = 1) -> None:
        """Take some steps.

        :raises OutOfBudgetError: none are left, or the time is over.
        """
        self._left -= steps
        self._look -= steps
        if self._look <= 0:
            self._look = _BETWEEN_LOOKS
            if self._left < 0 or thread_time() > self._deadline:
                raise OutOfBudgetError

    def share(self, part: float) -> Budget:
        """Part of what is left, between 0 and 1, for one of several attempts."""
        left = max(0.0, self._deadline - thread_time())
        return Budget(left * part, max(0, int(self._left * part)))
