"""Decides whether a fault happens: from the seed and from what it would happen to."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING

from eventroute.testing.faults.log import FaultLog, InjectedFault
from eventroute.testing.faults.plan import FaultKind

if TYPE_CHECKING:
    from eventroute.testing.faults.identity import Identity

__all__ = ["Dice"]


class Dice:
    """No shared stream of random numbers: tasks that run in another order throw the same."""

    def __init__(self, log: FaultLog) -> None:
        self._faults = log.faults
        self._log = log
        self._throws: Counter[tuple[FaultKind, str | None, str | None]] = Counter()
        self._hits: Counter[tuple[FaultKind, str | None, str | None]] = Counter()

    def throw(
        self, kind: FaultKind, subscription: str | None, event: Identity | None = None
    ) -> bool:
        """Whether it happens this time; then it is in the log."""
        chance = self._faults.chance(kind)
        if not chance:
            return False
        name, id_ = (None, None) if event is None else (event.name, event.id)
        place = (kind, subscription, name)
        self._throws[place] += 1
        occasion = self._throws[place]
        hit = self._hits[place] < self._faults.most and self._draw(*place, occasion) < chance
        if hit:
            self._hits[place] += 1
            self._log.add(InjectedFault(kind, subscription, name, occasion, id_))
        elif event is None:
            self._hits[place] = 0  # a queue has no end, as an event has: the bound is in a row
        return hit

    def seconds(self, subscription: str, event: Identity) -> float:
        """How long a delivery is delayed, more than 0."""
        occasion = self._throws[FaultKind.DELAY, subscription, event.name]
        draw = self._draw(FaultKind.DELAY, subscription, event.name, occasion, "seconds")
        return self._faults.longest_delay * (1.0 - draw)

    def _draw(self, kind: FaultKind, *rest: object) -> float:
        """Evenly between 0 and 1, without 1."""
        text = repr((self._faults.seed, kind.value, *rest))
        return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big") / 2**56
