"""The policy of a role covers what it does, action by action, and is enough to do it."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest

from eventroute import Event
from eventroute.errors import AccessDeniedError
from eventroute.port import (
    Ack,
    Bury,
    DeadLetter,
    DeadSettlement,
    Delivery,
    Discard,
    Extend,
    Keep,
    Outgoing,
    Redrive,
    Release,
    Role,
    Settlement,
)
from eventroute_aws.adapter import AwsAdapter

from ..iam import actions, user
from .account import LARGE, OPEN, ORDERS, Account, ordered, topology
from .roles import adapter_of, policy, record

STOCK = {"source": ["shop.stock"]}
EVERYTHING = topology(
    a=LARGE, b=ordered("b", STOCK), c=OPEN, d={"source": ["shop.returns"]}, e=ORDERS
)
MANY = {"source": [f"shop.{'n' * 180}{n}" for n in range(20)]}


async def things_of_others(aws: Account) -> dict[str, object]:
    """A topic, queues and a bucket that others made, and options that name them."""
    await aws.make_topic("theirs")
    letters = await aws.make_queue("their-letters")
    redrive = {"deadLetterTargetArn": letters, "maxReceiveCount": 5}
    await aws.make_queue("their-queue", RedrivePolicy=json.dumps(redrive))
    await aws.make_queue("their-plain-queue")
    bucket = f"payloads-{aws.id}"
    await (await aws.clients.s3()).create_bucket(Bucket=bucket)
    return {
        "topics": {"shop.returns": "theirs"},
        "queues": {"d": "their-queue", "e": "their-plain-queue"},
        "claim_check": {"bucket": bucket},
    }


async def provision(account: Account, given: dict[str, Any]) -> None:
    """All that a provisioner does, with something to mend of each kind."""
    provisioner = await account.provisioner(**given)
    await provisioner.plan(EVERYTHING)
    await provisioner.apply(EVERYTHING)
    changed = {**given, "retention": 60, "tags": {"team": "shop"}, "kms_key": "k"}
    await (await account.provisioner(**changed)).apply(EVERYTHING)
    typed = ORDERS | {"detail-type": ["T"]}
    await provisioner.apply(topology(a=typed, b=ordered("b", STOCK)))
    await provisioner.drop(["c", "d"])
    await provisioner.destroy(dry_run=False)


async def publish(adapter: AwsAdapter) -> None:
    """Events for each topic, of which two are too large for a message."""
    events = [
        Event("shop.orders", "OrderPlaced", {"total": 5000}),
        Event("shop.stock", "T", {"order_id": "7"}),
        Event("shop.returns", "T", {"text": "x" * 300_000}),
        Event("shop.returns", "T", {"text": "y" * 300_000}),
    ]
    outcomes = await adapter.publish([Outgoing(event) for event in events], timeout=20)
    assert outcomes == [None] * len(events)


async def take(adapter: AwsAdapter, subscription: str) -> Delivery:
    with anyio.fail_after(10):
        while True:
            found = await adapter.receive(subscription, limit=1, wait=1)
            if found:
                return found[0]


async def letter(adapter: AwsAdapter, subscription: str) -> DeadLetter:
    with anyio.fail_after(10):
        while True:
            found = await adapter.receive_dead(subscription, limit=1, lease=30)
            if found:
                return found[0]


async def settled(adapter: AwsAdapter, one: Settlement) -> None:
    assert list(await adapter.settle([one])) == [None]


async def settled_dead(adapter: AwsAdapter, one: DeadSettlement) -> None:
    assert list(await adapter.settle_dead([one])) == [None]


async def consume(adapter: AwsAdapter) -> None:
    """Everything that a worker and those who look after dead letters do."""
    for name in ("a", "b", "c", "d", "e"):
        await adapter.depth(name)
        await settled(adapter, Release(await take(adapter, name)))
        delivery = await take(adapter, name)
        await settled(adapter, Extend(delivery, 30))
        await settled(adapter, Bury(delivery, "refused", "no"))
        await settled_dead(adapter, Keep(await letter(adapter, name)))
        await settled_dead(adapter, Redrive(await letter(adapter, name)))
        await settled(adapter, Bury(await take(adapter, name), "refused", "no"))
        await settled_dead(adapter, Discard(await letter(adapter, name)))
    large = await take(adapter, "d")
    assert len(large.body) > 300_000
    await settled(adapter, Ack(large))


async def test_a_provisioner_may_do_its_work_and_no_more(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = await things_of_others(aws)
    allowed = await (await aws.provisioner(**given)).permissions("provisioner", EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        recorded = await record(restricted)
        await provision(restricted, given)
    assert recorded == actions(policy("provisioner", EVERYTHING, **given))


@pytest.mark.parametrize("mode", ["validate", "assume"])
async def test_a_publisher_may_do_its_work_and_no_more(
    aws: Account, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    given = await things_of_others(aws)
    await (await aws.provisioner(**given)).apply(EVERYTHING)
    given["provision"] = mode
    allowed = await (await aws.provisioner(**given)).permissions("publisher", EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        recorded = await record(restricted)
        await publish(await adapter_of(restricted, EVERYTHING, stack, **given))
    assert recorded == actions(policy("publisher", EVERYTHING, **given))


@pytest.mark.parametrize("mode", ["validate", "assume"])
async def test_a_consumer_may_do_its_work_and_no_more(
    aws: Account, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    given = await things_of_others(aws)
    async with AsyncExitStack() as stack:
        await publish(await adapter_of(aws, EVERYTHING, stack, **given))
        given["provision"] = mode
        allowed = await (await aws.provisioner(**given)).permissions("consumer", EVERYTHING)
        restricted = await user(aws, allowed, monkeypatch, stack)
        recorded = await record(restricted)
        await consume(await adapter_of(restricted, EVERYTHING, stack, **given))
    # S3 asks for this permission before it says that a payload has expired; no call is named so.
    asked = actions(policy("consumer", EVERYTHING, **given)) - {"s3:ListBucket"}
    assert recorded == asked


@pytest.mark.parametrize("role", ["publisher", "consumer"])
async def test_whoever_is_for_many_sources_may_open_what_was_applied(
    aws: Account, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    many = topology(a=MANY)
    await (await aws.provisioner()).apply(many)
    allowed = await (await aws.provisioner(provision="validate")).permissions(role, many)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        (queue,) = await (await restricted.provisioner(provision="validate")).open(many)
    assert queue.url == await aws.url("eventroute-a")


async def test_a_publisher_may_not_set_things_up(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = await (await aws.provisioner()).permissions("publisher", EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        with pytest.raises(AccessDeniedError, match="`eventroute iam` prints the policy"):
            await (await restricted.provisioner()).open(EVERYTHING)
    assert await aws.topics() == set()
