"""What has to be done to be rid of queues and topics, and of what connects them to others."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from eventroute_aws.provisioning.policies import Author, senders_in
from eventroute_aws.provisioning.removal import removal_phases
from eventroute_aws.sns.steps import DeleteTopic, Phases, Step, Unsubscribe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute_aws.calls import Calls
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.provisioning.found import FoundQueue, QueueFinder
    from eventroute_aws.sns.found import Finder

__all__ = ["Removal"]


class Removal:
    """Looks for what is to be removed."""

    def __init__(
        self, finder: Finder, queues: QueueFinder, calls: Calls, options: SnsOptions
    ) -> None:
        self._finder = finder
        self._queues = queues
        self._calls = calls
        self._options = options
        self._author = Author(options.prefix, "sns.amazonaws.com")

    async def of_subscriptions(self, subscriptions: Sequence[str]) -> Phases:
        """Remove their queues; of queues that the options name, only what connects them."""
        ours = await self._queues.queues_of(subscriptions)
        mapped = self._options.queues
        foreign = await self._queues.queues(mapped[one] for one in subscriptions if one in mapped)
        return await self._without(ours, foreign, [])

    async def of_everything(self) -> Phases:
        """Remove all that has our tag; from queues that the options name, our statements."""
        topics = await self._finder.our_topics()
        queues = await self._queues.our_queues()
        foreign = await self._queues.queues(self._options.queues.values())
        return await self._without(queues, foreign, topics)

    async def _without(
        self, queues: Sequence[FoundQueue], foreign: Sequence[FoundQueue], topics: Sequence[str]
    ) -> Phases:
        return (
            tuple(await self._unsubscribed([*queues, *foreign], topics)),
            tuple(DeleteTopic(arn) for arn in topics),
            *removal_phases(queues, foreign, self._author),
        )

    async def _unsubscribed(
        self, queues: Sequence[FoundQueue], deleted: Sequence[str]
    ) -> list[Step]:
        """Topics that are deleted take their subscriptions with them; others keep them."""
        registered = {
            queue.attributes["QueueArn"]: senders_in(queue.policy, self._author) for queue in queues
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
