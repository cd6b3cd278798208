"""Asks SQS for the messages of one queue, and makes deliveries of them."""

from __future__ import annotations

import asyncio
import json
from logging import getLogger
from math import ceil
from time import time
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from eventroute.errors import EventRouteError, NameNotFoundError, OutcomeUnknownError
from eventroute.port import Delivery
from eventroute_aws.failures import translate
from eventroute_aws.limits import LONGEST_HIDING
from eventroute_aws.message_attributes import CLAIM, HEADERS, write_headers
from eventroute_aws.queues import batches
from eventroute_aws.queues.message import Message, read_message, system_attributes
from eventroute_aws.queues.reading import Reading, read
from eventroute_aws.queues.receipts import Lease, Uncounted, begin_of_lease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue

__all__ = ["Receiver", "claimed", "leases_of"]

logger: Final = getLogger("eventroute.aws")

_LATER: Final = 10
"""Seconds until a message comes again whose event could not be fetched."""

_SAME_RECEIVE: Final = 300
"""Seconds in which a FIFO queue answers a repeated receive with the same messages."""


async def leases_of(
    clients: Clients,
    clock: Clock,
    queue: Queue,
    url: str,
    *,
    limit: int,
    wait: int,
    lease: float,
    attempt: str | None = None,
) -> Sequence[Lease]:
    """Lease messages of a queue or of its dead-letter queue.

    :param url: of either.
    :param attempt: names the receive, where the queue is FIFO, so that it can be repeated.
    :raises EventRouteError: as :func:`eventroute_aws.failures.translate` says.
    """
    seconds = min(ceil(lease), LONGEST_HIDING)
    request: dict[str, Any] = {} if attempt is None else {"ReceiveRequestAttemptId": attempt}
    asked = clock.now()
    try:
        client = await clients.polls()
        answer = await client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=limit,
            WaitTimeSeconds=wait,
            VisibilityTimeout=seconds,
            MessageSystemAttributeNames=system_attributes(fifo=queue.fifo),
            MessageAttributeNames=["All"],
            **request,
        )
    except Exception as error:
        raise translate(error, f"receiving from {url}") from error
    ends = begin_of_lease(asked, clock.now(), wait, seconds) + seconds
    return [Lease(queue, read_message(one), asked, ends) for one in answer.get("Messages", ())]


async def claimed(reading: Reading, claims: Claims | None) -> tuple[bytes, str]:
    """The envelope of a message, fetched if it lies elsewhere, and why it is none.

    What has expired becomes a text that names its pointer, and is no event.

    :raises EventRouteError: it could not be fetched now.
    """
    if reading.claim is None:
        return reading.body, reading.unreadable
    missing = json.dumps({CLAIM: reading.claim}).encode()
    if claims is None:
        return missing, (
            f"the detail of this event lies in S3 ({reading.claim[:500]!r}); set the option "
            "claim_check as its publisher has it, and redrive it"
        )
    try:
        return await claims.get(reading.claim), ""
    except NameNotFoundError as error:
        logger.warning("an event is gone: %s", error)
        return missing, f"the detail of this event cannot be had from S3: {error}"


class Receiver:
    """Receives for one subscription.

    :ivar queue: where its messages are.
    """

    def __init__(
        self,
        queue: Queue,
        clients: Clients,
        clock: Clock,
        uncounted: Uncounted,
        claims: Claims | None,
    ) -> None:
        self.queue = queue
        self._clients = clients
        self._clock = clock
        self._uncounted = uncounted
        self._claims = claims
        self._repeat: tuple[str, float] | None = None

    async def ask(
        self, limit: int, seconds: int
    ) -> tuple[Sequence[Delivery], EventRouteError | None]:
        """Receive once; give what may be handled, and what went wrong."""
        queue = self.queue
        attempt = self._attempt()
        try:
            leases = await leases_of(
                self._clients,
                self._clock,
                queue,
                queue.url,
                limit=limit,
                wait=seconds,
                lease=queue.visibility_timeout,
                attempt=attempt,
            )
        except EventRouteError as error:
            if attempt is not None and isinstance(error, OutcomeUnknownError):
                self._repeat = (attempt, self._clock.now())  # it may have leased messages to us
            return (), error
        return await self._deliveries(leases) if leases else ((), None)

    def _attempt(self) -> str | None:
        """Names a receive of a FIFO queue; one whose answer was lost is repeated by its name."""
        if not self.queue.fifo:
            return None
        repeat, self._repeat = self._repeat, None
        span = min(_SAME_RECEIVE, self.queue.visibility_timeout)
        if repeat is not None and self._clock.now() - repeat[1] < span:
            return repeat[0]
        return uuid4().hex

    async def _deliveries(
        self, leases: Sequence[Lease]
    ) -> tuple[Sequence[Delivery], EventRouteError | None]:
        opened = await asyncio.gather(*(self._open(lease) for lease in leases))
        deliveries: list[Delivery] = []
        back: list[tuple[Message, int]] = []
        held_up: set[str | None] = set()
        failure: EventRouteError | None = None
        for lease, one in zip(leases, opened, strict=True):
            message = lease.message
            if isinstance(one, EventRouteError):
                failure = one
                held_up.add(message.group)
                back.append((message, _LATER))
            elif self.queue.fifo and message.group in held_up:
                back.append((message, 0))  # nothing overtakes what comes again
            elif one is not None:
                deliveries.append(one)
        await self._return(back[::-1])
        if failure is not None and deliveries:  # which are more urgent than the error
            logger.warning("%s: an event comes again later: %s", self.queue.subscription, failure)
            failure = None
        return deliveries, failure

    async def _open(self, lease: Lease) -> Delivery | EventRouteError | None:
        """Make the delivery; ``None`` where the message was replaced by others."""
        message = lease.message
        reading = read(message)
        try:
            if reading.parts:
                return await self._replace(message, reading)
            body, unreadable = await claimed(reading, self._claims)
        except EventRouteError as error:
            return error
        return Delivery(
            self.queue.subscription,
            body,
            self._uncounted.attempt(message),
            lease.ends,
            lease,
            reading.headers,
            0.0 if message.sent is None else max(0.0, time() - message.sent),
            unreadable,
        )

    async def _replace(self, message: Message, reading: Reading) -> EventRouteError | None:
        """Send a message with one event for each that this one tells of, and delete it."""
        attributes = {name: value for name, value in message.attributes.items() if name == HEADERS}
        if reading.headers:
            text = write_headers(reading.headers)
            attributes[HEADERS] = {"DataType": "String", "StringValue": text}
        parcels = [
            batches.Parcel(
                part,
                attributes,
                message.group,
                f"{message.id}-{number}" if self.queue.fifo else None,
            )
            for number, part in enumerate(reading.parts)
        ]
        client = await self._clients.sqs()
        for outcome in await batches.send(client, self.queue.url, parcels):
            if outcome is not None:
                return outcome
        (deleted,) = await batches.delete(client, self.queue.url, [message])
        return deleted

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Release what nobody took, uncounted, in this order."""
        messages: list[tuple[Message, int]] = []
        for delivery in deliveries:
            lease = delivery.receipt
            if isinstance(lease, Lease) and not lease.is_over and self._clock.now() < lease.ends:
                lease.is_over = True
                messages.append((lease.message, 0))
        await self._return(messages)

    async def _return(self, messages: Sequence[tuple[Message, int]]) -> None:
        if not messages:
            return
        try:
            client = await self._clients.sqs()
            outcomes = await batches.hide(client, self.queue.url, messages)
        except EventRouteError as error:
            outcomes = [error] * len(messages)
        for (message, _), outcome in zip(messages, outcomes, strict=True):
            if outcome is None:
                self._uncounted.add(message.id)
            else:  # it comes back when its lease ends
                logger.debug("%s: not released: %s", self.queue.subscription, outcome)
