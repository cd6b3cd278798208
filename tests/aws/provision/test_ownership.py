"""What others made is theirs: it is used where the options say so, and never taken over."""

from __future__ import annotations

import json

import pytest

from eventroute import Event
from eventroute.errors import ConfigurationError

from .account import ORDERS, Account, topology

MAPPED = {"topics": {"shop.orders": "theirs"}, "queues": {"a": "their-queue"}}


async def both_of_theirs(aws: Account) -> None:
    """A topic and a queue that others made; the queue takes what the topic sends."""
    await aws.make_topic("theirs")
    queue = await aws.make_queue("their-queue")
    allowed = {
        "Sid": "theirs",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
    }
    await aws.change_queue("their-queue", Policy=json.dumps({"Statement": [allowed]}))


async def test_a_queue_without_our_tag_is_refused_by_name_and_stays_as_it_is(
    aws: Account,
) -> None:
    await aws.make_queue("eventroute-a", VisibilityTimeout="7")
    provisioner = await aws.provisioner()
    with pytest.raises(ConfigurationError, match=r"queue eventroute-a has no tag .* delete it"):
        await provisioner.open(topology(a=ORDERS))
    await provisioner.destroy(dry_run=False)
    assert await aws.queues() == {"eventroute-a"}
    assert (await aws.queue("eventroute-a"))["VisibilityTimeout"] == "7"
    assert await aws.queue_tags("eventroute-a") == {}


async def test_a_topic_without_our_tag_is_refused_by_name_and_stays_as_it_is(
    aws: Account,
) -> None:
    await aws.make_topic("eventroute-shop-orders")
    provisioner = await aws.provisioner()
    with pytest.raises(ConfigurationError, match=r"topic eventroute-shop-orders has no tag"):
        await provisioner.topic("shop.orders")
    await provisioner.destroy(dry_run=False)
    assert await aws.topics() == {"eventroute-shop-orders"}
    assert await aws.topic_tags("eventroute-shop-orders") == {}


async def test_what_is_tagged_by_hand_is_handed_over(aws: Account) -> None:
    await aws.make_topic("eventroute-shop-orders", {"eventroute": "eventroute"})
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert set(await aws.subscriptions("eventroute-shop-orders")) == {"eventroute-a"}


async def test_a_subscription_that_others_made_between_their_topic_and_their_queue_stays(
    aws: Account,
) -> None:
    await both_of_theirs(aws)
    await aws.subscribe("theirs", "their-queue")
    before = await aws.subscriptions("theirs")
    provisioner = await aws.provisioner(**MAPPED)
    await provisioner.open(topology(a=ORDERS))
    await (await aws.provisioner(**MAPPED)).open(topology(a=ORDERS))
    assert await aws.subscriptions("theirs") == before
    await provisioner.destroy(dry_run=False)
    assert await aws.subscriptions("theirs") == before
    assert [one["Sid"] for one in await aws.policy("their-queue")] == ["theirs"]


async def test_a_subscription_that_others_made_brings_events_also_without_their_policy(
    aws: Account,
) -> None:
    await both_of_theirs(aws)
    await aws.subscribe("theirs", "their-queue", RawMessageDelivery="true")
    await aws.change_queue("their-queue", Policy="")
    await (await aws.provisioner(**MAPPED)).open(topology(a=ORDERS))
    await aws.publish("theirs", Event("shop.orders", "T", {}, id="e1"))
    assert await aws.bodies("their-queue") == ["e1"]


async def test_a_subscription_of_others_that_lets_too_little_through_is_refused(
    aws: Account,
) -> None:
    await both_of_theirs(aws)
    await aws.subscribe("theirs", "their-queue", FilterPolicy='{"source":["shop.stock"]}')
    provisioner = await aws.provisioner(**MAPPED)
    with pytest.raises(ConfigurationError, match=r"of their-queue to theirs .* filter"):
        await provisioner.open(topology(a=ORDERS))


async def test_a_subscription_that_we_made_to_their_queue_ends_with_the_rest(
    aws: Account,
) -> None:
    await both_of_theirs(aws)
    provisioner = await aws.provisioner(**MAPPED)
    await provisioner.open(topology(a=ORDERS))
    assert set(await aws.subscriptions("theirs")) == {"their-queue"}
    await provisioner.destroy(dry_run=False)
    assert await aws.subscriptions("theirs") == {}
