"""Receives delayed events when they are due, and publishes them."""

from __future__ import annotations

import asyncio
from contextvars import Context
from logging import getLogger
from typing import TYPE_CHECKING, Final, NamedTuple

import anyio

from eventroute.envelope import Event
from eventroute.errors import (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    EventError,
    EventRouteError,
    JSONTextError,
    NameNotFoundError,
    NotOpenError,
    PublishTimeoutError,
)
from eventroute.port import Bury, Delivery, Outgoing
from eventroute_aws.delays.resting import Resting, read_resting
from eventroute_aws.layout import Queue
from eventroute_aws.limits import BATCH
from eventroute_aws.queues import batches
from eventroute_aws.queues.letters import burial
from eventroute_aws.queues.receiving import leases_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute_aws.adapter import Sending
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.site import Site
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.queues.receipts import Lease

__all__ = ["Forwarder"]

logger: Final = getLogger("eventroute.aws")

_LEASE: Final = 60.0
"""Seconds after which another forwarder takes over what this one has not settled."""

_TIMEOUT: Final = 20.0
"""Seconds that a publish may take."""

_AT_ONCE: Final = 4
_LONGEST_PAUSE: Final = 60
"""Seconds between tries, of a poll or of an event."""

_CLOSE_TO_DUE: Final = 0.25
"""Seconds that are waited for here: SQS hides a message for whole seconds."""

_IDLE: Final = 0.5
"""Seconds between polls of an endpoint that does not wait for messages."""

_PATIENCE: Final = 3.0
"""Seconds beyond its wait that a poll may take to end when everything stops."""

# What waits for time or people; the same event may be published by another process, or later.
_MENDABLE: Final = (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    NotOpenError,
    PublishTimeoutError,
)


class _Due(NamedTuple):
    lease: Lease
    resting: Resting


class Forwarder:
    """Publishes what is due: at least once, and deletes it afterwards.

    What cannot be published now is tried again with growing pauses, by whichever process gets it;
    what never can goes to the dead-letter queue.

    :param lease: seconds that an event is hidden from the forwarders of other processes.
    """

    def __init__(  # noqa: PLR0917  its collaborators, each once
        self,
        publisher: Sending,
        site: Site,
        clients: Clients,
        options: AwsOptions,
        clock: Clock,
        claims: Claims | None,
        *,
        lease: float = _LEASE,
    ) -> None:
        self._publisher = publisher
        self._site = site
        self._clients = clients
        self._clock = clock
        self._claims = claims
        self._wait = options.poll_wait
        self._lease = lease
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def start(self) -> None:
        """Begin. Idempotent, until :meth:`close`."""
        if self._task is None and not self._closing.is_set():
            # In a context of its own: that of the first receive is not that of the others.
            self._task = asyncio.create_task(
                self.run(), name="eventroute forwarder", context=Context()
            )

    async def close(self) -> None:
        """Let the poll under way end, and what is being published. Idempotent."""
        self._closing.set()
        task = self._task
        if task is None:
            return
        _, late = await asyncio.wait({task}, timeout=self._wait + _PATIENCE)
        if late:
            logger.warning("the forwarder does not end; what it has leased comes back by itself")
            task.cancel()
            await asyncio.wait(late, timeout=1)

    async def run(self) -> None:
        """Publish what is due until :meth:`close`, or until it is cancelled."""
        slots = anyio.Semaphore(_AT_ONCE)
        pause = 0.0

        async def work(leases: Sequence[Lease]) -> None:
            try:
                await self._forward(leases)
            except Exception:  # it must not end the others
                logger.exception("delayed events were not published; they come again")
            finally:
                slots.release()

        async with anyio.create_task_group() as group:
            while not self._closing.is_set():
                await slots.acquire()
                if self._closing.is_set():
                    break
                leases: Sequence[Lease] = ()
                began = self._clock.now()
                try:
                    leases = await self._poll()
                except EventRouteError as error:
                    pause = min(max(1.0, 2 * pause), _LONGEST_PAUSE)
                    logger.warning(
                        "delayed events cannot be received, tried again in %g s: %s", pause, error
                    )
                    slots.release()
                    await self._rest(pause)
                    continue
                if pause:
                    logger.info("delayed events can be received again")
                    pause = 0.0
                if leases:
                    group.start_soon(work, leases)
                    continue
                slots.release()
                if self._clock.now() - began < self._wait / 2 or not self._wait:
                    await self._rest(_IDLE)

    async def _rest(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._closing.wait()

    async def _poll(self) -> Sequence[Lease]:
        url = await self._site.url()
        queue = Queue(self._site.name, url, "", self._lease)
        leases = await leases_of(
            self._clients,
            self._clock,
            queue,
            url,
            limit=BATCH,
            wait=self._wait,
            lease=self._lease,
        )
        if leases and self._closing.is_set():
            await self._hide([(lease, 0) for lease in leases])
            return ()
        return leases

    async def _forward(self, leases: Sequence[Lease]) -> None:
        now = self._clock.wall()
        due: list[_Due] = []
        early: list[tuple[Lease, float]] = []
        for lease in leases:
            try:
                resting = read_resting(lease.message.body)
            except EventError as error:
                await self._bury(lease, "undecodable", error)
                continue
            if resting.due - now > _CLOSE_TO_DUE:
                early.append((lease, resting.due - now))
            else:
                due.append(_Due(lease, resting))
        await self._hide(early)
        if not due:
            return
        due.sort(key=lambda one: one.resting.due)
        await self._clock.sleep(max(0.0, due[-1].resting.due - self._clock.wall()))
        outgoing: list[Outgoing] = []
        sent: list[Lease] = []
        for one in due:
            message = await self._outgoing(one)
            if message is not None:
                outgoing.append(message)
                sent.append(one.lease)
        if not outgoing:
            return
        try:
            outcomes = await self._publisher.publish(outgoing, timeout=_TIMEOUT)
        except EventRouteError as error:
            outcomes = [error] * len(outgoing)
        published = [
            lease for lease, outcome in zip(sent, outcomes, strict=True) if outcome is None
        ]
        await self._delete(published)
        for lease, outcome in zip(sent, outcomes, strict=True):
            if outcome is not None:
                await self._failed(lease, outcome)

    async def _outgoing(self, one: _Due) -> Outgoing | None:
        """What is to be published; ``None`` where it was settled otherwise."""
        body, claim = one.resting.body, one.resting.claim
        try:
            if claim is not None:
                if self._claims is None:
                    raise ConfigurationError(
                        f"the event lies at {claim!r}, and this process has no claim_check"
                    )
                body = await self._claims.get(claim)
            return Outgoing(Event.from_trusted_json(body), one.resting.headers)
        except NameNotFoundError as error:
            await self._bury(one.lease, "claim-expired", error)
        except EventRouteError as error:
            await self._failed(one.lease, error)
        return None

    async def _failed(self, lease: Lease, error: EventRouteError) -> None:
        if not isinstance(error, _MENDABLE):
            await self._bury(
                lease,
                "undecodable" if isinstance(error, EventError | JSONTextError) else "refused",
                error,
            )
            return
        pause = min(2 ** min(lease.message.receives - 1, 10), _LONGEST_PAUSE)
        logger.warning("a delayed event is not published, tried again in %g s: %s", pause, error)
        await self._hide([(lease, pause)])

    async def _bury(self, lease: Lease, reason: str, error: EventRouteError) -> None:
        message = lease.message
        delivery = Delivery(
            self._site.name, message.body.encode(errors="surrogatepass"), message.receives, 0, lease
        )
        parcel = burial(Bury(delivery, reason, str(error)), message, fifo=False)
        client = await self._clients.sqs()
        (outcome,) = await batches.send(client, await self._site.dead_url(), [parcel])
        if outcome is not None:
            logger.warning("a delayed event is not dead-lettered, tried again: %s", outcome)
            return
        logger.error(
            "a delayed event can never be published (%s: %s); it lies in the queue %s",
            reason,
            error,
            self._site.dead_name,
        )
        await self._delete([lease])

    async def _delete(self, leases: Sequence[Lease]) -> None:
        client = await self._clients.sqs()
        url = await self._site.url()
        outcomes = await batches.delete(client, url, [lease.message for lease in leases])
        for outcome in outcomes:
            if outcome is not None:
                logger.warning("a delayed event may be published once more: %s", outcome)

    async def _hide(self, leases: Sequence[tuple[Lease, float]]) -> None:
        client = await self._clients.sqs()
        now = self._clock.now()
        hidden = [(lease.message, lease.hidden_for(seconds, now)) for lease, seconds in leases]
        for outcome in await batches.hide(client, await self._site.url(), hidden):
            if outcome is not None:  # it comes when its lease ends
                logger.debug("a delayed event is not hidden: %s", outcome)
