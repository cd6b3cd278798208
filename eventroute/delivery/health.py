"""How a subscription's worker fares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = ["Health", "HealthObserver", "HealthState", "Vitals"]


class HealthState(Enum):
    """What a worker does."""

    STOPPED = "stopped"
    """It does not run."""

    RUNNING = "running"
    """It receives, or handles as much as it may."""

    PAUSED = "paused"
    """A circuit breaker is open; it looks again after the pause."""

    FAILING = "failing"
    """The backend, or the worker itself, failed, and it tries again with growing pauses; or hung
    calls hold all its threads."""


@dataclass(frozen=True, slots=True)
class Health:
    """A worker's state.

    :ivar since: when it came into this state, by the bus's clock.
    :ivar error: what last brought it to pause or fail, also when that is over.
    :ivar failures: how often in a row it failed; 0 unless it is failing.
    """

    subscription: str
    state: HealthState
    since: float
    error: BaseException | None = None
    failures: int = 0


HealthObserver: TypeAlias = Callable[[Health], None]


class Vitals:
    """Keeps the state of one worker, and tells of each change."""

    def __init__(self, subscription: str, clock: Clock, observer: HealthObserver) -> None:
        self._clock = clock
        self._observer = observer
        self.health = Health(subscription, HealthState.STOPPED, clock.now())

    def ring(self) -> None:
        """Tell that something else changed."""
        self._observer(self.health)

    def become(self, state: HealthState, error: BaseException | None = None) -> None:
        """Enter a state; to fail again keeps its beginning."""
        old = self.health
        if state is old.state and error is None:
            return
        failures = old.failures + 1 if state is HealthState.FAILING else 0
        since = old.since if state is old.state else self._clock.now()
        self.health = replace(
            old, state=state, since=since, error=error or old.error, failures=failures
        )
        self._observer(self.health)
