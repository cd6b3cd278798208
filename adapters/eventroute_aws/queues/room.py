"""How large a message a dead-letter queue takes; people may have lowered it."""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute_aws.failures import translate
from eventroute_aws.limits import LARGEST_BATCH

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

__all__ = ["Rooms"]

logger: Final = getLogger("eventroute.aws")


class Rooms:
    """Asks each queue once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    async def of(self, client: SQSClient, url: str) -> int:
        """Bytes of the largest message of a queue; what SQS allows, where it does not say."""
        known = self._known.get(url)
        if known is not None:
            return known
        try:
            answer = await client.get_queue_attributes(
                QueueUrl=url, AttributeNames=["MaximumMessageSize"]
            )
        except Exception as error:
            logger.debug("%s", translate(error, f"asking for the largest message of {url}"))
            return LARGEST_BATCH
        told = answer.get("Attributes", {}).get("MaximumMessageSize", LARGEST_BATCH)
        self._known[url] = min(int(told), LARGEST_BATCH)
        return self._known[url]
