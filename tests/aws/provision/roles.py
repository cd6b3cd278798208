"""Users of an account who have the policy of a role and nothing else, and what they call."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from eventroute.backend_options import read_table
from eventroute.clock import SystemClock
from eventroute.port import Role
from eventroute.topology import Topology
from eventroute_aws.adapter import AwsAdapter
from eventroute_aws.options import SnsOptions
from eventroute_aws.provisioning.names import Place
from eventroute_aws.sns.adapter import sns_adapter
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.iam import policy_of
from eventroute_aws.sns.needs import needs_of

from .. import iam
from .account import Account

PLACE = Place("aws", "us-east-1", "123456789012")


def policy(role: Role, subscriptions: Topology, **given: object) -> list[dict[str, Any]]:
    """Statements of a role's policy."""
    read = SnsOptions.model_validate(given)
    needs = needs_of(subscriptions, read)
    desired = desired_of(needs, read, PLACE, {})
    statements: list[dict[str, Any]] = policy_of(role, needs, desired, read, PLACE)["Statement"]
    return statements


async def record(account: Account) -> set[str]:
    """The IAM actions of the calls that an account's clients make from now on."""
    clients = account.clients
    return iam.record(
        await clients.sns(),
        await clients.publishing_to_topics(),
        await clients.sqs(),
        await clients.polls(),
        await clients.s3(),
    )


async def adapter_of(
    account: Account, wanted: Topology, stack: AsyncExitStack, **options: object
) -> AwsAdapter:
    """The backend, opened by an account's clients."""
    quick = {"linger": 0, "poll_wait": 1, "delays": "off"}
    read = read_table(SnsOptions, "sns", {**account.options, **quick, **options})
    adapter = sns_adapter(read, SystemClock(), account.clients)
    stack.push_async_callback(adapter.close)
    await adapter.open(wanted)
    return adapter
