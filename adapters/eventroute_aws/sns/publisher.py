"""Publishes events to topics, many in one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute.errors import EventRouteError
    from eventroute.port import Outgoing
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Topic
    from eventroute_aws.options import SnsOptions

__all__ = ["Publisher"]


class Publisher:
    """The publishing half of the adapter.

    :param topic: finds the topic of a source.
    """

    def __init__(
        self,
        clients: Clients,
        options: SnsOptions,
        topic: Callable[[str], Awaitable[Topic]],
        claims: Claims | None,
    ) -> None:
        self._clients = clients

    @property
    def max_event_bytes(self) -> int:
        """Largest envelope that is published."""
        raise NotImplementedError

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let the requests under way end. Idempotent."""
        raise NotImplementedError
