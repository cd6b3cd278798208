"""Looks at what queues there are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError
from eventroute_aws.provisioning.names import Names
from eventroute_aws.provisioning.tags import owns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute.topology import Subscription
    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import AwsOptions

__all__ = ["FoundQueue", "QueueFinder", "dead_of"]

logger: Final = getLogger("eventroute.aws")

_COUNTS: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)


@dataclass(frozen=True, slots=True)
class FoundQueue:
    """A queue as it is. Its policy is among the attributes."""

    name: str
    url: str
    attributes: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def holds(self) -> int:
        """About how many messages are in it, those under a lease included."""
        return sum(int(self.attributes.get(name, 0)) for name in _COUNTS)

    @property
    def policy(self) -> str:
        """As JSON text; ``""`` for none."""
        return self.attributes.get("Policy", "")


class QueueFinder:
    """Asks SQS; changes nothing."""

    def __init__(self, clients: Clients, calls: Calls, options: AwsOptions) -> None:
        self._clients = clients
        self._calls = calls
        self._options = options
        self._names = Names(options.prefix)
        self._told: set[str] = set()

    async def queue(self, name: str) -> FoundQueue | None:
        """A queue, ``None`` where there is none."""
        sqs = await self._clients.sqs()
        doing = f"looking at the queue {name}"
        found = await self._calls.ask(doing, lambda: sqs.get_queue_url(QueueName=name))
        if found is None:
            return None
        url = found["QueueUrl"]
        attributes = await self._calls.ask(
            doing, lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        )
        tags = await self._calls.ask(doing, lambda: sqs.list_queue_tags(QueueUrl=url))
        if attributes is None or tags is None:
            return None  # it was deleted in between
        its_attributes = {str(key): text for key, text in attributes.get("Attributes", {}).items()}
        return FoundQueue(name, url, its_attributes, dict(tags.get("Tags", {})))

    async def queues(self, names: Iterable[str]) -> list[FoundQueue]:
        """Those of these queues that there are."""
        found = await self._calls.each(dict.fromkeys(names), self.queue)
        return [queue for queue in found if queue is not None]

    async def our_queues(self) -> list[FoundQueue]:
        """The queues with our tag."""
        sqs = await self._clients.sqs()
        urls: list[str] = []
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            answer = await self._calls.ask(
                "listing queues",
                partial(
                    sqs.list_queues, QueueNamePrefix=self._names.begin, MaxResults=1_000, **more
                ),
            )
            urls += [] if answer is None else answer.get("QueueUrls", [])
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                break
        return self._ours(await self.queues(url.rpartition("/")[2] for url in urls))

    async def queues_of(self, subscriptions: Iterable[str]) -> list[FoundQueue]:
        """The queues of ours that subscriptions have, of both kinds, and those of dead letters."""
        names = [
            name
            for subscription in subscriptions
            for fifo in (False, True)
            for name in self._names.both(subscription, fifo=fifo)
        ]
        return self._ours(await self.queues(names))

    async def mapped(self, subscriptions: Iterable[Subscription]) -> dict[str, FoundQueue]:
        """The queues that the options name, by subscription.

        :raises ConfigurationError: two of them have one dead-letter queue.
        """
        names = {
            one.name: self._options.queues[one.name]
            for one in subscriptions
            if one.name in self._options.queues
        }
        found = {queue.name: queue for queue in await self.queues(names.values())}
        mapped = {name: found[queue] for name, queue in names.items() if queue in found}
        self._check_dead_letters(mapped)
        return mapped

    async def dead_letters(self, subscriptions: Iterable[Subscription]) -> dict[str, str]:
        """The dead-letter queues that mapped queues have already: subscription to name."""
        mapped = await self.mapped(subscriptions)
        return {name: letters for name, queue in mapped.items() if (letters := dead_of(queue))}

    async def siblings(self, subscriptions: Iterable[Subscription]) -> dict[str, list[FoundQueue]]:
        """The queues of the other kind that are left of subscriptions, by their names.

        One that became ordered, or stopped to be, has left them. Nobody would receive what they
        hold, and go on to receive.
        """
        names = {
            name: one.name
            for one in subscriptions
            if one.name not in self._options.queues
            for name in self._names.both(one.name, fifo=one.ordered_by is None)
        }
        found: dict[str, list[FoundQueue]] = {}
        for queue in self._ours(await self.queues(names)):
            found.setdefault(names[queue.name], []).append(queue)
        return found

    def _check_dead_letters(self, mapped: Mapping[str, FoundQueue]) -> None:
        users: dict[str, str] = {}
        for name, queue in mapped.items():
            letters = dead_of(queue)
            if letters is None:
                self._tell_of_no_redrive(name, queue)
                continue
            other = users.setdefault(letters, name)
            if other != name:
                raise ConfigurationError(
                    f"{self._options.shared_table}.queues: {other!r} and {name!r} have the queues "
                    f"{mapped[other].name} and {queue.name}, which share the dead-letter queue "
                    f"{letters}; a letter does not tell whose it is, so give each queue its own"
                )

    def _tell_of_no_redrive(self, name: str, queue: FoundQueue) -> None:
        if queue.name in self._told:
            return
        self._told.add(queue.name)
        logger.warning(
            "the queue %s names no dead-letter queue. Workers of %r send letters to one that "
            "eventroute makes; SQS itself sends none there, however often it hands an event out, "
            "until the queue has a RedrivePolicy",
            queue.name,
            name,
        )

    def _ours(self, queues: Iterable[FoundQueue]) -> list[FoundQueue]:
        return [queue for queue in queues if owns(self._options.prefix, queue.tags)]


def dead_of(queue: FoundQueue) -> str | None:
    """The name of the dead-letter queue that a queue names; ``None`` where it names none."""
    redrive = json.loads(queue.attributes.get("RedrivePolicy") or "{}")
    return str(redrive.get("deadLetterTargetArn", "")).rpartition(":")[2] or None
