"""Users of an account who have the policy of a role and nothing else, and what they call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiobotocore.session import AioSession
from botocore.model import OperationModel

from eventroute.backend_options import read_table
from eventroute.clock import SystemClock
from eventroute.port import Role
from eventroute.topology import Topology
from eventroute_aws.adapter import AwsAdapter
from eventroute_aws.iam import policy_of
from eventroute_aws.options import SnsOptions
from eventroute_aws.provisioning.names import Place
from eventroute_aws.sns.adapter import sns_adapter
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.needs import needs_of

from .account import Account

SESSION = AioSession()  # reads the large description of IAM once
_WITH_BATCHES = (
    "sns:Publish",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:SendMessage",
)
PLACE = Place("aws", "us-east-1", "123456789012")


def policy(role: Role, subscriptions: Topology, **given: object) -> list[dict[str, Any]]:
    """Statements of a role's policy."""
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

    clients = account.clients
    for client in (
        await clients.sns(),
        await clients.sqs(),
        await clients.polls(),
        await clients.s3(),
    ):
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
    statements = {**allowed, "Statement": [*map(_with_batches, allowed["Statement"]), *more]}
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


def _with_batches(statement: Mapping[str, Any]) -> dict[str, Any]:
    # On AWS a batch needs the permission of its single call, on ministack one of its own name.
    named = [f"{action}Batch" for action in statement["Action"] if action in _WITH_BATCHES]
    return {**statement, "Action": [*statement["Action"], *named]}


async def adapter_of(
    account: Account, wanted: Topology, stack: AsyncExitStack, **options: object
) -> AwsAdapter:
    """The backend, opened by an account's clients."""
    quick = {"linger": 0, "poll_wait": 1}
    read = read_table(SnsOptions, "sns", {**account.options, **quick, **options})
    adapter = sns_adapter(read, SystemClock(), account.clients)
    stack.push_async_callback(adapter.close)
    await adapter.open(wanted)
    return adapter
