"""Handlers that take several events at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from eventroute.errors import DeclarationError

__all__ = ["Batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """How many events one call of a handler takes.

    :ivar size: most events of a call.
    :ivar wait: seconds that the first one waits for others; 0 takes what is there.
    """

    size: int = 10
    wait: float = 0.0

    def __post_init__(self) -> None:
        whole = isinstance(self.size, int) and not isinstance(self.size, bool)
        if not whole or self.size < 1:
            raise DeclarationError(f"Batch(size={self.size!r}): must be a whole number from 1")
        number = isinstance(self.wait, int | float) and not isinstance(self.wait, bool)
        if not number or not 0 <= self.wait < inf:
            raise DeclarationError(f"Batch(wait={self.wait!r}): must be seconds, 0 or more")
