"""A bound on the work of one check: a contract may offer more alternatives than there is time."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from eventroute.errors import EffortSpentError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["bounded", "spend"]

_LEFT: Final[ContextVar[list[int] | None]] = ContextVar("eventroute_effort", default=None)


@contextmanager
def bounded(steps: int) -> Generator[None]:
    """Allow what runs inside so many steps."""
    token = _LEFT.set([steps])
    try:
        yield
    finally:
        _LEFT.reset(token)


def spend(steps: int) -> None:
    """Count steps.

    :raises EffortSpentError: they are more than are left.
    """
    left = _LEFT.get()
    if left is not None:
        left[0] -= steps
        if left[0] < 0:
            raise EffortSpentError("a check takes more steps than it may")
