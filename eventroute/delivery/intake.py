"""Receives for a worker: only what may be handled now."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from eventroute.delivery.health import HealthState
from eventroute.delivery.lanes import Lanes
from eventroute.delivery.rate import TokenBucket
from eventroute.delivery.report import logger
from eventroute.delivery.settling import pause_after
from eventroute.delivery.verdict import error_text
from eventroute.errors import AdapterError, EventRouteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import anyio

    from eventroute.clock import Clock
    from eventroute.delivery.breaker import Breaker
    from eventroute.delivery.health import Vitals
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.delivery.verdict import Verdict
    from eventroute.port import Adapter, Delivery

__all__ = ["Intake"]

LONG_POLL: Final = 20.0
"""Seconds that one call of ``receive`` waits for an event: the most that SQS allows."""

_PASSING: Final = 3
"""Failures in a row that are no news yet, where the backend says that a later call may succeed."""


class Intake:
    """What a worker has received and not begun.

    :ivar ready: what may be begun now.
    :ivar lanes: what waits behind an earlier event of its key; ``None`` where the order is open.
    :ivar is_receiving: whether the backend is asked right now.
    :ivar resumes: when it goes on by itself, by the clock, while it waits for time to pass.
    """

    def __init__(
        self,
        subscriber: Subscriber,
        adapter: Adapter,
        clock: Clock,
        vitals: Vitals,
        breaker: Breaker | None,
    ) -> None:
        subscription = subscriber.subscription
        self._name = subscription.name
        self._adapter = adapter
        self._size = adapter.capabilities.batch_size
        self._clock = clock
        self._vitals = vitals
        self._breaker = breaker
        self._tokens = None if subscriber.rate is None else TokenBucket(subscriber.rate, clock)
        self._wait = 0.0 if subscriber.batch is None else subscriber.batch.wait
        self._scope: anyio.CancelScope | None = None
        self._failures = 0
        self._is_traced = False
        # Only a policy with a limit of age asks how long something waited here.
        self._moments: dict[int, float] | None = None if subscriber.retry.max_age is None else {}
        self.ready: deque[Delivery] = deque()
        self.lanes = None if subscription.ordered_by is None else Lanes(subscription)
        self.is_stopped = False
        self.is_receiving = False
        self.resumes: float | None = None

    def stop(self) -> None:
        """Receive no more. Idempotent."""
        self.is_stopped = True
        if self._scope is not None:
            self._scope.cancel()

    def held(self) -> Iterator[Delivery]:
        """Everything received and not begun."""
        yield from self.ready
        if self.lanes is not None:
            yield from self.lanes

    def abandon(self) -> list[Delivery]:
        """Forget everything received and not begun; the last one comes first."""
        abandoned: list[Delivery] = []
        for delivery in self.ready:
            abandoned.append(delivery)
            if self.lanes is not None:
                abandoned += reversed(self.lanes.break_off(delivery))
        self.ready.clear()
        abandoned.reverse()
        return [*self.lanes.clear(), *abandoned] if self.lanes is not None else abandoned

    def waited(self, delivery: Delivery) -> float:
        """Seconds since a delivery was received; 0 where nobody needs to know."""
        if self._moments is None:
            return 0.0
        return self._clock.now() - self._moments.get(id(delivery), self._clock.now())

    def forget(self, verdicts: Iterable[Verdict]) -> None:
        """Attempts have ended."""
        if self._moments is not None:
            for verdict in verdicts:
                self._moments.pop(id(verdict.settlement.delivery), None)

    async def fill(self, limit: int, scope: anyio.CancelScope) -> None:
        """Receive up to ``limit`` deliveries; return when one may be begun.

        For a batch handler, others are waited for, for a while.

        :param scope: the caller's, which is cancelled if it is stopped meanwhile.
        """
        limit += self._waiting()
        self._scope = scope
        try:
            while not self.ready and not self.is_stopped:
                missing = limit - self._waiting()
                if missing <= 0:
                    return  # all of it waits behind what is handled now
                limit_now = await self._allowance(missing)
                if limit_now:
                    await self._receive(limit_now, LONG_POLL)
            if self._wait:
                await self._gather(limit)
        finally:
            self._scope = None

    async def _gather(self, limit: int) -> None:
        until = self._clock.now() + self._wait
        while (
            len(self.ready) + self._waiting() < limit and not self.is_stopped and self._is_closed()
        ):
            remaining = until - self._clock.now()
            if remaining <= 0:
                return
            self._pauses_until(until)
            try:
                missing = limit - len(self.ready) - self._waiting()
                if self._tokens is not None:
                    missing = min(missing, self._tokens.available())
                    if not missing:
                        await self._clock.sleep(min(remaining, self._tokens.wait()))
                        continue
                await self._receive(min(missing, self._size), min(remaining, LONG_POLL))
            finally:
                self.resumes = None

    def _waiting(self) -> int:
        return 0 if self.lanes is None else len(self.lanes)

    def _is_closed(self) -> bool:
        return self._breaker is None or self._breaker.is_closed

    async def _allowance(self, limit: int) -> int:
        """How many events may be received now; 0 after a pause, to be asked again."""
        if self._breaker is not None and not self._breaker.is_closed:
            pause = self._breaker.remaining()
            if pause:
                await self._sleep(pause)
                return 0
            limit = 1  # the probe
        if self._tokens is not None:
            limit = min(limit, self._tokens.available())
            if not limit:
                await self._sleep(self._tokens.wait())
        return min(limit, self._size)

    async def _receive(self, limit: int, wait: float) -> None:
        self.is_receiving = True
        try:
            received = await self._adapter.receive(self._name, limit=limit, wait=wait)
        except Exception as error:
            pause = pause_after(self._failures)
            self._failures += 1
            text = f"{self._name}: receive failed; again in {pause:.0f} s"
            if isinstance(error, AdapterError) and self._failures <= _PASSING:
                logger.warning("%s: %s", text, error_text(error))
            elif isinstance(error, EventRouteError) and self._is_traced:
                logger.error("%s: %s", text, error_text(error))
            else:
                self._is_traced = True
                logger.exception("%s", text)
            self._vitals.become(HealthState.FAILING, error)
            self.is_receiving = False
            await self._sleep(pause)
            return
        finally:
            self.is_receiving = False
        if self._failures:
            self._failures, self._is_traced = 0, False
            logger.info("%s: receives again", self._name)
            self._vitals.become(HealthState.RUNNING if self._is_closed() else HealthState.PAUSED)
        if self._tokens is not None:
            self._tokens.take(len(received))
        if self._moments is not None:
            now = self._clock.now()
            self._moments.update((id(delivery), now) for delivery in received)
        if self.lanes is None:
            self.ready.extend(received)
        else:
            self.ready.extend(self.lanes.admit(received))

    async def _sleep(self, seconds: float) -> None:
        self._pauses_until(self._clock.now() + seconds)
        try:
            await self._clock.sleep(seconds)
        finally:
            self.resumes = None

    def _pauses_until(self, moment: float) -> None:
        self.resumes = moment
        self._vitals.ring()  # a test's clock may want to move on
