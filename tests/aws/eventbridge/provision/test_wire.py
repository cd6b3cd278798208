"""What AWS answers that no emulator does: pages, entries that fail, others who are at work."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from math import inf

import pytest

from eventroute.errors import AccessDeniedError, LimitExceededError
from tools.emulators import Emulator
from tools.emulators.proxy import Fault, Forward, Proxy, Request, Response, answer

from .account import BUS, LARGE, ORDERS, Account, topology


@pytest.fixture
async def proxy(lenient: Emulator) -> AsyncGenerator[Proxy]:
    async with Proxy(lenient.url) as running:
        yield running


@pytest.fixture
async def aws(lenient: Emulator, proxy: Proxy, account: str) -> AsyncGenerator[Account]:
    """An account behind the proxy."""
    options = {**lenient.options(account), "endpoint_url": proxy.url}
    async with AsyncExitStack() as stack:
        yield await Account.enter(stack, options)


def page(member: str) -> Fault:
    """Answer with one element of a list at a time, as AWS does with a hundred."""

    async def fault(request: Request, forward: Forward) -> Response:
        response = await forward(request)
        found = json.loads(response.body)
        place = int(request.json.get("NextToken", "0"))
        if place + 1 < len(found[member]):
            found["NextToken"] = str(place + 1)
        found[member] = found[member][place : place + 1]
        return Response(200, {"content-type": "application/x-amz-json-1.1"}, _json(found))

    return fault


def fail_target(code: str) -> Fault:
    """Answer that all went well, but for one target."""

    async def fault(request: Request, _: Forward) -> Response:
        ids = request.json.get("Ids") or [one["Id"] for one in request.json["Targets"]]
        entry = {"TargetId": ids[0], "ErrorCode": code, "ErrorMessage": "as the test wants"}
        found = {"FailedEntryCount": 1, "FailedEntries": [entry]}
        return Response(200, {"content-type": "application/x-amz-json-1.1"}, _json(found))

    return fault


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


async def test_every_page_of_rules_and_targets_is_seen(aws: Account, proxy: Proxy) -> None:
    everything = topology(a=ORDERS, b=ORDERS, c=ORDERS)
    await (await aws.provisioner()).open(everything)
    await aws.make_target("eventroute-a", "a-theirs")
    proxy.plan(page("Rules"), action="ListRules", times=inf)
    proxy.plan(page("Targets"), action="ListTargetsByRule", times=inf)
    assert await (await aws.provisioner()).plan(everything) == []
    assert len(proxy.requests("ListRules")) >= 3
    await (await aws.provisioner()).destroy(dry_run=False)
    proxy.calm()
    assert await aws.rules() == {}


@pytest.mark.parametrize("action", ["PutRule", "PutTargets"])
async def test_who_changes_the_same_rule_at_once_is_waited_for(
    aws: Account, proxy: Proxy, action: str
) -> None:
    proxy.plan(answer(400, "ConcurrentModificationException"), action=action, times=2)
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert len(proxy.requests(action)) == 3
    assert set(await aws.targets("eventroute-a")) == {"queue"}


async def test_a_target_that_failed_for_a_moment_is_written_again(
    aws: Account, proxy: Proxy
) -> None:
    proxy.plan(fail_target("ConcurrentModificationException"), action="PutTargets")
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert set(await aws.targets("eventroute-a")) == {"queue"}


async def test_a_target_that_fails_for_good_is_an_error(aws: Account, proxy: Proxy) -> None:
    proxy.plan(fail_target("AccessDeniedException"), action="PutTargets", times=inf)
    provisioner = await aws.provisioner()
    with pytest.raises(AccessDeniedError, match="target queue of the rule eventroute-a"):
        await provisioner.open(topology(a=ORDERS))


async def test_a_target_that_cannot_be_removed_keeps_its_rule(aws: Account, proxy: Proxy) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS))
    proxy.plan(fail_target("AccessDeniedException"), action="RemoveTargets", times=inf)
    with pytest.raises(AccessDeniedError):
        await provisioner.drop(["a"])
    assert set(await aws.rules()) == {"eventroute-a"}
    assert "eventroute-a" in await aws.queues()


async def test_a_rule_that_somebody_deletes_meanwhile_is_made_again(
    aws: Account, proxy: Proxy
) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    proxy.plan(answer(400, "ResourceNotFoundException"), action="PutTargets")
    await (await aws.provisioner(target_retries=1)).open(topology(a=ORDERS))
    target = (await aws.targets("eventroute-a"))["queue"]
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 1


async def test_a_bus_that_another_process_makes_meanwhile_is_used(
    aws: Account, proxy: Proxy
) -> None:
    await aws.make_bus()
    proxy.plan(answer(400, "ResourceNotFoundException"), action="DescribeEventBus")
    await (await aws.provisioner()).open(topology(a=ORDERS))
    assert set(await aws.rules()) == {"eventroute-a"}


async def test_a_policy_that_another_writes_at_the_same_time_does_not_lose_our_statement(
    aws: Account, proxy: Proxy
) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    theirs = {"Sid": "theirs", "Effect": "Deny", "Principal": "*", "Action": "sqs:*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [theirs]})

    async def overtaken(request: Request, forward: Forward) -> Response:
        response = await forward(request)
        await aws.change_queue("eventroute-a", Policy=policy)
        return response

    await aws.change_queue("eventroute-a", Policy="")
    proxy.plan(overtaken, action="SetQueueAttributes")
    await (await aws.provisioner()).open(topology(a=ORDERS))
    sids = [one["Sid"] for one in await aws.policy("eventroute-a")]
    assert sids == ["theirs", f"eventroute-eventroute-{aws.id}-events"]


async def test_a_quota_that_is_used_up_says_so(aws: Account, proxy: Proxy) -> None:
    proxy.plan(answer(400, "LimitExceededException"), action="PutRule", times=inf)
    provisioner = await aws.provisioner()
    with pytest.raises(LimitExceededError, match="a quota of the AWS account is used up"):
        await provisioner.open(topology(a=ORDERS))


async def test_a_rule_is_tagged_when_it_is_made_and_never_while_it_is_rewritten(
    aws: Account, proxy: Proxy
) -> None:
    # EventBridge leaves the tags of a rule that is there as they are.
    await (await aws.provisioner()).open(topology(a=ORDERS))
    await (await aws.provisioner()).open(topology(a=LARGE))
    first, second = proxy.requests("PutRule")
    assert {"Key": "eventroute", "Value": "eventroute"} in first.json["Tags"]
    assert "Tags" not in second.json
    assert second.json["EventBusName"] == BUS


async def test_a_queue_lets_its_rule_send_before_the_rule_sends(aws: Account, proxy: Proxy) -> None:
    await (await aws.provisioner()).open(topology(a=ORDERS))
    actions = [request.action for request in proxy.log]
    wanted = ["CreateEventBus", "CreateQueue", "CreateQueue", "PutRule", "PutTargets"]
    assert [action for action in actions if action in wanted] == wanted


async def test_targets_are_removed_before_their_rule_and_rules_before_their_bus(
    aws: Account, proxy: Proxy
) -> None:
    provisioner = await aws.provisioner()
    await provisioner.open(topology(a=ORDERS))
    await provisioner.destroy(dry_run=False)
    actions = [request.action for request in proxy.log]
    wanted = ["RemoveTargets", "DeleteRule", "DeleteEventBus", "DeleteQueue", "DeleteQueue"]
    assert [action for action in actions if action in wanted] == wanted
