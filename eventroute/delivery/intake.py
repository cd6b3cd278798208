"""Receives for a worker: only what may be handled now."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.delivery.health import HealthState
from eventroute.delivery.lanes import Lanes
from eventroute.delivery.report import logger
from eventroute.delivery.settling import LONGEST_PAUSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.clock import Clock
    from eventroute.delivery.health import Vitals
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.port import Adapter, Delivery

__all__ = ["Intake"]

LONG_POLL: Final = 20.0
"""Seconds that one call of ``receive`` waits for an event: the most that SQS allows."""


class Intake:
    """What a worker has received and not begun.

    :ivar ready: what may be begun now.
    :ivar lanes: what waits behind an earlier event of its key; ``None`` where the order is open.
    :ivar resumes: when it goes on by itself, by the clock, while it waits for time to pass.
    """

    def __init__(
        self, subscriber: Subscriber, adapter: Adapter, clock: Clock, vitals: Vitals
    ) -> None:
        subscription = subscriber.subscription
        self._name = subscription.name
        self._adapter = adapter
        self._size = adapter.capabilities.batch_size
        self._clock = clock
        self._vitals = vitals
        self._scope = anyio.CancelScope()
        self._failures = 0
        self.ready: deque[Delivery] = deque()
        self.lanes = None if subscription.ordered_by is None else Lanes(subscription)
        self.is_stopped = False
        self.resumes: float | None = None

    def stop(self) -> None:
        """Receive no more. Idempotent."""
        self.is_stopped = True
        self._scope.cancel()

    def held(self) -> Iterator[Delivery]:
        """Everything received and not begun."""
        yield from self.ready
        if self.lanes is not None:
            yield from self.lanes

    async def fill(self, limit: int) -> None:
        """Receive up to ``limit`` deliveries; return when there is one, or when stopped."""
        with anyio.CancelScope() as self._scope:
            while not self.ready and not self.is_stopped:
                await self._receive(min(limit, self._size))

    async def _receive(self, limit: int) -> None:
        try:
            received = await self._adapter.receive(self._name, limit=limit, wait=LONG_POLL)
        except Exception as error:
            pause = min(LONGEST_PAUSE, 2.0**self._failures)
            self._failures += 1
            logger.exception("%s: receive failed; again in %.0f s", self._name, pause)
            self._vitals.become(HealthState.FAILING, error)
            await self._sleep(pause)
            return
        if self._failures:
            self._failures = 0
            logger.info("%s: receives again", self._name)
            self._vitals.become(HealthState.RUNNING)
        if self.lanes is None:
            self.ready.extend(received)
        else:
            self.ready.extend(self.lanes.admit(received))

    async def _sleep(self, seconds: float) -> None:
        self.resumes = self._clock.now() + seconds
        try:
            await self._clock.sleep(seconds)
        finally:
            self.resumes = None
