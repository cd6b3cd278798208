"""One subscription's dead-letter queue as a data structure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from eventroute.port import DeadLetter

if TYPE_CHECKING:
    from eventroute.port import Bury

__all__ = ["DeadLetters"]


@dataclass(slots=True)
class _Kept:
    """A dead letter, and until when and by which call it is hidden from others."""

    letter: DeadLetter
    hidden_until: float
    receipt: int


class DeadLetters:
    """Oldest first."""

    def __init__(self, subscription: str) -> None:
        self._subscription = subscription
        self._kept: dict[str, _Kept] = {}
        self._numbers = count(1)

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, bury: Bury) -> None:
        """Append what a delivery leaves."""
        delivery = bury.delivery
        letter = DeadLetter(
            self._subscription,
            delivery.body,
            bury.reason,
            bury.error,
            delivery.attempt if bury.attempts is None else bury.attempts,
            id=str(next(self._numbers)),
            traceback=bury.traceback,
            headers=delivery.headers,
            died=datetime.now(UTC),
        )
        self._kept[letter.id] = _Kept(letter, 0.0, 0)

    def take(self, limit: int, now: float, seconds: float) -> list[DeadLetter]:
        """Hide up to ``limit`` letters from other calls for this many seconds."""
        taken: list[DeadLetter] = []
        for kept in self._kept.values():
            if len(taken) >= limit:
                break
            if kept.hidden_until <= now:
                kept.hidden_until = now + seconds
                kept.receipt = next(self._numbers)
                taken.append(replace(kept.letter, receipt=kept.receipt))
        return taken

    def holds(self, letter: DeadLetter, now: float) -> bool:
        """Whether the call that took the letter may still settle it."""
        kept = self._kept.get(letter.id)
        return kept is not None and kept.receipt == letter.receipt and kept.hidden_until > now

    def show(self, letter: DeadLetter) -> None:
        """Hide a letter no longer."""
        self._kept[letter.id].hidden_until = 0.0

    def remove(self, letter: DeadLetter) -> None:
        """Forget a letter."""
        del self._kept[letter.id]
