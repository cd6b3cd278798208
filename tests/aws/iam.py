"""Users who have nothing but one policy, and a record of what they do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
from aiobotocore.client import AioBaseClient
from aiobotocore.session import AioSession
from botocore.model import OperationModel

from .account import QueueAccount

AccountT = TypeVar("AccountT", bound=QueueAccount)

BLIND = {
    "events:CreateEventBus",
    "events:DeleteEventBus",
    "events:DescribeEventBus",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "sns:ListTagsForResource",
    "sns:TagResource",
}
WITH_BATCHES = {
    "sns:Publish",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:SendMessage",
}
SESSION = AioSession()  # reads the large description of IAM once


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for one in statements for action in one["Action"]}


def record(*clients: AioBaseClient) -> set[str]:
    """The IAM actions of the calls that clients make from now on."""
    recorded: set[str] = set()

    def note(model: OperationModel, **_: object) -> None:
        name = model.name.removesuffix("Batch")
        recorded.add(f"{model.service_model.service_name}:{name}")

    for client in clients:
        client.meta.events.register("before-call", note)
    return recorded


async def user(
    aws: AccountT,
    allowed: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    stack: AsyncExitStack,
) -> AccountT:
    """The same account through the eyes of a user who has nothing but a policy."""
    # ministack does not see what these calls are about, and asks for everything, or for a rule.
    blind = BLIND & actions(allowed["Statement"])
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
    return await type(aws).enter(stack, aws.options)


def _with_batches(statement: Mapping[str, Any]) -> dict[str, Any]:
    # On AWS a batch needs the permission of its single call, on ministack one of its own name.
    named = [f"{action}Batch" for action in statement["Action"] if action in WITH_BATCHES]
    return {**statement, "Action": [*statement["Action"], *named]}
