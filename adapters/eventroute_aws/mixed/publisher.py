"""Publishes each event by the service that carries its source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from eventroute.errors import EventRouteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.port import Outgoing
    from eventroute_aws.mixed.transports import Transport, Transports
    from eventroute_aws.parts import Checking

__all__ = ["MixedPublisher"]

Answer: TypeAlias = Awaitable[Sequence[EventRouteError | None]]


class MixedPublisher:
    """The publishing half of the adapter.

    :param publishers: one for each service.
    """

    def __init__(self, transports: Transports, publishers: Mapping[Transport, Checking]) -> None:
        self._transports = transports
        self._publishers = publishers

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :meth:`eventroute.port.Adapter.publish`."""
        return await self._ask_each(
            messages, lambda publisher, part: publisher.publish(part, timeout=timeout)
        )

    async def check(self, messages: Sequence[Outgoing]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute_aws.adapter.Checking`."""
        return await self._ask_each(messages, lambda publisher, part: publisher.check(part))

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        for publisher in self._publishers.values():
            await publisher.close()

    async def _ask_each(
        self, messages: Sequence[Outgoing], ask: Callable[[Checking, Sequence[Outgoing]], Answer]
    ) -> Sequence[EventRouteError | None]:
        """Give each service its part; one outcome a message, in their order."""
        places: dict[Transport, list[int]] = {}
        for place, message in enumerate(messages):
            places.setdefault(self._transports.of(message.event.source), []).append(place)
        if len(places) == 1:  # most calls
            (transport,) = places
            return await ask(self._publishers[transport], messages)
        outcomes: list[EventRouteError | None] = [None] * len(messages)

        async def one(transport: Transport) -> None:
            part = [messages[place] for place in places[transport]]
            told: Sequence[EventRouteError | None]
            try:
                told = await ask(self._publishers[transport], part)
            except EventRouteError as error:  # the other service may have accepted its part
                told = [error] * len(part)
            for place, outcome in zip(places[transport], told, strict=True):
                outcomes[place] = outcome

        async with asyncio.TaskGroup() as group:
            for transport in places:
                group.create_task(one(transport))
        return outcomes
