"""A bound on the work of one check: a contract may offer more alternatives than there is time."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from eventroute.errors import EffortSpentError
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["MAX_STEPS", "STEPS_A_VALUE", "bounded", "spend"]

MAX_STEPS: Final = 50_000
"""Steps that a check of any event may take: a second's work."""
STEPS_A_VALUE: Final = 10
"""What it may take besides, for each value inside the event."""


class _Effort:
    __slots__ = ("_detail", "_left")

    def __init__(self, detail: object, steps: int) -> None:
        self._detail: object = detail
        self._left = steps

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0 and self._detail is not None:
            # Only now are the values counted; hardly an event comes so far.
            self._left += STEPS_A_VALUE * _values_in(self._detail)
            self._detail = None
        if self._left < 0:
            raise EffortSpentError("a check takes more steps than it may")


_EFFORT: Final[ContextVar[_Effort | None]] = ContextVar("eventroute_effort", default=None)


@contextmanager
def bounded(detail: object, steps: int = MAX_STEPS) -> Generator[None]:
    """Count the steps that are spent inside, for a check of this detail."""
    token = _EFFORT.set(_Effort(detail, steps))
    try:
        yield
    finally:
        _EFFORT.reset(token)


def spend(steps: int) -> None:
    """Count steps.

    :raises EffortSpentError: they are more than are left.
    """
    effort = _EFFORT.get()
    if effort is not None:
        effort.spend(steps)


def _values_in(detail: object) -> int:
    count = 0
    pending = [detail]
    while pending:
        value = pending.pop()
        count += 1
        if is_object(value):
            pending.extend(value.values())
        elif is_array(value):
            pending.extend(value)
    return count
