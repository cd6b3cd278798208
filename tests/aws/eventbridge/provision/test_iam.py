"""The policy of a role covers what it does, action by action, and is enough to do it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
from aiobotocore.client import AioBaseClient
from botocore.model import OperationModel

from eventroute import Event
from eventroute.errors import AccessDeniedError
from eventroute.port import Role
from eventroute.topology import Topology
from eventroute_aws.clients import Clients
from eventroute_aws.delays.iam import policy_with_delays
from eventroute_aws.delays.site import Site
from eventroute_aws.eventbridge.desired import desired_of
from eventroute_aws.eventbridge.iam import policy_of
from eventroute_aws.options import EventBridgeOptions
from eventroute_aws.provisioning.names import Place

from ...iam import actions, record, user
from .account import BUS, LARGE, OPEN, ORDERS, Account, topology

EVERYTHING = topology(a=LARGE, b=ORDERS, c=OPEN)
PLACE = Place("aws", "us-east-1", "123456789012")
EVENTS = "arn:aws:events:us-east-1:123456789012"
QUEUES = "arn:aws:sqs:us-east-1:123456789012"


def policy(role: Role, subscriptions: Topology, **given: object) -> list[dict[str, Any]]:
    options = EventBridgeOptions.model_validate({"bus": BUS, **given})
    desired = desired_of(subscriptions, options, PLACE)
    statements: list[dict[str, Any]] = policy_of(role, subscriptions, desired, options, PLACE)[
        "Statement"
    ]
    return statements


def refused(account: Account, client: AioBaseClient, allowed: list[dict[str, Any]]) -> list[str]:
    """Calls from now on that the policy does not allow on what they are about: ministack does not
    see that of all of them.
    """
    found: list[str] = []

    def check(params: dict[str, Any], model: OperationModel, **_: object) -> None:
        match model.name:
            case "ListRules":
                arn = "*"
            case "ListTagsForResource" | "TagResource":
                arn = params["ResourceARN"]
            case "PutEvents":
                arn = account.bus_arn(params["Entries"][0]["EventBusName"])
            case "DescribeEventBus" | "CreateEventBus" | "DeleteEventBus":
                arn = account.bus_arn(params["Name"])
            case _:
                name = params.get("Rule") or params["Name"]
                arn = account.rule_arn(name, params["EventBusName"])
        action = f"events:{model.name}"
        resources = [
            one for given in allowed if action in given["Action"] for one in given["Resource"]
        ]
        if not any(fnmatchcase(arn, one) for one in resources):
            found.append(f"{action} on {arn}")

    client.meta.events.register("provide-client-params.events", check)
    return found


async def provision(account: Account) -> None:
    """All that a provisioner does, with something to mend of each kind."""
    provisioner = await account.provisioner()
    await provisioner.plan(EVERYTHING)
    await provisioner.apply(EVERYTHING)
    changed = {"retention": 60, "tags": {"team": "shop"}, "target_retries": 1}
    await (await account.provisioner(**changed)).apply(EVERYTHING)
    await provisioner.apply(topology(a=ORDERS))
    await provisioner.drop(["c"])
    await provisioner.destroy(dry_run=False)


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
        recorded = record(await restricted.events(), await restricted.sqs())
        statements: Any = allowed["Statement"]
        wrong = refused(restricted, await restricted.events(), statements)
        await provision(restricted)
    assert wrong == []
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
        recorded = record(await restricted.events(), await restricted.sqs())
        statements: Any = allowed["Statement"]
        wrong = refused(restricted, await restricted.events(), statements)
        await (await restricted.provisioner(provision=mode)).open(EVERYTHING)
        assert wrong == []
        if role == "publisher":
            await restricted.publish(Event("shop.orders", "T", {}, id="e1"))
        else:
            await consume(restricted)
    assert recorded == actions(policy(role, EVERYTHING, provision=mode))


async def test_a_publisher_may_not_set_things_up(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = await (await aws.provisioner()).permissions("publisher", EVERYTHING)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, allowed, monkeypatch, stack)
        with pytest.raises(AccessDeniedError, match="`eventroute iam` prints the policy"):
            await (await restricted.provisioner()).open(EVERYTHING)
    assert await aws.rules() == {}


def test_where_a_bus_may_create_publishers_and_consumers_still_only_look() -> None:
    roles: tuple[Role, ...] = ("publisher", "consumer")
    for role in roles:
        create = policy(role, EVERYTHING, provision="create")
        assert create == policy(role, EVERYTHING, provision="validate")


def test_a_publisher_names_its_bus_and_its_payloads_and_needs_no_key() -> None:
    # The events wait on the bus under EventBridge's own key; the queues' is its business.
    assert policy(
        "publisher",
        topology(a=ORDERS),
        provision="assume",
        claim_check={"bucket": "payloads"},
        kms_key="alias/events",
    ) == [
        {
            "Effect": "Allow",
            "Action": ["events:PutEvents"],
            "Resource": [f"{EVENTS}:event-bus/shop"],
        },
        {
            "Effect": "Allow",
            "Action": ["s3:PutObject"],
            "Resource": ["arn:aws:s3:::payloads/eventroute/*"],
        },
    ]


@pytest.mark.parametrize("role", ["publisher", "consumer"])
async def test_who_delays_may_use_the_key_of_the_queue_where_events_wait(role: Role) -> None:
    """The bus has no key, and that queue has."""
    options = EventBridgeOptions.model_validate({"bus": BUS, "kms_key": "k1"})
    async with AsyncExitStack() as stack:
        clients = Clients(options)
        stack.push_async_callback(clients.close)
        found = policy_with_delays(
            role,
            {"Statement": policy(role, topology(a=ORDERS), kms_key="k1")},
            {"Statement": policy("publisher", topology(a=ORDERS), kms_key="k1")},
            options=options,
            site=Site(clients, options),
            place=PLACE,
        )["Statement"]
    assert isinstance(found, list)
    (statement,) = [one for one in found if "kms:Decrypt" in one["Action"]]
    assert statement["Resource"] == ["arn:aws:kms:us-east-1:123456789012:key/k1"]


def test_a_consumer_names_its_queues() -> None:
    (work,) = policy("consumer", topology(a=ORDERS), provision="assume")
    assert work["Resource"] == [f"{QUEUES}:eventroute-a", f"{QUEUES}:eventroute-a-dead"]


def test_a_provisioner_changes_the_rules_and_the_bus_of_the_declarations_alone() -> None:
    changing = {
        resource
        for one in policy("provisioner", topology(a=ORDERS))
        if {"events:PutRule", "events:DeleteEventBus"} & set(one["Action"])
        for resource in one["Resource"]
    }
    assert changing == {f"{EVENTS}:rule/shop/eventroute-a", f"{EVENTS}:event-bus/shop"}


def test_on_the_default_bus_a_provisioner_may_not_touch_the_bus() -> None:
    found = policy("provisioner", topology(a=ORDERS), bus="default")
    assert not {"events:CreateEventBus", "events:DeleteEventBus"} & actions(found)
    rules = {arn for one in found for arn in one["Resource"] if ":rule/" in arn}
    assert rules == {f"{EVENTS}:rule/eventroute-a", f"{EVENTS}:rule/eventroute-*"}


def test_a_provisioner_may_pass_the_roles_of_targets_to_eventbridge_alone() -> None:
    wanted, options = topology(a=ORDERS), EventBridgeOptions(bus=BUS)
    desired = desired_of(wanted, options, PLACE)
    (rule,) = desired.rules
    role = "arn:aws:iam::123456789012:role/mail"
    target = replace(rule.targets[0], role=role)
    desired = replace(desired, rules=(replace(rule, targets=(target,)),))
    found = policy_of("provisioner", wanted, desired, options, PLACE)["Statement"]
    (passing,) = [one for one in found if "iam:PassRole" in one["Action"]]
    assert passing == {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": [role],
        "Condition": {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}},
    }
