"""What has to be done to be rid of queues and topics, and of what connects them to others."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from eventroute_aws.provisioning.names import FIFO, Names
from eventroute_aws.provisioning.policies import merged, topics_in
from eventroute_aws.sns.steps import (
    ChangeQueue,
    DeleteQueue,
    DeleteTopic,
    Phases,
    Step,
    Unsubscribe,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute_aws.calls import Calls
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.sns.found import Finder, FoundQueue

__all__ = ["Removal"]


class Removal:
    """Looks for what is to be removed."""

    def __init__(self, finder: Finder, calls: Calls, options: SnsOptions) -> None:
        self._finder = finder
        self._calls = calls
        self._options = options
        self._names = Names(options.prefix)

    async def of_subscriptions(self, subscriptions: Sequence[str]) -> Phases:
        """Remove their queues; of queues that the options name, only what connects them."""
        names = [
            name
            for subscription in subscriptions
            for fifo in (False, True)
            for name in (
                self._names.queue(subscription, fifo=fifo),
                self._names.dead(subscription, fifo=fifo),
            )
        ]
        found = await self._calls.each(dict.fromkeys(names), self._finder.queue)
        ours = [queue for queue in found if queue is not None and self._finder.owns(queue.tags)]
        mapped = [self._options.queues.get(name) for name in subscriptions]
        return await self._without(ours, await self._foreign(mapped), [])

    async def of_everything(self) -> Phases:
        """Remove all that has our tag; from queues that the options name, our statements."""
        topics = await self._finder.our_topics()
        queues = await self._finder.our_queues()
        foreign = await self._foreign(self._options.queues.values())
        return await self._without(queues, foreign, topics)

    async def _foreign(self, names: Iterable[str | None]) -> list[FoundQueue]:
        found = await self._calls.each([name for name in names if name], self._finder.queue)
        return [queue for queue in found if queue is not None]

    async def _without(
        self, queues: Sequence[FoundQueue], foreign: Sequence[FoundQueue], topics: Sequence[str]
    ) -> Phases:
        prefix = self._options.prefix
        deleted: list[Step] = [DeleteQueue(queue.name, queue.url) for queue in queues]
        changed: list[Step] = []
        for queue in foreign:
            policy = merged(queue.attributes.get("Policy", ""), prefix, [])
            if policy is not None:
                told = ("Policy without our statements",)
                changed.append(ChangeQueue(queue.name, queue.url, {"Policy": policy}, {}, told))
        return (
            tuple(await self._unsubscribed([*queues, *foreign], topics)),
            tuple(DeleteTopic(arn) for arn in topics),
            tuple(changed),
            # A queue before the dead-letter queue that it names.
            tuple(sorted(deleted, key=_is_dead)),
        )

    async def _unsubscribed(
        self, queues: Sequence[FoundQueue], deleted: Sequence[str]
    ) -> list[Step]:
        """Topics that are deleted take their subscriptions with them; others keep them."""
        registered = {
            queue.attributes["QueueArn"]: topics_in(
                queue.attributes.get("Policy", ""), self._options.prefix
            )
            for queue in queues
        }
        named = {arn for arns in registered.values() for arn in arns}
        topics = {arn for arn in named if "*" not in arn}
        if topics != named and not deleted:
            topics |= set(await self._finder.our_topics())
        kept = sorted(topics - set(deleted))
        found = await self._calls.each(kept, self._finder.queues_of)
        return [
            Unsubscribe(arn, topic, queue)
            for topic, subscribed in zip(kept, found, strict=True)
            for queue, arn in subscribed.items()
            if any(fnmatchcase(topic, one) for one in registered.get(queue, ()))
        ]


def _is_dead(step: Step) -> bool:
    return isinstance(step, DeleteQueue) and step.name.removesuffix(FIFO).endswith("-dead")
