"""The policy of a role covers what it does, action by action, and is enough to do it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest

from eventroute import Event
from eventroute.errors import AccessDeniedError
from eventroute.port import Role
from eventroute.topology import Topology
from eventroute_aws.options import SnsOptions
from eventroute_aws.provisioning.names import Place
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.iam import policy_of
from eventroute_aws.sns.needs import needs_of

from ..iam import actions, record, user
from .account import LARGE, OPEN, ORDERS, Account, ordered, topology

EVERYTHING = topology(a=LARGE, b=ordered("b", {"source": ["shop.stock"]}), c=OPEN)
PLACE = Place("aws", "us-east-1", "123456789012")


def policy(role: Role, subscriptions: Topology, **given: object) -> list[dict[str, Any]]:
    read = SnsOptions.model_validate(given)
    needs = needs_of(subscriptions, read)
    desired = desired_of(needs, read, PLACE, {})
    statements: list[dict[str, Any]] = policy_of(role, needs, desired, read, PLACE)["Statement"]
    return statements


async def provision(account: Account) -> None:
    """All that a provisioner does, with something to mend of each kind."""
    provisioner = await account.provisioner()
    await provisioner.plan(EVERYTHING)
    await provisioner.apply(EVERYTHING)
    await (await account.provisioner(retention=60, tags={"team": "shop"}, kms_key="k")).apply(
        EVERYTHING
    )
    await provisioner.apply(topology(a=ORDERS, b=ordered("b", ORDERS | {"source": ["shop.stock"]})))
    await provisioner.drop(["c"])
    await provisioner.destroy(dry_run=False)


async def publish(account: Account) -> None:
    await account.publish("eventroute-shop-orders", Event("shop.orders", "T", {}, id="e1"))
    await account.publish("eventroute-shop-stock.fifo", Event("shop.stock", "T", {}, id="e2"))


async def consume(account: Account) -> None:
    sqs = await account.sqs()
    for queue in ("eventroute-c", "eventroute-c-dead"):
        url = f"{account.options['endpoint_url']}/{account.id}/{queue}"
        await sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        await sqs.send_message(QueueUrl=url, MessageBody="{}")
        (message,) = (await sqs.receive_message(QueueUrl=url))["Messages"]
        receipt = message.get("ReceiptHandle", "")
        await sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=9
        )
        await sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)


async def test_a_provisioner_may_do_its_work_and_no_more(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = await (await aws.provisioner()).permissions("provisioner", EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        recorded = record(await restricted.sns(), await restricted.sqs())
        await provision(restricted)
    assert recorded == actions(policy("provisioner", EVERYTHING))


@pytest.mark.parametrize("role", ["publisher", "consumer"])
@pytest.mark.parametrize("mode", ["validate", "assume"])
async def test_publishers_and_consumers_may_do_their_work_and_no_more(
    aws: Account, monkeypatch: pytest.MonkeyPatch, role: Role, mode: str
) -> None:
    await (await aws.provisioner()).apply(EVERYTHING)
    allowed = await (await aws.provisioner(provision=mode)).permissions(role, EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        recorded = record(await restricted.sns(), await restricted.sqs())
        await (await restricted.provisioner(provision=mode)).open(EVERYTHING)
        await (publish if role == "publisher" else consume)(restricted)
    assert recorded == actions(policy(role, EVERYTHING, provision=mode))


def test_where_a_bus_may_create_publishers_and_consumers_still_only_look() -> None:
    roles: tuple[Role, ...] = ("publisher", "consumer")
    for role in roles:
        create = policy(role, EVERYTHING, provision="create")
        assert create == policy(role, EVERYTHING, provision="validate")


async def test_a_publisher_may_not_set_things_up(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = await (await aws.provisioner()).permissions("publisher", EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        with pytest.raises(AccessDeniedError, match="`eventroute iam` prints the policy"):
            await (await restricted.provisioner()).open(EVERYTHING)
    assert await aws.topics() == set()


def test_a_publisher_names_the_topics_of_its_sources() -> None:
    theirs = "arn:aws:sns:eu-west-1:100000000000:x"
    wanted = topology(a=ORDERS)
    assert policy("publisher", wanted, provision="assume", topics={"shop.stock": theirs}) == [
        {
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": [
                theirs,
                "arn:aws:sns:us-east-1:123456789012:eventroute-shop-orders",
            ],
        }
    ]


def test_a_consumer_names_its_queues_its_payloads_and_its_key() -> None:
    work, payloads, key = policy(
        "consumer",
        topology(a=ORDERS),
        provision="assume",
        claim_check={"bucket": "payloads"},
        kms_key="alias/events",
    )
    assert work["Resource"] == [
        "arn:aws:sqs:us-east-1:123456789012:eventroute-a",
        "arn:aws:sqs:us-east-1:123456789012:eventroute-a-dead",
    ]
    assert payloads == {
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::payloads/eventroute/*"],
    }
    assert key == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["arn:aws:kms:us-east-1:123456789012:key/*"],
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/events"}},
    }


def test_what_others_made_is_not_the_provisioners_to_delete_or_tag() -> None:
    options = {"queues": {"a": "theirs"}, "topics": {"shop.orders": "theirs"}}
    touched = actions(
        [
            one
            for one in policy("provisioner", topology(a=ORDERS), **options)
            if any(arn.endswith(":theirs") for arn in one["Resource"])
        ]
    )
    assert touched == {
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:ListTagsForResource",
        "sns:Subscribe",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
    }
