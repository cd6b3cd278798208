"""The policy of a role covers what it does, action by action, and is enough to do it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiobotocore.session import AioSession
from botocore.model import OperationModel

from eventroute import Event
from eventroute.errors import AccessDeniedError
from eventroute.port import Role
from eventroute.topology import Topology
from eventroute_aws.options import SnsOptions
from eventroute_aws.provisioning.names import Place
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.iam import policy_of
from eventroute_aws.sns.needs import needs_of

from .account import LARGE, OPEN, ORDERS, Account, ordered, topology

EVERYTHING = topology(a=LARGE, b=ordered("b", {"source": ["shop.stock"]}), c=OPEN)
SESSION = AioSession()  # reads the large description of IAM once
PLACE = Place("aws", "us-east-1", "123456789012")


def policy(role: Role, subscriptions: Topology, **given: object) -> list[dict[str, Any]]:
    read = SnsOptions.model_validate(given)
    needs = needs_of(subscriptions, read)
    desired = desired_of(needs, read, PLACE, {})
    statements: list[dict[str, Any]] = policy_of(role, needs, desired, read, PLACE)["Statement"]
    return statements


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for one in statements for action in one["Action"]}


async def record(account: Account) -> set[str]:
    """The IAM actions of the calls that an account's clients make from now on."""
    recorded: set[str] = set()

    def note(model: OperationModel, **_: object) -> None:
        name = model.name.removesuffix("Batch")
        recorded.add(f"{model.service_model.service_name}:{name}")

    for client in (await account.sns(), await account.sqs()):
        client.meta.events.register("before-call", note)
    return recorded


async def user(
    aws: Account,
    allowed: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    stack: AsyncExitStack,
) -> Account:
    """The same account through the eyes of a user who has nothing but a policy."""
    # ministack does not see which topic these calls are about, and asks for every topic.
    blind = {"sns:ListTagsForResource", "sns:TagResource"} & actions(allowed["Statement"])
    more = [{"Effect": "Allow", "Action": sorted(blind), "Resource": "*"}] if blind else []
    statements = {**allowed, "Statement": [*allowed["Statement"], *more]}
    client: Any = SESSION.create_client(
        "iam",
        region_name="us-east-1",
        endpoint_url=str(aws.options["endpoint_url"]),
        aws_access_key_id=aws.id,
        aws_secret_access_key="test",  # noqa: S106  an emulator takes any
    )
    async with client as iam:
        await iam.create_user(UserName="role")
        await iam.put_user_policy(
            UserName="role", PolicyName="role", PolicyDocument=json.dumps(statements)
        )
        key = (await iam.create_access_key(UserName="role"))["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    return await Account.enter(stack, aws.options)


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
        recorded = await record(restricted)
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
        recorded = await record(restricted)
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
