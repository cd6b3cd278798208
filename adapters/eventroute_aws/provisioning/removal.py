"""What has to be done to be rid of queues, or of what lets others send to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute_aws.provisioning.names import FIFO
from eventroute_aws.provisioning.policies import merged
from eventroute_aws.provisioning.steps import ChangeQueue, DeleteQueue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute_aws.provisioning.found import FoundQueue
    from eventroute_aws.provisioning.policies import Author
    from eventroute_aws.provisioning.steps import QueueStep

__all__ = ["removal_phases"]


def removal_phases(
    queues: Iterable[FoundQueue], foreign: Iterable[FoundQueue], author: Author
) -> tuple[tuple[QueueStep, ...], tuple[QueueStep, ...]]:
    """Take our statements out of queues of others, then delete our own.

    :param queues: ours.
    :param foreign: those of others.
    """
    changed: list[QueueStep] = []
    for queue in foreign:
        policy = merged(queue.policy, author, [])
        if policy is not None:
            told = ("Policy without our statements",)
            changed.append(ChangeQueue(queue.name, queue.url, {"Policy": policy}, {}, told))
    deleted: list[QueueStep] = [DeleteQueue(queue.name, queue.url) for queue in queues]
    # A queue before the dead-letter queue that it names.
    return tuple(changed), tuple(sorted(deleted, key=_is_dead))


def _is_dead(step: QueueStep) -> bool:
    return isinstance(step, DeleteQueue) and step.name.removesuffix(FIFO).endswith("-dead")
