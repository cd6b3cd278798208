"""An adapter around another one, which lets things go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.errors import AdapterError, EventRouteError, LeaseLostError, OutcomeUnknownError
from eventroute.port import Ack, Archive, Bury, DescribedArchive, Extend, Release
from eventroute.testing.faults.dice import Dice
from eventroute.testing.faults.identity import Identities
from eventroute.testing.faults.leases import Leases
from eventroute.testing.faults.log import FaultLog
from eventroute.testing.faults.plan import FaultKind, Faults
from eventroute.testing.wrapper import AdapterWrapper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.clock import Clock
    from eventroute.port import (
        Adapter,
        AdapterFactory,
        ArchiveState,
        Delivery,
        Outgoing,
        QueueDepth,
        Replay,
        Settlement,
    )

__all__ = ["FaultyAdapter", "with_faults"]

_OVERTAKEN: Final = 0.01
"""Seconds that an event steps aside so that others go first."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to do with a settlement, and what to answer.

    :ivar settlement: what the backend is told; ``None`` is nothing.
    :ivar answer: what the worker is told; ``None`` is what the backend says.
    """

    settlement: Settlement | None
    answer: EventRouteError | None = None


class FaultyAdapter(AdapterWrapper):
    """Keeps every promise of the port, and breaks what the port does not promise.

    :param adapter: the backend.
    :param log: the plan, and where faults are noted.
    :param clock: the same that the backend has.
    """

    def __init__(self, adapter: Adapter, log: FaultLog, clock: Clock) -> None:
        super().__init__(adapter)
        self._clock = clock
        self._dice = Dice(log)
        self._identities = Identities()
        self._leases = Leases()
        self.log = log

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        events = [self._identities.of(one.event.to_json()) for one in messages]
        failed = [self._dice.throw(FaultKind.FAIL_PUBLISH, None, event) for event in events]
        passed = [one for one, fails in zip(messages, failed, strict=True) if not fails]
        answers = iter(await self.adapter.publish(passed, timeout=timeout) if passed else ())
        outcomes: list[EventRouteError | None] = []
        for event, fails in zip(events, failed, strict=True):
            if fails:
                outcome: EventRouteError | None = AdapterError(
                    f"injected fault: the backend did not take the event {event.id}"
                )
            else:
                outcome = next(answers)
                if outcome is None and self._dice.throw(FaultKind.DROP_ANSWER, None, event):
                    outcome = OutcomeUnknownError(
                        f"injected fault: the backend did not answer for the event {event.id}"
                    )
            outcomes.append(outcome)
        return outcomes

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        if self._dice.throw(FaultKind.FAIL_RECEIVE, subscription):
            raise AdapterError(f"injected fault: the queue of {subscription!r} does not answer")
        deadline = self._clock.now() + wait
        while True:
            left = max(0.0, deadline - self._clock.now())
            received = await self.adapter.receive(subscription, limit=limit, wait=left)
            kept = await self._without_late_ones(received)
            if kept or not received:
                return kept

    async def _without_late_ones(self, received: Sequence[Delivery]) -> Sequence[Delivery]:
        put_back = {
            index: Release(delivery, pause, counted=False)
            for index, delivery in enumerate(received)
            if (pause := self._pause(delivery)) is not None
        }
        if put_back:
            answers = await self.adapter.settle(list(put_back.values()))
            for index, error in zip(list(put_back), answers, strict=True):
                if error is not None:
                    del put_back[index]  # then it is delivered as it came
        kept = [one for index, one in enumerate(received) if index not in put_back]
        for delivery in kept:
            self._leases.hold(delivery, delivery.lease_ends)
        return kept

    def _pause(self, delivery: Delivery) -> float | None:
        """Seconds for which a delivery is put back; ``None`` where it is not."""
        event = self._identities.of(delivery.body)
        if self._dice.throw(FaultKind.REORDER, delivery.subscription, event):
            return _OVERTAKEN
        if self._dice.throw(FaultKind.DELAY, delivery.subscription, event):
            longest = self.adapter.capabilities.max_release_delay
            pause = self._dice.seconds(delivery.subscription, event)
            return pause if longest is None else min(pause, longest)
        return None

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        plans = [self._plan(one) for one in settlements]
        passed = [plan.settlement for plan in plans if plan.settlement is not None]
        answers = iter(await self.adapter.settle(passed) if passed else ())
        outcomes: list[EventRouteError | None] = []
        for plan in plans:
            answer = None if plan.settlement is None else next(answers)
            if answer is None and plan.settlement is not None:
                self._note(plan.settlement)
            outcomes.append(plan.answer or answer)
        return outcomes

    def _plan(self, settlement: Settlement) -> _Plan:
        if self._leases.is_abandoned(settlement.delivery):
            return _Plan(None, AdapterError("injected fault: this worker has died"))
        ends_an_attempt = not isinstance(settlement, Extend) and (
            not isinstance(settlement, Release) or settlement.counted
        )
        return self._misfortune(settlement) if ends_an_attempt else _Plan(settlement)

    def _misfortune(self, settlement: Settlement) -> _Plan:
        delivery = settlement.delivery
        name, event = delivery.subscription, self._identities.of(delivery.body)
        if self._dice.throw(FaultKind.CRASH, name, event):
            self._leases.abandon(delivery)
            return _Plan(None, AdapterError("injected fault: the worker died before it settled"))
        if self._dice.throw(FaultKind.EXPIRE_LEASE, name, event):
            lost = LeaseLostError(f"injected fault: a lease in {name!r} has ended")
            return _Plan(Release(delivery), lost)
        if isinstance(settlement, Bury):
            if self._dice.throw(FaultKind.DEAD_LETTER_DOWN, name, event):
                down = f"injected fault: the dead-letter queue of {name!r} is down"
                return _Plan(None, AdapterError(down))
        elif isinstance(settlement, Ack) and self._dice.throw(FaultKind.DUPLICATE, name, event):
            return _Plan(Release(delivery, counted=False))
        return _Plan(settlement)

    def _note(self, settlement: Settlement) -> None:
        if isinstance(settlement, Extend):
            self._leases.hold(settlement.delivery, self._clock.now() + settlement.seconds)
        else:
            self._leases.end(settlement.delivery)

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`."""
        depth = await self.adapter.depth(subscription)
        return self._leases.as_seen(subscription, depth, self._clock.now())


class _FaultyArchive(FaultyAdapter):
    """An adapter that also replays, because the one within does."""

    async def replay(self, replay: Replay) -> int | None:
        """See :class:`eventroute.port.Archive`."""
        assert isinstance(self.adapter, Archive)  # noqa: S101  with_faults has looked
        return await self.adapter.replay(replay)


class _FaultyDescribedArchive(_FaultyArchive):
    """One that also tells what it keeps."""

    async def describe_archive(self) -> ArchiveState:
        """See :class:`eventroute.port.DescribedArchive`."""
        assert isinstance(self.adapter, DescribedArchive)  # noqa: S101  with_faults has looked
        return await self.adapter.describe_archive()


def with_faults(
    factory: AdapterFactory, faults: Faults, *, log: FaultLog | None = None
) -> AdapterFactory:
    """Let a backend have faults.

    :param factory: makes the adapter, such as ``eventroute_memory.create``.
    :param log: where the faults are noted; the adapter's own ``log`` when left out.
    """

    def make(options: Mapping[str, object], clock: Clock) -> Adapter:
        adapter = factory(options, clock)
        kind = _FaultyArchive if isinstance(adapter, Archive) else FaultyAdapter
        if isinstance(adapter, DescribedArchive):
            kind = _FaultyDescribedArchive
        return kind(adapter, log or FaultLog(faults), clock)

    return make
