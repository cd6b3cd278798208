"""One queue may be fed from a bus and from topics: neither backend undoes what the other made."""

from __future__ import annotations

import anyio

from eventroute import Event
from eventroute.backend_options import read_table
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.provision import Provisioner as SnsProvisioner

from .account import OPEN, ORDERS, Account, topology

BOTH = topology(a=ORDERS, c=OPEN)


def on_topics(aws: Account) -> SnsProvisioner:
    return SnsProvisioner(aws.clients, read_table(SnsOptions, "sns", aws.options))


async def test_a_queue_takes_events_from_a_bus_and_from_a_topic(aws: Account) -> None:
    await (await aws.provisioner()).open(BOTH)
    topics = on_topics(aws)
    await topics.open(BOTH)
    await aws.publish(Event("shop.orders", "T", {}, id="e1"))
    topic = await topics.topic("shop.orders")
    sns = await aws.clients.sns()
    message = Event("shop.orders", "T", {"name": "e2"}).to_json().decode()
    await sns.publish(TopicArn=topic.arn, Message=message)
    assert await aws.received("eventroute-a") == ["e1", "e2"]


async def test_each_finds_nothing_to_mend_after_the_other(aws: Account) -> None:
    await (await aws.provisioner()).open(BOTH)
    await on_topics(aws).open(BOTH)
    assert await (await aws.provisioner()).plan(BOTH) == []
    assert await on_topics(aws).plan(BOTH) == []


async def test_both_may_open_at_once(aws: Account) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon((await aws.provisioner()).open, BOTH)
        group.start_soon(on_topics(aws).open, BOTH)
    assert await (await aws.provisioner()).plan(BOTH) == []
    assert await on_topics(aws).plan(BOTH) == []


async def test_both_may_drop_a_subscription_one_after_the_other(aws: Account) -> None:
    rules, topics = await aws.provisioner(), on_topics(aws)
    await rules.open(BOTH)
    await topics.open(BOTH)
    await topics.drop(["a"])
    await rules.drop(["a"])
    assert set(await aws.rules()) == {"eventroute-c"}
    assert await aws.queues() == {"eventroute-c", "eventroute-c-dead"}
    assert await rules.plan(topology(c=OPEN)) == await topics.plan(topology(c=OPEN)) == []
