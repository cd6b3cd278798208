"""What becomes of delayed events that were received: published, tried again, or dead-lettered."""

from __future__ import annotations

import asyncio
from logging import getLogger
from typing import TYPE_CHECKING, Final, NamedTuple

from eventroute.envelope import Event
from eventroute.errors import (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    EventError,
    EventRouteError,
    JSONTextError,
    LimitExceededError,
    NameNotFoundError,
    NotOpenError,
    PublishTimeoutError,
)
from eventroute.port import Bury, Delivery, Outgoing
from eventroute_aws.delays.resting import Resting, read_resting
from eventroute_aws.queues import batches
from eventroute_aws.queues.letters import burial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.site import Site
    from eventroute_aws.parts import Sending
    from eventroute_aws.queues.receipts import Lease

__all__ = ["Forwarding", "pause_after"]

logger: Final = getLogger("eventroute.aws")

_TIMEOUT: Final = 20.0
"""Seconds that a publish may take."""

_LONGEST_PAUSE: Final = 60
"""Seconds between tries of an event that is due since a few minutes."""

_SHARE: Final = 0.1
"""Of the time since an event was due, a pause: SQS ends it all after 1,000 receives."""

_LONGEST_LATE_PAUSE: Final = 3_600
_GIVEN_UP: Final = 13 * 86_400
"""Seconds in the queue after which an event is dead-lettered: SQS drops it after fourteen days."""

_CLOSE_TO_DUE: Final = 0.25
"""Seconds that are waited for here: SQS hides a message for whole seconds."""

# What waits for time or people; the same event may be published by another process, or later.
_MENDABLE: Final = (
    AccessDeniedError,
    AdapterError,
    ConfigurationError,
    LimitExceededError,  # a process with a claim_check takes more
    NotOpenError,
    PublishTimeoutError,
)


def pause_after(receives: int, late: float) -> float:
    """Seconds until an event is tried again.

    :param receives: how often it was received.
    :param late: seconds since it was due.
    """
    longest = max(_LONGEST_PAUSE, min(_SHARE * late, _LONGEST_LATE_PAUSE))
    return float(min(2 ** min(receives - 1, 12), longest))


class _Due(NamedTuple):
    lease: Lease
    resting: Resting


class Forwarding:
    """Publishes what is due, and settles it.

    What cannot be published now is tried again with growing pauses, by whichever process gets it;
    what never can goes to the dead-letter queue.
    """

    def __init__(
        self,
        publisher: Sending,
        site: Site,
        clients: Clients,
        clock: Clock,
        claims: Claims | None,
    ) -> None:
        self._publisher = publisher
        self._site = site
        self._clients = clients
        self._clock = clock
        self._claims = claims

    async def release(self, leases: Sequence[Lease]) -> None:
        """Give events back to whoever polls next."""
        await self._hide([(lease, 0) for lease in leases])

    async def forward(self, leases: Sequence[Lease]) -> None:
        """Publish those that are due, and hide the others until they are."""
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
        sent: list[_Due] = []
        messages = await asyncio.gather(*map(self._outgoing, due))
        for one, message in zip(due, messages, strict=True):
            if message is not None:
                outgoing.append(message)
                sent.append(one)
        if not outgoing:
            return
        try:
            outcomes = await self._publisher.publish(outgoing, timeout=_TIMEOUT)
        except EventRouteError as error:
            outcomes = [error] * len(outgoing)
        published = [
            one.lease for one, outcome in zip(sent, outcomes, strict=True) if outcome is None
        ]
        await self._delete(published)
        for one, outcome in zip(sent, outcomes, strict=True):
            if outcome is not None:
                await self._failed(one, outcome)

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
            await self._failed(one, error)
        return None

    async def _failed(self, one: _Due, error: EventRouteError) -> None:
        lease, now = one.lease, self._clock.wall()
        sent = lease.message.sent
        is_last = sent is not None and now - sent >= _GIVEN_UP
        if is_last or not isinstance(error, _MENDABLE):
            await self._bury(
                lease,
                "undecodable" if isinstance(error, EventError | JSONTextError) else "refused",
                error,
            )
            return
        pause = pause_after(lease.message.receives, now - one.resting.due)
        logger.warning("a delayed event is not published, tried again in %g s: %s", pause, error)
        await self._hide([(lease, pause)])

    async def _bury(self, lease: Lease, reason: str, error: EventRouteError) -> None:
        message = lease.message
        delivery = Delivery(
            self._site.name, message.body.encode(errors="surrogatepass"), message.receives, 0, lease
        )
        parcel = burial(Bury(delivery, reason, str(error)), message, fifo=False)
        outcome: EventRouteError | None
        try:
            client = await self._clients.sqs()
            (outcome,) = await batches.send(client, await self._site.dead_url(), [parcel])
        except EventRouteError as failure:  # the others must not wait for this one
            outcome = failure
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
