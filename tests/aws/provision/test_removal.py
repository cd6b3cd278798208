"""Dropping subscriptions, and destroying everything: of ours, and of nobody else's."""

from __future__ import annotations

import json

from .account import OPEN, ORDERS, Account, ordered, topology


async def test_drop_deletes_the_queues_of_a_subscription_and_what_leads_to_them(
    aws: Account,
) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS, b=ORDERS, c=OPEN))
    await provisioner.drop(["a", "c", "unknown"])
    assert await aws.queues() == {"eventroute-b", "eventroute-b-dead"}
    assert set(await aws.subscriptions("eventroute-shop-orders")) == {"eventroute-b"}
    assert await aws.subscriptions("eventroute-any") == {}


async def test_drop_finds_ordered_subscriptions_of_earlier_times(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ordered("a", ORDERS)))
    await (await aws.provisioner()).drop(["a"])
    assert await aws.queues() == set()


async def test_drop_leaves_a_mapped_queue_and_ends_its_subscription(aws: Account) -> None:
    await aws.make_queue("their-queue")
    provisioner = await aws.provisioner(queues={"a": "their-queue"})
    await provisioner.open(topology(a=ORDERS))
    await provisioner.drop(["a"])
    assert await aws.queues() == {"their-queue"}
    assert await aws.policy("their-queue") == []
    assert await aws.subscriptions("eventroute-shop-orders") == {}


async def test_destroy_removes_everything_of_ours(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS, b=OPEN))
    changes = await (await aws.provisioner()).destroy(dry_run=False)
    assert {change.action for change in changes} == {"delete"}
    assert await aws.queues() == await aws.topics() == set()


async def test_destroy_leaves_what_belongs_to_others(aws: Account) -> None:
    await aws.make_topic("theirs")
    await aws.make_topic("eventroute-theirs")
    await aws.make_queue("their-queue")
    await aws.make_queue("eventroute-their-queue")
    await (await aws.provisioner(prefix="eventroute-test")).open(topology(a=ORDERS))
    others = await aws.queues(), await aws.topics()
    provisioner = await aws.provisioner(
        topics={"shop.orders": "theirs"}, queues={"b": "their-queue"}
    )
    await provisioner.open(topology(a=ORDERS, b=ORDERS))
    await provisioner.destroy(dry_run=False)
    assert (await aws.queues(), await aws.topics()) == others
    assert await aws.subscriptions("theirs") == {}
    assert await aws.policy("their-queue") == []


async def test_destroy_leaves_statements_of_others_in_a_mapped_queues_policy(
    aws: Account,
) -> None:
    arn = await aws.make_queue("their-queue")
    theirs = {"Sid": "t", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": arn}
    await aws.change_queue("their-queue", Policy=json.dumps({"Statement": [theirs]}))
    provisioner = await aws.provisioner(queues={"a": "their-queue"})
    await provisioner.open(topology(a=ORDERS))
    assert len(await aws.policy("their-queue")) == 2
    await provisioner.destroy(dry_run=False)
    assert await aws.policy("their-queue") == [theirs]


async def test_a_dry_run_of_destroy_only_tells(aws: Account) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS))
    before = await aws.queues(), await aws.topics()
    told = await provisioner.destroy(dry_run=True)
    assert [change.resource for change in told] == [
        "topic eventroute-shop-orders",
        "queue eventroute-a",
        "queue eventroute-a-dead",
    ]
    assert (await aws.queues(), await aws.topics()) == before


async def test_a_publisher_makes_a_topic_anew_after_a_destroy(aws: Account) -> None:
    provisioner = await aws.provisioner()
    await provisioner.topic("shop.orders")
    await provisioner.destroy(dry_run=False)
    await provisioner.topic("shop.orders")
    assert await aws.topics() == {"eventroute-shop-orders"}
