"""Publishes each event by the service that carries its source."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eventroute.errors import EventRouteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.port import Outgoing
    from eventroute_aws.adapter import Sending
    from eventroute_aws.mixed.transports import Transport, Transports

__all__ = ["MixedPublisher"]


class MixedPublisher:
    """The publishing half of the adapter.

    :param publishers: one for each service.
    """

    def __init__(self, transports: Transports, publishers: Mapping[Transport, Sending]) -> None:
        self._transports = transports
        self._publishers = publishers

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :meth:`eventroute.port.Adapter.publish`."""
        places: dict[Transport, list[int]] = {}
        for place, message in enumerate(messages):
            places.setdefault(self._transports.of(message.event.source), []).append(place)
        if len(places) == 1:  # most calls
            (transport,) = places
            return await self._publishers[transport].publish(messages, timeout=timeout)
        outcomes: list[EventRouteError | None] = [None] * len(messages)

        async def publish(transport: Transport) -> None:
            its_places = places[transport]
            its_messages = [messages[place] for place in its_places]
            told: Sequence[EventRouteError | None]
            try:
                told = await self._publishers[transport].publish(its_messages, timeout=timeout)
            except EventRouteError as error:  # the other service may have accepted its part
                told = [error] * len(its_messages)
            for place, outcome in zip(its_places, told, strict=True):
                outcomes[place] = outcome

        async with asyncio.TaskGroup() as group:
            for transport in places:
                group.create_task(publish(transport))
        return outcomes

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        for publisher in self._publishers.values():
            await publisher.close()
