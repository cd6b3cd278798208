"""Where queues are, told from their names alone or from what was found."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from eventroute_aws.layout import Queue
from eventroute_aws.provisioning.names import FIFO, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.topology import Subscription
    from eventroute_aws.clients import Clients
    from eventroute_aws.provisioning.desired import DesiredQueue

__all__ = ["assumed_url", "assumed_urls", "laid_out", "place_of"]


async def place_of(clients: Clients) -> Place:
    """Where the clients' resources are."""
    meta = (await clients.sqs()).meta
    return Place(meta.partition, meta.region_name, await clients.account())


async def assumed_urls(clients: Clients, queues: Iterable[DesiredQueue]) -> dict[str, str]:
    """URLs by name, as SQS forms them."""
    return {queue.name: await assumed_url(clients, queue.name) for queue in queues}


async def assumed_url(clients: Clients, queue: str) -> str:
    """URL of a queue, as SQS forms it of the name."""
    endpoint = (await clients.sqs()).meta.endpoint_url.rstrip("/")
    return f"{endpoint}/{await clients.account()}/{queue}"


def laid_out(
    queues: Iterable[DesiredQueue],
    urls: Mapping[str, str],
    subscriptions: Iterable[Subscription],
) -> list[Queue]:
    """What a consumer must know of the queues of subscriptions.

    :param urls: by the name of the queue.
    """
    visibility = {one.name: one.visibility_timeout for one in subscriptions}
    return [
        Queue(
            queue.subscription,
            urls[queue.name],
            urls[queue.dead],
            ceil(visibility[queue.subscription]),
            queue.name.endswith(FIFO),
        )
        for queue in queues
        if queue.dead is not None
    ]
