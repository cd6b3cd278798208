"""Receives from queues, settles, and looks after dead letters."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from eventroute.errors import AdapterError, NotOpenError
from eventroute.port import QueueDepth
from eventroute_aws.failures import translate
from eventroute_aws.queues.dead_letters import DeadLetters
from eventroute_aws.queues.poller import Poller
from eventroute_aws.queues.receipts import Delays, Uncounted
from eventroute_aws.queues.receiving import Receiver
from eventroute_aws.queues.settling import Settling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eventroute.clock import Clock
    from eventroute.errors import EventRouteError
    from eventroute.port import DeadLetter, DeadSettlement, Delivery, Settlement
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Queue
    from eventroute_aws.options import AwsOptions

__all__ = ["Consumer"]

_MARGIN: Final = 1.0
"""Seconds after which a poll is given up that has not even failed when it should."""


class Consumer:
    """The consuming half of an adapter: methods as in :class:`eventroute.port.Adapter`."""

    def __init__(
        self, clients: Clients, options: AwsOptions, clock: Clock, claims: Claims | None
    ) -> None:
        self._clients = clients
        self._options = options
        self._clock = clock
        self._claims = claims
        self._uncounted = Uncounted()
        self._delays = Delays()
        self._settling = Settling(clients, clock, self._uncounted, self._delays)
        self._dead_letters = DeadLetters(clients, options, clock, claims)
        self._receivers: dict[str, Receiver] = {}
        self._pollers: dict[str, Poller] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def use(self, queues: Iterable[Queue]) -> None:
        """Know these queues from now on, besides those that are known."""
        for queue in queues:
            name = queue.subscription
            known = self._receivers.get(name)
            if known is not None and known.queue.url == queue.url:
                known.queue = queue
                continue
            if known is not None:
                self._end_in_background(name)
            receiver = Receiver(queue, self._clients, self._clock, self._uncounted, self._claims)
            self._receivers[name] = receiver
            self._pollers[name] = Poller(
                receiver.ask, receiver.give_back, self._clock, self._options.poll_wait
            )

    async def forget(self, subscriptions: Sequence[str]) -> None:
        """Receive no more from queues that are about to be deleted, and know them no more.

        Their polls end by themselves.
        """
        for name in subscriptions:
            if name in self._pollers:
                self._end_in_background(name)

    async def close(self) -> None:
        """Let the polls under way end, and release what nobody took. Idempotent."""
        for name in list(self._pollers):
            self._end_in_background(name, _closed)
        while self._ending:
            await asyncio.wait(self._ending)
            await asyncio.sleep(0)  # lets callbacks run
        await self._dead_letters.close()

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        poller = self._pollers.get(subscription)
        if poller is None:
            raise _dropped(subscription)
        return await poller.receive(limit, wait)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await self._settling.settle(settlements)

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`.

        SQS counts what was released with a delay as in flight, which is put right for what this
        process released, and what waits behind another event of its message group as ready.
        """
        queue = self._queue(subscription)
        alive, dead = await asyncio.gather(self._counts(queue.url), self._counts(queue.dead_url))
        ready, in_flight, delayed = alive
        released = min(in_flight, self._delays.count(queue.url, self._clock.now()))
        return QueueDepth(ready, delayed + released, in_flight - released, sum(dead))

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        return await self._dead_letters.receive(self._queue(subscription), limit, lease)

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await self._dead_letters.settle(settlements)

    async def _counts(self, url: str) -> tuple[int, int, int]:
        try:
            client = await self._clients.sqs()
            answer = await client.get_queue_attributes(
                QueueUrl=url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )
        except Exception as error:
            raise translate(error, f"counting what {url} holds") from error
        found = answer.get("Attributes", {})
        return (
            int(found.get("ApproximateNumberOfMessages", 0)),
            int(found.get("ApproximateNumberOfMessagesNotVisible", 0)),
            int(found.get("ApproximateNumberOfMessagesDelayed", 0)),
        )

    def _queue(self, subscription: str) -> Queue:
        receiver = self._receivers.get(subscription)
        if receiver is None:
            raise _dropped(subscription)
        return receiver.queue

    def _end_in_background(
        self, name: str, end: Callable[[], EventRouteError] | None = None
    ) -> None:
        del self._receivers[name]
        poller = self._pollers.pop(name)
        options = self._options  # a poll that is cut has leased what nobody will ever see
        patience = options.poll_wait + options.connect_timeout + options.read_timeout + _MARGIN
        task = asyncio.create_task(
            poller.close(end or partial(_dropped, name), patience), name="eventroute poller's end"
        )
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _closed() -> EventRouteError:
    return NotOpenError("the AWS backend was closed")


def _dropped(subscription: str) -> EventRouteError:
    return AdapterError(f"there is no queue for {subscription!r}; it was dropped meanwhile")
