"""Queues of ours whose subscription is not declared any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.port import Leftover
from eventroute_aws.provisioning.names import DEAD, FIFO
from eventroute_aws.provisioning.tags import SUBSCRIPTION

if TYPE_CHECKING:
    from eventroute.topology import Topology
    from eventroute_aws.provisioning.found import FoundQueue, QueueFinder

__all__ = ["leftovers"]


async def leftovers(topology: Topology, queues: QueueFinder) -> list[Leftover]:
    """See :meth:`eventroute.port.Tidied.leftovers`. Goes by the tags."""
    declared = {one.name for one in topology}
    found: dict[str, list[FoundQueue]] = {}
    for queue in await queues.our_queues():
        name = queue.tags.get(SUBSCRIPTION)
        if name is not None and name not in declared:
            found.setdefault(name, []).append(queue)
    return [_leftover(name, found[name]) for name in sorted(found)]


def _leftover(name: str, queues: list[FoundQueue]) -> Leftover:
    dead = [queue for queue in queues if queue.name.removesuffix(FIFO).endswith(DEAD)]
    events = [queue for queue in queues if queue not in dead]
    return Leftover(
        name,
        tuple(f"queue {queue.name}" for queue in [*events, *dead]),
        events=sum(queue.holds for queue in events),
        dead=sum(queue.holds for queue in dead),
    )
