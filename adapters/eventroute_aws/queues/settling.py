"""Tells SQS what became of deliveries, with one request for each queue and kind."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import anyio

from eventroute.errors import LeaseLostError, LimitExceededError
from eventroute.port import Ack, Bury, Extend, Release
from eventroute_aws.queues import batches
from eventroute_aws.queues.letters import burial
from eventroute_aws.queues.receipts import Delays, Lease, Uncounted, live_lease
from eventroute_aws.queues.room import Rooms

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from types_aiobotocore_sqs import SQSClient

    from eventroute.clock import Clock
    from eventroute.port import Settlement
    from eventroute_aws.clients import Clients
    from eventroute_aws.queues.batches import Outcome

__all__ = ["Job", "Settling", "in_groups"]

SettlementT = TypeVar("SettlementT")

logger: Final = getLogger("eventroute.aws")


class Job(Generic[SettlementT]):
    """One settlement, the lease that it settles, and what became of it.

    :ivar ends: whether the lease is over afterwards.
    """

    __slots__ = ("ends", "lease", "outcome", "settlement")

    def __init__(self, settlement: SettlementT, lease: Lease, *, ends: bool = True) -> None:
        self.settlement = settlement
        self.lease = lease
        self.ends = ends
        self.outcome: Outcome = None
        if ends:
            lease.is_over = True

    def undo(self) -> None:
        """It did not take effect, and may be repeated."""
        if self.ends:
            self.lease.is_over = False


async def in_groups(
    client: SQSClient,
    jobs: Sequence[Job[SettlementT]],
    work: Callable[[SQSClient, type, list[Job[SettlementT]]], Coroutine[Any, Any, None]],
    kind_of: Callable[[SettlementT], type],
) -> None:
    """Do what has the same kind and queue together, and the groups at the same time.

    A lease whose settlement failed stays live, unless it was lost.
    """
    groups: defaultdict[tuple[type, str], list[Job[SettlementT]]] = defaultdict(list)
    for job in jobs:
        groups[kind_of(job.settlement), job.lease.queue.url].append(job)
    finished = False
    try:
        async with anyio.create_task_group() as tasks:
            for (kind, _), group in groups.items():
                tasks.start_soon(work, client, kind, group)
        finished = True
    finally:
        for job in jobs:
            if not finished or not (job.outcome is None or isinstance(job.outcome, LeaseLostError)):
                job.undo()


class Settling:
    """Settles the deliveries of all subscriptions."""

    def __init__(
        self, clients: Clients, clock: Clock, uncounted: Uncounted, delays: Delays
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._uncounted = uncounted
        self._delays = delays
        self._rooms = Rooms()

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Outcome]:
        """See :meth:`eventroute.port.Adapter.settle`."""
        client = await self._clients.sqs()
        outcomes: list[Outcome | Job[Settlement]] = []
        jobs: list[Job[Settlement]] = []
        for settlement in settlements:
            delivery = settlement.delivery
            what = f"attempt {delivery.attempt} in {delivery.subscription!r}"
            try:
                lease = live_lease(delivery.receipt, what, self._clock.now())
            except LeaseLostError as error:
                outcomes.append(error)
                continue
            jobs.append(Job(settlement, lease, ends=not isinstance(settlement, Extend)))
            outcomes.append(jobs[-1])
        if jobs:
            await in_groups(client, jobs, self._work, _kind_of)
        return [one.outcome if isinstance(one, Job) else one for one in outcomes]

    async def _work(self, client: SQSClient, kind: type, jobs: list[Job[Settlement]]) -> None:
        if kind is Ack:
            await self._delete(client, jobs)
        elif kind is Bury:
            await self._bury(client, jobs)
        else:
            await self._hide(client, jobs)

    async def _delete(self, client: SQSClient, jobs: Sequence[Job[Settlement]]) -> None:
        url = jobs[0].lease.queue.url
        outcomes = await batches.delete(client, url, [job.lease.message for job in jobs])
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.outcome = outcome
            if outcome is None:
                self._uncounted.forget(job.lease.message.id)

    async def _bury(self, client: SQSClient, jobs: Sequence[Job[Settlement]]) -> None:
        queue = jobs[0].lease.queue
        unsent: list[Job[Settlement]] = []
        parcels: list[batches.Parcel] = []
        room = await self._rooms.of(client, queue.dead_url)
        for job in jobs:
            if job.lease.was_sent or not isinstance(job.settlement, Bury):
                continue
            parcel = burial(job.settlement, job.lease.message, fifo=queue.fifo, room=room)
            if parcel.size > room:
                job.outcome = LimitExceededError(
                    f"a message of {parcel.size:,} bytes does not fit into {queue.dead_url}, which "
                    f"takes {room:,}; raise its MaximumMessageSize"
                )
                continue
            unsent.append(job)
            parcels.append(parcel)
        outcomes = await batches.send(client, queue.dead_url, parcels)
        for job, outcome in zip(unsent, outcomes, strict=True):
            job.outcome = outcome
            job.lease.was_sent = outcome is None
        sent = [job for job in jobs if job.outcome is None]
        if sent:
            await self._delete(client, sent)

    async def _hide(self, client: SQSClient, jobs: list[Job[Settlement]]) -> None:
        await _let_extensions_end(jobs)
        now, url = self._clock.now(), jobs[0].lease.queue.url
        hidden = [(job, seconds) for job in jobs if (seconds := _seconds(job, now)) is not None]
        if jobs[0].lease.queue.fifo:
            hidden = _together(hidden)
        done = asyncio.get_running_loop().create_future()
        for job, _ in hidden:
            if isinstance(job.settlement, Extend):
                job.lease.extension = done
        try:
            messages = [(job.lease.message, seconds) for job, seconds in hidden]
            outcomes = await batches.hide(client, url, messages)
        finally:
            done.set_result(None)
            for job, _ in hidden:
                if job.lease.extension is done:
                    job.lease.extension = None
        for (job, seconds), outcome in zip(hidden, outcomes, strict=True):
            job.outcome = outcome
            if outcome is None:
                self._was_hidden(job, seconds, now)

    def _was_hidden(self, job: Job[Settlement], seconds: int, now: float) -> None:
        lease = job.lease
        if not isinstance(job.settlement, Release):
            lease.ends = now + seconds
            return
        if seconds:
            self._delays.add(lease.queue.url, now + seconds, now)
        if not job.settlement.counted:
            self._uncounted.add(lease.message.id)


async def _let_extensions_end(jobs: Sequence[Job[Settlement]]) -> None:
    """An extension that overtook a release would undo it."""
    extensions = [
        job.lease.extension
        for job in jobs
        if job.lease.extension is not None and isinstance(job.settlement, Release)
    ]
    if extensions:
        await asyncio.wait(extensions)


def _seconds(job: Job[Settlement], now: float) -> int | None:
    """How long a release or an extension hides its message; ``None`` where it cannot."""
    settlement = job.settlement
    if isinstance(settlement, Release):
        seconds = job.lease.hidden_for(settlement.delay, now)
        if seconds < settlement.delay:
            logger.warning(
                "%s: an event comes again after %d s instead of %.0f s: SQS hides none for longer "
                "than 12 hours from its receive on, the time in its handler included",
                settlement.delivery.subscription,
                seconds,
                settlement.delay,
            )
        return seconds
    asked = settlement.seconds if isinstance(settlement, Extend) else 0.0
    seconds = job.lease.hidden_for(asked, now)
    if asked > 0 and not seconds:
        job.outcome = LeaseLostError("SQS ends each lease after 12 hours; this one ends now")
        return None
    return seconds


def _together(hidden: list[tuple[Job[Settlement], int]]) -> list[tuple[Job[Settlement], int]]:
    """Let what is released of one message group come back at the same time.

    SQS holds a group back while one of its messages is hidden; not every endpoint does.
    """
    longest: defaultdict[str | None, int] = defaultdict(int)
    for job, seconds in hidden:
        if isinstance(job.settlement, Release):
            group = job.lease.message.group
            longest[group] = max(longest[group], seconds)
    return [
        (job, longest[job.lease.message.group] if isinstance(job.settlement, Release) else seconds)
        for job, seconds in hidden
    ]


def _kind_of(settlement: Settlement) -> type:
    return Extend if isinstance(settlement, Release) else type(settlement)
