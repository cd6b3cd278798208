"""The dead-letter queues."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eventroute.errors import EventRouteError, LeaseLostError
from eventroute.port import DeadLetter, Keep, Redrive
from eventroute_aws.queues import batches
from eventroute_aws.queues.letters import death_of, revival
from eventroute_aws.queues.reading import read
from eventroute_aws.queues.receipts import live_lease
from eventroute_aws.queues.receiving import claimed, leases_of
from eventroute_aws.queues.settling import Job, in_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_aiobotocore_sqs import SQSClient

    from eventroute.clock import Clock
    from eventroute.port import DeadSettlement
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.queues.batches import Outcome
    from eventroute_aws.queues.receipts import Lease

__all__ = ["DeadLetters"]


class DeadLetters:
    """Leases and settles the dead letters of all subscriptions."""

    def __init__(
        self, clients: Clients, options: AwsOptions, clock: Clock, claims: Claims | None
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._claims = claims
        self._receives = options.max_receive_count
        # Only a poll that waits asks every server that holds a part of the queue.
        self._wait = min(1, options.poll_wait)
        self._tasks: set[asyncio.Task[Sequence[DeadLetter]]] = set()

    async def receive(self, queue: Queue, limit: int, lease: float) -> Sequence[DeadLetter]:
        """See :meth:`eventroute.port.Adapter.receive_dead`.

        What a cancelled call had leased is shown again.
        """
        task = asyncio.create_task(self._receive(queue, min(limit, 10), lease))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._show_again)
            raise

    async def close(self) -> None:
        """Let what is under way end. Idempotent."""
        while self._tasks:
            await asyncio.wait(self._tasks)
            await asyncio.sleep(0)  # callbacks may add what follows

    async def _receive(self, queue: Queue, limit: int, lease: float) -> Sequence[DeadLetter]:
        leases = await leases_of(
            self._clients,
            self._clock,
            queue,
            queue.dead_url,
            limit=limit,
            wait=self._wait,
            lease=lease,
        )
        return await asyncio.gather(*(self._letter(queue, one) for one in leases))

    async def _letter(self, queue: Queue, lease: Lease) -> DeadLetter:
        message = lease.message
        reading = read(message)
        try:
            body, _ = await claimed(reading, self._claims)
        except EventRouteError:
            body = reading.body  # whoever looks at letters sees at least what there is
        death = death_of(message, self._receives)
        return DeadLetter(
            queue.subscription,
            body,
            death.reason,
            death.error,
            death.attempts,
            message.id,
            death.traceback,
            reading.headers,
            death.died,
            lease,
        )

    def _show_again(self, task: asyncio.Task[Sequence[DeadLetter]]) -> None:
        letters = () if task.cancelled() or task.exception() is not None else task.result()
        if letters:
            showing = asyncio.create_task(self._keep(letters))
            self._tasks.add(showing)
            showing.add_done_callback(self._tasks.discard)

    async def _keep(self, letters: Sequence[DeadLetter]) -> Sequence[DeadLetter]:
        await self.settle([Keep(letter) for letter in letters])
        return ()

    async def settle(self, settlements: Sequence[DeadSettlement]) -> Sequence[Outcome]:
        """See :meth:`eventroute.port.Adapter.settle_dead`."""
        outcomes: list[Outcome | Job[DeadSettlement]] = []
        jobs: list[Job[DeadSettlement]] = []
        for settlement in settlements:
            letter = settlement.letter
            what = f"dead letter {letter.id} of {letter.subscription!r}"
            try:
                lease = live_lease(letter.receipt, what, self._clock.now())
            except LeaseLostError:
                outcomes.append(
                    LeaseLostError(
                        f"{what} is no longer held by this call; list the dead letters again"
                    )
                )
                continue
            jobs.append(Job(settlement, lease))
            outcomes.append(jobs[-1])
        if jobs:
            await in_groups(await self._clients.sqs(), jobs, self._work, type)
        return [one.outcome if isinstance(one, Job) else one for one in outcomes]

    async def _work(self, client: SQSClient, kind: type, jobs: list[Job[DeadSettlement]]) -> None:
        queue = jobs[0].lease.queue
        if kind is Keep:
            messages = [(job.lease.message, 0) for job in jobs]
            outcomes = await batches.hide(client, queue.dead_url, messages)
            for job, outcome in zip(jobs, outcomes, strict=True):
                job.outcome = outcome
            return
        if kind is Redrive:
            unsent = [job for job in jobs if not job.lease.was_sent]
            parcels = [revival(job.lease.message, fifo=queue.fifo) for job in unsent]
            for job, outcome in zip(
                unsent, await batches.send(client, queue.url, parcels), strict=True
            ):
                job.outcome = outcome
                job.lease.was_sent = outcome is None
        sent = [job for job in jobs if job.outcome is None]
        outcomes = await batches.delete(client, queue.dead_url, [job.lease.message for job in sent])
        for job, outcome in zip(sent, outcomes, strict=True):
            job.outcome = outcome
