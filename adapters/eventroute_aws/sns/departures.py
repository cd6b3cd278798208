"""Sends messages to topics: one request for many of them, and what its answer means."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
from botocore.exceptions import ClientError

from eventroute.errors import (
    ConfigurationError,
    EventRouteError,
    NotOpenError,
    OutcomeUnknownError,
)
from eventroute_aws.background import Background
from eventroute_aws.batching import Batcher
from eventroute_aws.failures import outcome_of_entry, translate
from eventroute_aws.limits import BATCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.awsrequest import AWSRequest
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sns.type_defs import PublishBatchRequestEntryTypeDef

    from eventroute_aws.clients import Clients
    from eventroute_aws.layout import Topic
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.sns.message import Message

__all__ = ["Departures"]


class Departures:
    """Requests to topics, gathered for each topic on its own."""

    def __init__(self, clients: Clients, options: SnsOptions) -> None:
        self._clients = clients
        self._options = options
        self._background = Background()
        self._batchers: dict[str, Batcher[Message]] = {}
        self._prepared: SNSClient | None = None
        self._closed = False

    async def to(self, topic: Topic) -> Batcher[Message]:
        """What gathers the messages of a topic.

        :raises NotOpenError: closed.
        """
        batcher = self._batchers.get(topic.arn)
        if batcher is not None:
            return batcher
        group = None if self._closed else await self._background.group()
        if group is None or self._closed:  # it may have been closed meanwhile
            raise NotOpenError("the AWS backend was closed; nothing can be published any more")
        return self._batchers.setdefault(
            topic.arn,
            Batcher(
                group,
                partial(self._send, topic),
                max_entries=BATCH,
                max_bytes=topic.max_bytes,
                linger=self._options.linger,
                max_calls=self._options.connections,
            ),
        )

    async def close(self) -> None:
        """Send what waits, and let the requests under way end. Idempotent."""
        self._closed = True
        async with anyio.create_task_group() as group:
            for batcher in self._batchers.values():
                group.start_soon(batcher.close)
        await self._background.close()

    async def _send(
        self, topic: Topic, messages: Sequence[Message]
    ) -> Sequence[EventRouteError | None]:
        doing = f"publishing to the topic {topic.arn}"
        client = await self._clients.sns()
        if client is not self._prepared:
            client.meta.events.register_first(
                "request-created.sns.PublishBatch", _encode, unique_id="eventroute-encode"
            )
            self._prepared = client
        entries = [_entry(str(index), message) for index, message in enumerate(messages)]
        try:
            answer = await client.publish_batch(
                TopicArn=topic.arn, PublishBatchRequestEntries=entries
            )
        except Exception as error:
            failure = translate(error, doing)
            refused = isinstance(error, ClientError) and isinstance(failure, ConfigurationError)
            if not refused or len(messages) == 1:
                raise failure from error
        else:
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
        # One entry that SNS refuses lets it refuse the call; the others are sent without it.
        half = len(messages) // 2
        return [
            *await self._outcomes(topic, messages[:half]),
            *await self._outcomes(topic, messages[half:]),
        ]

    async def _outcomes(
        self, topic: Topic, messages: Sequence[Message]
    ) -> Sequence[EventRouteError | None]:
        try:
            return await self._send(topic, messages)
        except EventRouteError as error:
            return [error] * len(messages)


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
