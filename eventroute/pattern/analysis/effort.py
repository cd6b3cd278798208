"""How much work one question may cost; an answer that costs more is that nothing is certain."""

from __future__ import annotations

__all__ = ["Effort"]


class Effort:
    """A number of steps, each about one comparison of two tests.

    :ivar exhausted: whether a step was refused; what was not found until then may still be true.
    """

    __slots__ = ("_left", "exhausted")

    def __init__(self, steps: int) -> None:
        self._left = steps
        self.exhausted = False

    def spend(self, steps: int = 1) -> bool:
        """Take some steps; ``False`` when they are used up."""
        if self._left < steps:
            self.exhausted = True
            return False
        self._left -= steps
        return True

    def share(self, steps: int) -> Effort:
        """Part of what is left, at most ``steps``, for one of many questions."""
        part = Effort(min(steps, self._left))
        self._left -= part._left
        return part

    def give_back(self, part: Effort) -> None:
        """Take back what a part did not use."""
        self._left += part._left
        part._left = 0
