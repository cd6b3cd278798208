"""What became of attempts, and how the workers fare, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from eventroute.delivery import Counts, Health, HealthState
from eventroute.delivery.report import logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.delivery import Outcome
    from eventroute.delivery.health import HealthObserver
    from eventroute.until_empty import UntilEmpty

__all__ = ["Observations"]


class Observations:
    """Counts what it is told, and tells those who wait for a change.

    :param until_empty: is told what may have emptied a queue.
    :param on_health: is told whenever a worker fares differently.
    """

    def __init__(self, until_empty: UntilEmpty, on_health: HealthObserver | None) -> None:
        self._until_empty = until_empty
        self._on_health = on_health
        self._counts: dict[str, Counts] = {}
        self._health: dict[str, Health] = {}
        self._change: anyio.Event | None = None

    def counts(self, subscription: str) -> Counts:
        """How the attempts of a subscription ended, by its full name; grows from now on."""
        counts = self._counts.get(subscription)
        if counts is None:
            counts = self._counts[subscription] = Counts()
        return counts

    def health(self, subscription: str, now: float) -> Health:
        """How the worker of a subscription fares; one that never worked is stopped since now."""
        return self._health.get(subscription) or Health(subscription, HealthState.STOPPED, now)

    def ended(self, outcomes: Sequence[Outcome]) -> None:
        """Attempts of one subscription have ended."""
        name = outcomes[0].delivery.subscription
        self.counts(name).add(outcomes)
        self._until_empty.ended(name, len(outcomes))
        self._ring()

    def fares(self, health: Health) -> None:
        """A worker fares so now, perhaps as before."""
        known = self._health.get(health.subscription)
        self._health[health.subscription] = health
        self.changed()
        if health is known or self._on_health is None:
            return
        try:
            self._on_health(health)
        except Exception:
            logger.exception("%s: on_health failed", health.subscription)

    def changed(self) -> None:
        """Something else has changed, which may have left a queue empty."""
        self._until_empty.look_again()
        self._ring()

    def next_change(self) -> anyio.Event:
        """What is set when something has become of an attempt, or of a worker."""
        if self._change is None:
            self._change = anyio.Event()
        return self._change

    def _ring(self) -> None:
        if self._change is not None:  # else nobody waits
            self._change.set()
            self._change = None
