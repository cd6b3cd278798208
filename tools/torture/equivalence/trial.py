"""SNS and SQS by plain calls: some filters, some messages, and which of them arrive."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from aiobotocore.session import get_session

from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, attributes_of
from tools.emulators.emulator import REGION

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sqs import SQSClient

    from eventroute.envelope import Event
    from eventroute.pattern.narrow import FilterPolicy
    from tools.emulators import Emulator

__all__ = ["Trial", "trial"]

_BATCH: Final = 10


class Trial:
    """A topic, a queue for each filter, and one for everything."""

    def __init__(self, sns: SNSClient, sqs: SQSClient) -> None:
        self._sns = sns
        self._sqs = sqs
        self._name = f"trial-{uuid4().hex[:8]}"

    async def arrived(
        self, filters: Mapping[str, FilterPolicy], events: Sequence[Event]
    ) -> dict[str, set[bytes]]:
        """Publish the events; tell for each filter which of them it let through.

        :raises RuntimeError: the emulator loses what nothing filters.
        """
        topic = (await self._sns.create_topic(Name=self._name))["TopicArn"]
        control = await self._queue(topic, "control", None)
        queues = {
            name: await self._queue(topic, str(number), one)
            for number, (name, one) in enumerate(filters.items())
        }
        for event in events:
            attributes = attributes_of(event, SNS_MESSAGE_ATTRIBUTES)
            await self._sns.publish(
                TopicArn=topic,
                Message=event.to_json().decode(),
                MessageAttributes={
                    name: {"DataType": one["DataType"], "StringValue": one["StringValue"]}
                    for name, one in attributes.items()
                },
            )
        if await self._emptied(control) != {event.to_json() for event in events}:
            raise RuntimeError("the emulator loses what nothing filters")
        return {name: await self._emptied(queue) for name, queue in queues.items()}

    async def _queue(self, topic: str, name: str, one: FilterPolicy | None) -> str:
        made = await self._sqs.create_queue(QueueName=f"{self._name}-{name}")
        queue = made["QueueUrl"]
        asked = await self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        arn = asked["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        await self._sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        attributes = {"RawMessageDelivery": "true"}
        if one is not None:
            attributes |= {"FilterPolicy": one.policy, "FilterPolicyScope": one.scope}
        await self._sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes
        )
        return queue

    async def _emptied(self, queue: str) -> set[bytes]:
        found: set[bytes] = set()
        while True:
            got = await self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=_BATCH)
            messages = got.get("Messages", [])
            if not messages:
                return found
            found.update(one.get("Body", "").encode() for one in messages)


@asynccontextmanager
async def trial(emulator: Emulator) -> AsyncGenerator[Trial]:
    """One, with the credentials that botocore finds."""
    session = get_session()
    async with (
        session.create_client("sns", endpoint_url=emulator.url, region_name=REGION) as sns,
        session.create_client("sqs", endpoint_url=emulator.url, region_name=REGION) as sqs,
    ):
        yield Trial(sns, sqs)
