"""Pauses a subscription while what its handler depends on is down."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from inspect import isclass
from math import inf
from typing import TYPE_CHECKING, Final

from eventroute.delivery.health import HealthState
from eventroute.delivery.outcome import OutcomeKind
from eventroute.delivery.report import logger
from eventroute.delivery.verdict import error_text, given_back
from eventroute.errors import DeclarationError
from eventroute.port import Bury

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute.delivery.health import Vitals
    from eventroute.delivery.verdict import Verdict

__all__ = ["Breaker", "CircuitBreaker"]

_SAY_NOTHING: Final = (OutcomeKind.FILTERED, OutcomeKind.DUPLICATE, OutcomeKind.RELEASED)
"""Outcomes of attempts that came to no handler."""

_TELL_NOTHING: Final = ("undecodable", "contract-violated", "contract-not-found", "too-old")
"""Reasons of dead letters that no handler has seen."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """When a subscription stops receiving, because what its handler depends on is down.

    After ``failures`` attempts in a row have failed so within ``within`` seconds, nothing is
    received for ``pause`` seconds, and then one event, as a probe. While it fails, the pause
    begins anew; when it succeeds, or fails in another way, the subscription goes on. The attempt
    that began the pause, those that fail meanwhile and the probes do not count as attempts, if
    the backend can do that.

    :ivar on: the errors that mean that it is down.
    """

    failures: int = 5
    within: float = 60.0
    pause: float = 30.0
    on: tuple[type[Exception], ...] = (ConnectionError, TimeoutError)

    def __post_init__(self) -> None:
        whole = isinstance(self.failures, int) and not isinstance(self.failures, bool)
        if not whole or self.failures < 1:
            raise DeclarationError(
                f"CircuitBreaker(failures={self.failures!r}): must be a whole number from 1"
            )
        for name in ("within", "pause"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 < value < inf:
                raise DeclarationError(
                    f"CircuitBreaker({name}={value!r}): must be seconds, more than 0"
                )
        if (
            not isinstance(self.on, tuple)
            or not self.on
            or not all(isclass(kind) and issubclass(kind, Exception) for kind in self.on)
        ):
            raise DeclarationError(
                f"CircuitBreaker(on={self.on!r}): must be a tuple of exception classes, "
                "such as (ConnectionError,)"
            )


class Breaker:
    """The state of a circuit breaker.

    :ivar is_closed: whether the subscription works as usual.
    """

    def __init__(
        self, policy: CircuitBreaker, clock: Clock, longest_delay: float | None, vitals: Vitals
    ) -> None:
        self._vitals = vitals
        self._policy = policy
        self._clock = clock
        self._longest_delay = inf if longest_delay is None else longest_delay
        self._failed: deque[float] = deque(maxlen=policy.failures)
        self._until = 0.0
        self.is_closed = True

    def remaining(self) -> float:
        """Seconds until something may be received."""
        return 0.0 if self.is_closed else max(0.0, self._until - self._clock.now())

    def weigh(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        """Learn from one call of a handler; give the verdicts to settle."""
        told = [verdict for verdict in verdicts if _tells(verdict)]
        failed = [verdict for verdict in told if isinstance(verdict.outcome.error, self._policy.on)]
        if not failed:
            if told and self.remaining() == 0:
                self._close()
            return verdicts
        now = self._clock.now()
        if self.is_closed:
            self._failed.append(now)
            first = self._failed[0]
            if len(self._failed) < self._policy.failures or now - first > self._policy.within:
                return verdicts
        if self.remaining() == 0:
            self._open(failed[-1].outcome.error)
        delay = min(self.remaining(), self._longest_delay)
        return [
            given_back(verdict.settlement.delivery, verdict.outcome.error, delay=delay)
            if verdict in failed
            else verdict
            for verdict in verdicts
        ]

    def _open(self, error: BaseException | None) -> None:
        self.is_closed = False
        self._until = self._clock.now() + self._policy.pause
        self._failed.clear()
        name = self._vitals.health.subscription
        logger.warning("%s: paused for %g s: %s", name, self._policy.pause, error_text(error))
        self._vitals.become(HealthState.PAUSED, error)

    def _close(self) -> None:
        self._failed.clear()
        if self.is_closed:
            return
        self.is_closed = True
        logger.info("%s: goes on after its pause", self._vitals.health.subscription)
        self._vitals.become(HealthState.RUNNING)


def _tells(verdict: Verdict) -> bool:
    """Whether an attempt tells something of what its handler depends on."""
    if isinstance(verdict.settlement, Bury) and verdict.settlement.reason in _TELL_NOTHING:
        return False
    return verdict.outcome.kind not in _SAY_NOTHING
