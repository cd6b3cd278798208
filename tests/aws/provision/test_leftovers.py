"""Queues of subscriptions that are not declared any more are found and dropped."""

from __future__ import annotations

from eventroute.clock import SystemClock
from eventroute.port import Leftover
from eventroute.topology import Topology
from eventroute_aws import create_sns

from .account import ORDERS, Account, topology


async def test_queues_of_a_renamed_subscription_are_told_and_dropped(aws: Account) -> None:
    await (await aws.provisioner()).open(topology(billing__old=ORDERS))
    await (await aws.provisioner(prefix="other")).open(topology(a=ORDERS))
    for queue in ("eventroute-billing-old", "eventroute-billing-old-dead"):
        await (await aws.sqs()).send_message(QueueUrl=await aws.url(queue), MessageBody="{}")
    adapter = create_sns(aws.options, SystemClock())
    aws.stack.push_async_callback(adapter.close)
    renamed = topology(billing__new=ORDERS)
    await adapter.open(renamed)
    left = await adapter.leftovers(renamed)
    assert left == [
        Leftover(
            "billing.old",
            ("queue eventroute-billing-old", "queue eventroute-billing-old-dead"),
            events=1,
            dead=1,
        )
    ]
    await adapter.drop(["billing.old"])
    assert await adapter.leftovers(renamed) == []
    assert "eventroute-billing-new" in await aws.queues()


async def test_what_is_declared_is_left_over_nowhere(aws: Account) -> None:
    adapter = create_sns({**aws.options, "delays": "on"}, SystemClock())
    aws.stack.push_async_callback(adapter.close)
    await adapter.open(topology(a=ORDERS))
    assert await adapter.leftovers(topology(a=ORDERS)) == []
    assert [one.subscription for one in await adapter.leftovers(Topology())] == ["a"]
