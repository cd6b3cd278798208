"""Where delayed events wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from eventroute.errors import ConfigurationError
from eventroute_aws.failures import MISSING, code_of, translate
from eventroute_aws.provisioning.names import Names
from eventroute_aws.provisioning.places import assumed_url

if TYPE_CHECKING:
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import AwsOptions

__all__ = ["Site"]

_COUNTS: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class Site:
    """The queue, its dead-letter queue and the group of schedules; provisioning makes them.

    :ivar name: of the queue.
    :ivar dead_name: of its dead-letter queue.
    :ivar group: name of the group of schedules.
    """

    def __init__(self, clients: Clients, options: AwsOptions) -> None:
        names = Names(options.prefix)
        # Services that share a prefix must not publish what waits for the bus of another.
        self.name = self.group = names.delayed(options.delayed_for)
        self.dead_name = names.delayed_dead(options.delayed_for)
        self._clients = clients
        self._assumed = options.provision == "assume"
        self._urls: dict[str, str] = {}

    async def url(self) -> str:
        """Of the queue. From memory after the first time.

        :raises ConfigurationError: it is not there.
        """
        return await self._url(self.name)

    async def dead_url(self) -> str:
        """Of its dead-letter queue; see :meth:`url`."""
        return await self._url(self.dead_name)

    async def is_there(self) -> bool:
        """Whether there is such a queue."""
        try:
            await self.url()
        except ConfigurationError:
            return False
        return True

    async def count(self) -> int:
        """How many messages the queue holds, whatever their state."""
        sqs = await self._clients.sqs()
        try:
            found = await sqs.get_queue_attributes(
                QueueUrl=await self.url(), AttributeNames=list(_COUNTS)
            )
        except ConfigurationError:
            return 0  # where there is no such queue, nothing waits
        except Exception as error:
            if code_of(error) in MISSING:
                return 0
            raise translate(error, f"counting what {self.name} holds") from error
        counts = {str(name): text for name, text in found.get("Attributes", {}).items()}
        return sum(int(counts.get(name, 0)) for name in _COUNTS)

    async def _url(self, name: str) -> str:
        known = self._urls.get(name)
        if known is None:
            known = self._urls[name] = await self._find(name)
        return known

    async def _find(self, name: str) -> str:
        if self._assumed:
            return await assumed_url(self._clients, name)
        sqs = await self._clients.sqs()
        try:
            return (await sqs.get_queue_url(QueueName=name))["QueueUrl"]
        except ClientError as error:
            if code_of(error) in MISSING:
                raise ConfigurationError(
                    f"there is no queue {name!r}, in which delayed events wait; run `eventroute "
                    'apply`, or open the bus with provision = "create"'
                ) from error
            raise translate(error, f"looking for the queue {name}") from error
        except Exception as error:
            raise translate(error, f"looking for the queue {name}") from error
