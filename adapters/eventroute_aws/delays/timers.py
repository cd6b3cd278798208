"""Sends events to the queue of the delayed ones, many in one request: SQS holds each back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.errors import NotOpenError
from eventroute_aws.background import Background
from eventroute_aws.batching import Batcher
from eventroute_aws.limits import BATCH, LARGEST_BATCH
from eventroute_aws.queues import batches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.errors import EventRouteError
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.site import Site
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.queues.batches import Parcel

__all__ = ["LONGEST_TIMER", "Timers"]

LONGEST_TIMER: Final = 900
"""Seconds that SQS holds a message back at most."""


class Timers:
    """Messages with a delay, gathered as publishes are."""

    def __init__(self, clients: Clients, options: AwsOptions, site: Site) -> None:
        self._clients = clients
        self._options = options
        self._site = site
        self._background = Background()
        self._batcher: Batcher[Parcel] | None = None
        self._closed = False

    async def send(
        self, parcels: Sequence[Parcel], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """Send messages; one outcome each. See :meth:`eventroute_aws.batching.Batcher.submit`.

        :raises NotOpenError: closed.
        """
        return await (await self._gathering()).submit(parcels, timeout=timeout)

    async def close(self) -> None:
        """Send what waits, and let the requests under way end. Idempotent."""
        self._closed = True
        if self._batcher is not None:
            await self._batcher.close()
        await self._background.close()

    async def _gathering(self) -> Batcher[Parcel]:
        if self._batcher is not None:
            return self._batcher
        group = None if self._closed else await self._background.group()
        if group is None or self._closed:
            raise NotOpenError("the AWS backend was closed; nothing can be published any more")
        if self._batcher is None:
            self._batcher = Batcher(
                group,
                self._send,
                max_entries=BATCH,
                max_bytes=LARGEST_BATCH,
                linger=self._options.linger,
                max_calls=self._options.connections,
            )
        return self._batcher

    async def _send(self, parcels: Sequence[Parcel]) -> Sequence[EventRouteError | None]:
        return await batches.send(await self._clients.sqs(), await self._site.url(), parcels)
