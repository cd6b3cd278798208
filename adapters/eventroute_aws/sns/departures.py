"""Sends messages to topics: one request for many of them, and what its answer means."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from eventroute.errors import EventRouteError, OutcomeUnknownError
from eventroute_aws.batchers import Batchers, request
from eventroute_aws.failures import outcome_of_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.awsrequest import AWSRequest
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sns.type_defs import PublishBatchRequestEntryTypeDef

    from eventroute_aws.batching import Batcher
    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Topic
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.sns.message import Message

__all__ = ["Departures"]


class Departures:
    """Requests to topics, gathered for each topic on its own."""

    def __init__(self, clients: Clients, options: SnsOptions) -> None:
        self._clients = clients
        self._batchers: Batchers[Message] = Batchers(options)
        self._prepared: SNSClient | None = None

    def known(self, topic: Topic) -> Batcher[Message] | None:
        """What gathers the messages of a topic, if it was made before."""
        return self._batchers.known(topic.arn)

    async def to(self, topic: Topic) -> Batcher[Message]:
        """What gathers the messages of a topic.

        :raises NotOpenError: closed.
        """
        return await self._batchers.to(topic.arn, partial(self._send, topic), topic.max_bytes)

    async def close(self) -> None:
        """Send what waits, and let the requests under way end. Idempotent."""
        await self._batchers.close()

    async def _send(
        self, topic: Topic, messages: Sequence[Message]
    ) -> Sequence[EventRouteError | None]:
        doing = f"publishing to the topic {topic.arn}"
        client = await self._clients.publishing_to_topics()
        if client is not self._prepared:
            client.meta.events.register_first(
                "request-created.sns.PublishBatch", _encode, unique_id="eventroute-encode"
            )
            self._prepared = client
        # One entry that SNS refuses lets it refuse the call.
        return await request(messages, partial(_publish, client, topic.arn, doing), doing)


async def _publish(
    client: SNSClient, arn: str, doing: str, messages: Sequence[Message]
) -> Sequence[EventRouteError | None]:
    entries = [_entry(str(index), message) for index, message in enumerate(messages)]
    answer = await client.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
    lost = OutcomeUnknownError(f"{doing}: the answer says nothing of this event")
    outcomes: dict[str, EventRouteError | None] = {}
    for sent in answer.get("Successful", ()):
        outcomes[sent.get("Id", "")] = None
    for failed in answer.get("Failed", ()):
        outcomes[failed["Id"]] = outcome_of_entry(
            failed["Code"],
            failed.get("Message", ""),
            sender_fault=failed["SenderFault"],
            doing=doing,
        )
    return [outcomes.get(entry["Id"], lost) for entry in entries]


def _encode(request: AWSRequest, **_: object) -> None:
    """Write the form once: botocore would for the signature, and again to send it.

    That is a tenth of what a request costs.
    """
    if isinstance(request.data, dict):
        request.data = urlencode(request.data).encode()


def _entry(name: str, message: Message) -> PublishBatchRequestEntryTypeDef:
    entry: PublishBatchRequestEntryTypeDef = {
        "Id": name,
        "Message": message.body,
        "MessageAttributes": message.attributes,
    }
    if message.key is not None and message.deduplication_id is not None:
        entry["MessageGroupId"] = message.key
        entry["MessageDeduplicationId"] = message.deduplication_id
    return entry
