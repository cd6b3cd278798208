"""Subscriptions that do not name their sources receive from every source, also from later ones."""

from __future__ import annotations

import anyio
import pytest

from eventroute import Event
from eventroute.errors import UnsupportedError

from .account import OPEN, ORDERS, Account, ordered, topology


def event(source: str, name: str) -> Event:
    return Event(source, "OrderPlaced", {}, id=name)


async def test_an_open_subscription_is_registered_for_sources_to_come(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(audit=OPEN))
    assert await aws.topics() == {"eventroute-any"}
    assert set(await aws.subscriptions("eventroute-any")) == {"eventroute-audit"}


async def test_an_open_subscription_receives_from_topics_that_were_there_before(
    aws: Account,
) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await (await aws.provisioner()).open(topology(audit=OPEN))
    await aws.publish("eventroute-shop-orders", event("shop.orders", "e1"))
    assert await aws.bodies("eventroute-audit") == ["e1"]


async def test_an_open_subscription_receives_from_topics_that_come_later(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(audit=OPEN))
    publisher = await aws.provisioner()
    await publisher.open(topology())
    await publisher.topic("shop.stock")
    await aws.publish("eventroute-shop-stock", event("shop.stock", "e1"))
    assert await aws.bodies("eventroute-audit") == ["e1"]
    assert await aws.filter("eventroute-shop-stock", "eventroute-audit") == (
        "MessageBody",
        OPEN,
    )


async def test_what_services_of_aws_send_to_a_later_topic_of_theirs_is_not_filtered(
    aws: Account,
) -> None:
    await (await aws.provisioner()).open(topology(audit=OPEN))
    publisher = await aws.provisioner()
    await publisher.open(topology())
    await publisher.topic("aws.s3")
    assert await aws.filter("eventroute-aws-s3", "eventroute-audit") == ("", {})


async def test_a_topic_whose_maker_died_gets_its_open_subscriptions_before_a_publish(
    aws: Account,
) -> None:
    await (await aws.provisioner()).open(topology(audit=OPEN))
    await aws.make_topic("eventroute-shop-stock", {"eventroute": "eventroute"})
    await (await aws.provisioner()).topic("shop.stock")
    assert set(await aws.subscriptions("eventroute-shop-stock")) == {"eventroute-audit"}


async def test_openers_and_makers_of_topics_may_race(aws: Account) -> None:
    opener, maker = await aws.provisioner(), await aws.provisioner()
    sources = [f"shop.n{number}" for number in range(4)]

    async def make() -> None:
        for source in sources:
            await maker.topic(source)

    async with anyio.create_task_group() as group:
        group.start_soon(opener.open, topology(audit=OPEN))
        group.start_soon(make)
    for source in sources:
        found = await aws.subscriptions(f"eventroute-{source.replace('.', '-')}")
        assert set(found) == {"eventroute-audit"}


async def test_an_open_queue_takes_events_from_all_topics_of_the_prefix(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(audit=OPEN))
    (statement,) = await aws.policy("eventroute-audit")
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": [aws.topic_arn("eventroute-*")]},
        "StringEquals": {"aws:SourceAccount": aws.id},
    }


async def test_topics_of_others_with_a_similar_name_are_not_subscribed_to(aws: Account) -> None:
    await aws.make_topic("eventroute-of-others")
    await (await aws.provisioner(prefix="eventroute-test")).open(topology(a=ORDERS))
    await (await aws.provisioner()).open(topology(audit=OPEN))
    assert await aws.subscriptions("eventroute-of-others") == {}
    assert set(await aws.subscriptions("eventroute-test-shop-orders")) == {"eventroute-test-a"}


async def test_an_open_subscription_that_names_its_sources_now_leaves_the_others(
    aws: Account,
) -> None:
    await (await aws.provisioner(sources=["shop.stock"])).open(topology(a=OPEN))
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert await aws.subscriptions("eventroute-any") == {}
    assert await aws.subscriptions("eventroute-shop-stock") == {}
    assert set(await aws.subscriptions("eventroute-shop-orders")) == {"eventroute-a"}


async def test_an_open_ordered_subscription_is_refused_before_anything_is_made(
    aws: Account,
) -> None:
    provisioner = await aws.provisioner()
    with pytest.raises(UnsupportedError, match="'audit' does not name its sources"):
        await provisioner.open(topology(a=ORDERS, audit=ordered("audit", OPEN)))
    assert await aws.queues() == set()
