"""What opening creates."""

from __future__ import annotations

import anyio
import pytest

from eventroute import Event
from eventroute.errors import ConfigurationError

from .account import BUS, LARGE, OPEN, ORDERS, Account, topology


async def test_a_subscription_gets_a_queue_a_dead_letter_queue_and_a_rule(aws: Account) -> None:
    (queue,) = await (await aws.provisioner()).open(topology(billing__invoice=ORDERS))
    assert await aws.buses() == {"default", BUS}
    assert await aws.queues() == {"eventroute-billing-invoice", "eventroute-billing-invoice-dead"}
    (rule,) = (await aws.rules()).values()
    assert (rule["Name"], rule["State"]) == ("eventroute-billing-invoice", "ENABLED")
    assert rule["Description"] == "Events for the subscription billing.invoice"
    assert queue.subscription == "billing.invoice"
    assert queue.url == await aws.url("eventroute-billing-invoice")
    assert queue.dead_url == await aws.url("eventroute-billing-invoice-dead")
    assert not queue.fifo


async def test_after_open_a_subscription_receives_what_is_published_next(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS, b=LARGE, c=OPEN))
    await aws.publish(Event("shop.orders", "T", {"total": 5}, id="e1"))
    await aws.publish(Event("shop.orders", "T", {"total": 5000}, id="e2"))
    await aws.publish(Event("shop.stock", "OrderPlaced", {}, id="e3"))
    assert await aws.received("eventroute-a") == ["e1", "e2"]
    assert await aws.received("eventroute-b") == ["e2"]
    assert await aws.received("eventroute-c") == ["e3"]


async def test_a_rule_sends_to_its_queue_and_what_it_cannot_send_to_the_dead_letter_queue(
    aws: Account,
) -> None:
    await (await aws.provisioner(target_retries=3, target_max_age=60)).open(topology(a=ORDERS))
    assert await aws.targets("eventroute-a") == {
        "queue": {
            "Id": "queue",
            "Arn": aws.queue_arn("eventroute-a"),
            "DeadLetterConfig": {"Arn": aws.queue_arn("eventroute-a-dead")},
            "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60},
        }
    }


@pytest.mark.parametrize("queue", ["eventroute-a", "eventroute-a-dead"])
async def test_both_queues_take_events_from_their_rule_alone(aws: Account, queue: str) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert await aws.policy(queue) == [
        {
            "Sid": f"eventroute-eventroute-{aws.id}-events",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": aws.queue_arn(queue),
            "Condition": {
                "ArnLike": {"aws:SourceArn": [aws.rule_arn("eventroute-a")]},
                "StringEquals": {"aws:SourceAccount": aws.id},
            },
        }
    ]


async def test_on_the_default_bus_nothing_but_rules_is_made(aws: Account) -> None:
    await (await aws.provisioner(bus="default")).open(topology(a=ORDERS))
    assert await aws.buses() == {"default"}
    assert set(await aws.rules("default")) == {"eventroute-a"}
    (statement,) = await aws.policy("eventroute-a")
    source = statement["Condition"]["ArnLike"]["aws:SourceArn"]
    assert source == [aws.rule_arn("eventroute-a", "default")]
    await aws.publish(Event("shop.orders", "T", {}, id="e1"), "default")
    assert await aws.received("eventroute-a") == ["e1"]


async def test_everything_is_tagged(aws: Account) -> None:
    await (await aws.provisioner(tags={"team": "shop"})).open(topology(billing__invoice=ORDERS))
    shared = {"eventroute": "eventroute", "team": "shop"}
    subscribed = shared | {"eventroute:subscription": "billing.invoice"}
    assert await aws.tags(aws.bus_arn()) == shared
    assert await aws.tags(aws.rule_arn("eventroute-billing-invoice")) == subscribed
    assert await aws.queue_tags("eventroute-billing-invoice") == subscribed


async def test_a_bus_is_made_for_publishers_alone(aws: Account) -> None:
    provisioner = await aws.provisioner()
    assert await provisioner.open(topology()) == []
    assert BUS in await aws.buses()
    assert await provisioner.bus_arn() == aws.bus_arn()


async def test_a_bus_of_somebody_else_is_used_as_it_is(aws: Account) -> None:
    await aws.make_bus()
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert await aws.tags(aws.bus_arn()) == {}
    await (await aws.provisioner(prefix="other")).open(topology(a=ORDERS))
    assert set(await aws.rules()) == {"eventroute-a", "other-a"}


async def test_a_bus_of_a_partner_is_not_eventroutes_to_make(aws: Account) -> None:
    provisioner = await aws.provisioner(bus="aws.partner/shop.example/orders")
    with pytest.raises(ConfigurationError, match=r"eventbridge\.bus: there is no event bus"):
        await provisioner.open(topology(a=ORDERS))
    assert await aws.queues() == set()


async def test_opening_again_changes_nothing(strict_aws: Account) -> None:
    everything = topology(a=LARGE, b={"id": ["x"]}, c=OPEN)
    await (await strict_aws.provisioner()).open(everything)
    provisioner = await strict_aws.provisioner(provision="validate")
    assert await provisioner.plan(everything) == []
    assert len(await provisioner.open(everything)) == 3


async def test_processes_may_open_the_same_topology_at_once(aws: Account) -> None:
    provisioners = [await aws.provisioner() for _ in range(4)]
    everything = topology(a=LARGE, b=ORDERS, c=OPEN)
    async with anyio.create_task_group() as group:
        for provisioner in provisioners:
            group.start_soon(provisioner.open, everything)
    assert await provisioners[0].plan(everything) == []


async def test_processes_that_want_different_things_at_once_come_to_an_end(
    strict_aws: Account,
) -> None:
    one = await strict_aws.provisioner(retention=3600)
    other = await strict_aws.provisioner(retention=7200)
    async with anyio.create_task_group() as group:
        group.start_soon(one.open, topology(a=LARGE))
        group.start_soon(other.open, topology(a=ORDERS))
    assert await strict_aws.pattern("eventroute-a") in (LARGE, ORDERS)
    assert set(await strict_aws.targets("eventroute-a")) == {"queue"}


async def test_rules_of_another_prefix_are_left_alone(aws: Account) -> None:
    await (await aws.provisioner(prefix="shop")).open(topology(test__a=ORDERS))
    other = await aws.provisioner(prefix="shop-test")
    with pytest.raises(ConfigurationError, match="belongs to the prefix 'shop'"):
        await other.open(topology(a=ORDERS))
