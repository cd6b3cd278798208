"""What opening creates."""

from __future__ import annotations

import json

import anyio
import pytest

from eventroute import Event
from eventroute.errors import ConfigurationError

from .account import LARGE, ORDERS, Account, ordered, topology


async def test_a_subscription_gets_a_queue_a_dead_letter_queue_and_its_sources_topic(
    aws: Account,
) -> None:
    (queue,) = await (await aws.provisioner()).open(topology(billing__invoice=ORDERS))
    assert await aws.queues() == {"eventroute-billing-invoice", "eventroute-billing-invoice-dead"}
    assert await aws.topics() == {"eventroute-shop-orders"}
    assert queue.subscription == "billing.invoice"
    assert queue.url == await aws.url("eventroute-billing-invoice")
    assert queue.dead_url == await aws.url("eventroute-billing-invoice-dead")
    assert queue.visibility_timeout == 30
    assert not queue.fifo


async def test_after_open_a_subscription_receives_what_is_published_next(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS, b=LARGE))
    await aws.publish("eventroute-shop-orders", Event("shop.orders", "T", {"total": 5}, id="e1"))
    await aws.publish("eventroute-shop-orders", Event("shop.orders", "T", {"total": 5000}, id="e2"))
    assert sorted(await aws.bodies("eventroute-a")) == ["e1", "e2"]
    assert await aws.bodies("eventroute-b") == ["e2"]


async def test_a_queue_takes_events_from_topics_of_the_prefix_alone(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    now, later = await aws.policy("eventroute-a")
    assert now == {
        "Sid": f"eventroute-eventroute-{aws.id}",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": aws.queue_arn("eventroute-a"),
        "Condition": {
            "ArnLike": {"aws:SourceArn": [aws.topic_arn("eventroute-shop-orders")]},
            "StringEquals": {"aws:SourceAccount": aws.id},
        },
    }
    assert later == now | {
        "Sid": f"eventroute-eventroute-{aws.id}-ahead",
        "Condition": {
            "ArnLike": {"aws:SourceArn": [aws.topic_arn("eventroute-*")]},
            "StringEquals": {"aws:SourceAccount": aws.id},
        },
    }


async def test_a_queue_takes_events_from_sources_to_come_before_its_policy_changes(
    aws: Account,
) -> None:
    # A changed policy takes AWS up to a minute, in which SNS would drop what the queue refuses.
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await aws.make_topic("eventroute-shop-stock")
    await aws.subscribe("eventroute-shop-stock", "eventroute-a", RawMessageDelivery="true")
    await aws.publish("eventroute-shop-stock", Event("shop.stock", "T", {}, id="e1"))
    assert await aws.bodies("eventroute-a") == ["e1"]


async def test_a_queue_has_the_attributes_of_the_options(strict_aws: Account) -> None:
    provisioner = await strict_aws.provisioner(
        retention=3600, dead_letter_retention=7200, max_receive_count=7
    )
    await provisioner.open(topology(a=ORDERS))
    queue = await strict_aws.queue("eventroute-a")
    dead = await strict_aws.queue("eventroute-a-dead")
    assert json.loads(queue["RedrivePolicy"]) == {
        "deadLetterTargetArn": dead["QueueArn"],
        "maxReceiveCount": 7,
    }
    assert queue["MessageRetentionPeriod"] == "3600"
    assert dead["MessageRetentionPeriod"] == "7200"
    assert queue["SqsManagedSseEnabled"] == dead["SqsManagedSseEnabled"] == "true"


async def test_a_key_encrypts_topics_and_queues(strict_aws: Account) -> None:
    await (await strict_aws.provisioner(kms_key="alias/events")).open(topology(a=ORDERS))
    sns = await strict_aws.sns()
    arn = strict_aws.topic_arn("eventroute-shop-orders")
    topic = (await sns.get_topic_attributes(TopicArn=arn))["Attributes"]
    assert topic["KmsMasterKeyId"] == "alias/events"
    for name in ("eventroute-a", "eventroute-a-dead"):
        assert (await strict_aws.queue(name))["KmsMasterKeyId"] == "alias/events"


async def test_an_ordered_subscription_gets_fifo_queues_and_a_fifo_topic(
    strict_aws: Account,
) -> None:
    provisioner = await strict_aws.provisioner()
    (queue,) = await provisioner.open(topology(a=ordered("a", ORDERS)))
    assert queue.fifo
    found = await strict_aws.queue("eventroute-a.fifo")
    assert found["DeduplicationScope"] == "messageGroup"
    assert found["FifoThroughputLimit"] == "perMessageGroupId"
    assert await strict_aws.topics() == {"eventroute-shop-orders.fifo"}
    assert (await provisioner.topic("shop.orders")).ordered_by == "order_id"
    tags = await strict_aws.topic_tags("eventroute-shop-orders.fifo")
    assert tags["eventroute:ordered-by"] == "order_id"


async def test_an_unordered_subscription_joins_a_fifo_topic(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS)))
    await (await aws.provisioner()).open(topology(b=ORDERS))
    assert await aws.topics() == {"eventroute-shop-orders.fifo"}
    event = Event("shop.orders", "T", {"order_id": "1"}, id="e1")
    await aws.publish("eventroute-shop-orders.fifo", event)
    assert await aws.bodies("eventroute-a.fifo") == ["e1"]
    assert await aws.bodies("eventroute-b") == ["e1"]


async def test_everything_is_tagged(aws: Account) -> None:
    await (await aws.provisioner(tags={"team": "shop"})).open(topology(billing__invoice=ORDERS))
    shared = {"eventroute": "eventroute", "team": "shop"}
    queue = shared | {"eventroute:subscription": "billing.invoice"}
    assert await aws.queue_tags("eventroute-billing-invoice") == queue
    assert await aws.queue_tags("eventroute-billing-invoice-dead") == queue
    topic = shared | {"eventroute:source": "shop.orders"}
    assert await aws.topic_tags("eventroute-shop-orders") == topic


async def test_opening_again_changes_nothing(strict_aws: Account) -> None:
    everything = topology(a=LARGE, b=ordered("b", {"source": ["shop.stock"]}), c={"id": ["x"]})
    await (await strict_aws.provisioner()).open(everything)
    provisioner = await strict_aws.provisioner(provision="validate")
    assert await provisioner.plan(everything) == []
    assert len(await provisioner.open(everything)) == 3


async def test_processes_may_open_the_same_topology_at_once(aws: Account) -> None:
    provisioners = [await aws.provisioner() for _ in range(4)]
    everything = topology(a=LARGE, b=ORDERS, c={"detail-type": ["T"]})
    async with anyio.create_task_group() as group:
        for provisioner in provisioners:
            group.start_soon(provisioner.open, everything)
    assert await provisioners[0].plan(everything) == []


async def test_processes_that_want_different_things_at_once_come_to_an_end(
    strict_aws: Account,
) -> None:
    # AWS refuses to create what is there with other attributes; one of them then looks again.
    one = await strict_aws.provisioner(retention=3600)
    other = await strict_aws.provisioner(retention=7200)
    async with anyio.create_task_group() as group:
        group.start_soon(one.open, topology(a=LARGE))
        group.start_soon(other.open, topology(a=ORDERS))
    assert set(await strict_aws.subscriptions("eventroute-shop-orders")) == {"eventroute-a"}
    assert (await strict_aws.queue("eventroute-a"))["MessageRetentionPeriod"] in {"3600", "7200"}


async def test_a_source_of_the_options_has_a_topic_without_subscriptions(aws: Account) -> None:
    await (await aws.provisioner(sources=["shop.stock"])).open(topology())
    assert await aws.topics() == {"eventroute-shop-stock"}


async def test_publishing_to_an_unknown_source_creates_its_topic(aws: Account) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology())
    topic = await provisioner.topic("shop.stock")
    assert topic.arn == aws.topic_arn("eventroute-shop-stock")
    assert await aws.topics() == {"eventroute-shop-stock"}


async def test_a_publisher_learns_from_the_topic_by_what_it_is_ordered(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS)))
    topic = await (await aws.provisioner()).topic("shop.orders")
    assert (topic.arn, topic.ordered_by) == (
        aws.topic_arn("eventroute-shop-orders.fifo"),
        "order_id",
    )


async def test_a_fifo_topic_that_does_not_tell_its_order_needs_an_option(aws: Account) -> None:
    arn = await aws.make_topic("theirs.fifo", FifoTopic="true")
    provisioner = await aws.provisioner(topics={"shop.orders": arn})
    with pytest.raises(ConfigurationError, match=r"\[sns.ordered_by\] \"shop.orders\""):
        await provisioner.topic("shop.orders")


async def test_resources_of_another_prefix_are_left_alone(aws: Account) -> None:
    await (await aws.provisioner(prefix="shop")).open(topology(test__a=ORDERS))
    other = await aws.provisioner(prefix="shop-test")
    with pytest.raises(ConfigurationError, match="belongs to the prefix 'shop'"):
        await other.open(topology(a=ORDERS))
