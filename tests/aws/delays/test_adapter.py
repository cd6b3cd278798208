"""Delays on the SNS backend, from end to end."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any

import anyio
import pytest

from eventroute import EventBus, Router
from eventroute.clock import Clock, SystemClock
from eventroute.envelope import Event
from eventroute.errors import (
    AccessDeniedError,
    ConfigurationError,
    LimitExceededError,
    UnsupportedError,
)
from eventroute.pattern import Pattern
from eventroute.port import Ack, Adapter, Delivery, Outgoing, Role
from eventroute.targets import SqsQueue
from eventroute.topology import Route, Subscription, Topology
from eventroute_aws import create_eventbridge, create_sns
from eventroute_aws.adapter import AwsAdapter
from tests.aws.delays.desk import QUEUE, ROLE, event, later
from tests.aws.provision.account import ORDERS, Account, ordered, topology
from tools.emulators import Emulator

from ..iam import SESSION, actions

BATCHES = {"sns:Publish", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:SendMessage"}
ROLES: tuple[Role, ...] = ("publisher", "consumer", "provisioner")
QUICK = {"poll_wait": 1, "linger": 0, "fan_out_lag": 0.2}


@asynccontextmanager
async def adapter_on(
    emulator: Emulator, account: str, subscriptions: Topology | None = None, /, **options: object
) -> AsyncGenerator[AwsAdapter]:
    made = create_sns({**emulator.options(account), **QUICK, **options}, SystemClock())
    try:
        if subscriptions is not None:
            await made.open(subscriptions)
        yield made
    finally:
        await made.close()


async def waiting(aws: Account, name: str) -> int:
    queue = await aws.queue(name)
    kinds = ("", "NotVisible", "Delayed")
    return sum(int(queue[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)


async def one(adapter: AwsAdapter, name: str) -> Delivery:
    with anyio.fail_after(10):
        while not (found := await adapter.receive(name, limit=1, wait=1)):
            pass
    await adapter.settle([Ack(found[0])])
    return found[0]


async def test_a_delayed_event_reaches_every_subscription_as_it_was_published(
    running_ministack: Emulator, account: str
) -> None:
    text = '{"id":"1","source":"shop.orders","detail-type":"T","detail":{"order_id":1.10}}'
    message = Outgoing(Event.from_json(text), {"traceparent": "00-1"}, delay=1)
    both = topology(a=ORDERS, b=ordered("b", {"source": ["shop.orders"]}))
    async with adapter_on(running_ministack, account, both) as adapter:
        began = monotonic()
        assert list(await adapter.publish([message], timeout=5)) == [None]
        for name in ("a", "b"):
            delivery = await one(adapter, name)
            assert (delivery.body.decode(), delivery.headers) == (text, {"traceparent": "00-1"})
            assert delivery.age < 1  # since it counts as published
        assert monotonic() - began >= 1


async def test_a_run_does_not_end_before_what_was_delayed_is_handled(
    running_ministack: Emulator, account: str
) -> None:
    router, seen = Router("shop"), list[str]()

    @router.subscribe(ORDERS)
    async def handle(event: Event) -> None:
        seen.append(event.id)

    def factory(options: Mapping[str, object], clock: Clock) -> Adapter:
        return create_sns({**running_ministack.options(account), **QUICK, **options}, clock)

    bus = EventBus(factory)
    bus.include(router)
    async with bus:
        await bus.publish(event("late"), delay=1)
        await bus.publish(event("soon"))
        with anyio.fail_after(15):
            await bus.run(handle_signals=False, until_empty=True)
    assert seen == ["soon", "late"]


async def test_what_waits_counts_as_delayed(running_ministack: Emulator, account: str) -> None:
    async with adapter_on(
        running_ministack, account, topology(a=ORDERS), scheduler_role=ROLE
    ) as adapter:
        messages = [later("1", 900), later("2", 9_000), Outgoing(event("3"))]
        assert list(await adapter.publish(messages, timeout=5)) == [None] * 3
        depth = await adapter.depth("a")
        assert (depth.ready, depth.delayed) == (1, 2)


async def test_a_delayed_event_comes_out_on_the_bus_that_it_was_published_to(
    running_ministack: Emulator, account: str
) -> None:
    """Two services of one prefix, of which the other is there all the time."""
    async with AsyncExitStack() as stack:
        orders, stock = [
            create_eventbridge(
                {**running_ministack.options(account), **QUICK, "bus": bus}, SystemClock()
            )
            for bus in ("orders", "stock")
        ]
        stack.push_async_callback(orders.close)
        stack.push_async_callback(stock.close)
        await orders.open(topology(a=ORDERS))
        await stock.open(topology(b=ORDERS))
        await stock.receive("b", limit=1, wait=0)
        assert list(await orders.publish([later("1", 1)], timeout=5)) == [None]
        assert (await stock.depth("b")).outstanding == 0
        assert (await one(orders, "a")).event.id == "1"
        assert (await stock.depth("b")).outstanding == 0


async def test_who_only_publishes_polls_nothing_and_closes_at_once(
    running_ministack: Emulator, account: str
) -> None:
    began = monotonic()
    async with adapter_on(running_ministack, account, topology(a=ORDERS), poll_wait=20) as adapter:
        await adapter.publish([later("1", 1)], timeout=5)
    assert monotonic() - began < 5


async def test_what_could_never_be_published_is_refused_while_somebody_listens(
    running_ministack: Emulator, account: str
) -> None:
    async with adapter_on(running_ministack, account, topology(a=ORDERS)):
        pass
    async with adapter_on(
        running_ministack, account, topology(a=ORDERS), provision="validate"
    ) as adapter:
        messages = [
            Outgoing(Event("shop.stock", "T", {}), delay=5),
            Outgoing(event("2"), {"large": "x" * 262_144}, delay=5),
            later("3", 901),
            later("4", 5),
        ]
        outcomes = await adapter.publish(messages, timeout=5)
        kinds = [ConfigurationError, LimitExceededError, UnsupportedError, type(None)]
        assert [type(one) for one in outcomes] == kinds
        assert "sns.sources" in str(outcomes[0])
        assert (await adapter.depth("a")).delayed == 1


async def test_the_queue_and_the_group_are_planned_made_and_destroyed_with_the_rest(
    running_ministack: Emulator, account: str
) -> None:
    options: dict[str, object] = {"scheduler_role": ROLE, "tags": {"team": "shop"}}
    made = [f"queue {QUEUE}-dead", f"queue {QUEUE}", f"schedule group {QUEUE}"]
    async with AsyncExitStack() as stack:
        aws = await Account.enter(stack, running_ministack.options(account))
        adapter = await stack.enter_async_context(adapter_on(running_ministack, account, **options))
        planned = await adapter.plan(topology(a=ORDERS))
        assert [one.resource for one in planned][-3:] == made
        assert await adapter.apply(topology(a=ORDERS)) == planned
        assert await adapter.plan(topology(a=ORDERS)) == []
        assert await aws.queue_tags(QUEUE) == {"eventroute": "eventroute", "team": "shop"}
        queue = await aws.queue(QUEUE)
        assert queue["MessageRetentionPeriod"] == "1209600"
        assert json.loads(queue["RedrivePolicy"])["deadLetterTargetArn"].endswith(f"{QUEUE}-dead")
        destroyed = await adapter.destroy(dry_run=True)
        assert {one.resource for one in destroyed} == {one.resource for one in planned} - {
            "subscription of eventroute-a to eventroute-shop-orders"
        }
        assert await adapter.destroy(dry_run=False) == destroyed
        assert (await aws.queues(), await adapter.destroy(dry_run=True)) == (set(), [])
        assert await adapter.plan(topology(a=ORDERS)) == planned


async def test_what_differs_is_refused_or_mended(running_ministack: Emulator, account: str) -> None:
    none = Topology()
    async with AsyncExitStack() as stack:
        aws = await Account.enter(stack, running_ministack.options(account))
        with pytest.raises(ConfigurationError, match=f"create the queue {QUEUE}"):
            async with adapter_on(running_ministack, account, none, provision="validate"):
                pass
        async with adapter_on(running_ministack, account, none, scheduler_role=ROLE):
            pass
        await aws.change_queue(QUEUE, MessageRetentionPeriod="60")
        tagged = {"scheduler_role": ROLE, "tags": {"team": "shop"}}
        with pytest.raises(ConfigurationError, match=r"schedule group .*tag team: 'shop'"):
            async with adapter_on(running_ministack, account, none, provision="validate", **tagged):
                pass
        async with adapter_on(running_ministack, account, none, **tagged) as adapter:
            assert await adapter.plan(none) == []
        assert (await aws.queue(QUEUE))["MessageRetentionPeriod"] == "1209600"


async def test_what_waits_is_not_forgotten_where_delays_are_turned_off(
    running_ministack: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    declared = topology(a=ORDERS)
    async with adapter_on(running_ministack, account, declared, scheduler_role=ROLE) as adapter:
        messages = [later("1", 900), later("2", 9_000)]
        assert list(await adapter.publish(messages, timeout=5)) == [None, None]
    async with adapter_on(running_ministack, account, declared, delays="off"):
        pass
    assert f"2 delayed events wait in the queue {QUEUE}" in caplog.text


async def test_a_delayed_event_of_an_application_that_has_only_routes_is_published(
    running_ministack: Emulator, account: str
) -> None:
    target = SqsQueue(f"arn:aws:sqs:us-east-1:{account}:theirs")
    routes = Topology((), (Route("r", Pattern(ORDERS), target),))
    async with AsyncExitStack() as stack:
        aws = await Account.enter(stack, running_ministack.options(account))
        adapter = create_eventbridge(
            {**running_ministack.options(account), **QUICK, "bus": "shop"}, SystemClock()
        )
        stack.push_async_callback(adapter.close)
        await adapter.open(routes)
        assert list(await adapter.publish([later("a", 1)], timeout=5)) == [None]
        with anyio.fail_after(10):
            while await waiting(aws, f"{QUEUE}-shop"):
                await anyio.sleep(0.1)


async def test_the_group_is_destroyed_also_where_the_role_was_taken_from_the_options(
    running_ministack: Emulator, account: str
) -> None:
    async with adapter_on(running_ministack, account, Topology(), scheduler_role=ROLE) as adapter:
        await adapter.publish([later("a", 1_000)], timeout=5)
    async with adapter_on(running_ministack, account) as adapter:
        gone = await adapter.destroy(dry_run=False)
        assert f"schedule group {QUEUE}" in [one.resource for one in gone]
        assert await adapter.destroy(dry_run=True) == []


async def test_delays_that_are_off_leave_no_trace(
    running_ministack: Emulator, account: str
) -> None:
    async with AsyncExitStack() as stack:
        aws = await Account.enter(stack, running_ministack.options(account))
        async with adapter_on(
            running_ministack, account, topology(a=ORDERS), delays="off"
        ) as adapter:
            assert adapter.capabilities.max_publish_delay == 0
            await adapter.receive("a", limit=1, wait=0)
            assert await aws.queues() == {"eventroute-a", "eventroute-a-dead"}
            plain = await adapter.permissions("consumer", topology(a=ORDERS))
            assert QUEUE not in json.dumps(plain)


async def test_a_subscription_of_that_name_has_another_queue(
    running_ministack: Emulator, account: str
) -> None:
    names = Topology((Subscription("delayed", Pattern(ORDERS)),))
    async with AsyncExitStack() as stack:
        aws = await Account.enter(stack, running_ministack.options(account))
        async with adapter_on(running_ministack, account, names) as adapter:
            assert len(await aws.queues()) == 4
            await adapter.publish([Outgoing(event("1"))], timeout=5)
            assert (await one(adapter, "delayed")).event.id == "1"


async def act_as(
    emulator: Emulator,
    account: str,
    allowed: Mapping[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Be a user who has nothing but a policy, from now on."""
    # ministack does not see which topic, schedule or group these calls are about, and asks for
    # every one; and batches are actions of their own there.
    blind = actions(allowed["Statement"]) & {
        "scheduler:CreateSchedule",
        "scheduler:GetSchedule",
        "scheduler:ListTagsForResource",
        "scheduler:TagResource",
        "sns:ListTagsForResource",
    }
    more = [{"Effect": "Allow", "Action": sorted(blind), "Resource": "*"}] if blind else []
    for statement in allowed["Statement"]:
        batches = {f"{one}Batch" for one in BATCHES & set(statement["Action"])}
        more.append({**statement, "Action": sorted({*statement["Action"], *batches})})
    client: Any = SESSION.create_client(
        "iam",
        region_name="us-east-1",
        endpoint_url=emulator.url,
        aws_access_key_id=account,
        aws_secret_access_key="test",  # noqa: S106  an emulator takes any
    )
    document = {**allowed, "Statement": more}
    async with client as iam:
        await iam.create_user(UserName="role")
        await iam.put_user_policy(
            UserName="role", PolicyName="role", PolicyDocument=json.dumps(document)
        )
        key = (await iam.create_access_key(UserName="role"))["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])


@pytest.mark.parametrize("role", ["publisher", "consumer"])
async def test_each_role_may_do_its_part(
    running_ministack: Emulator,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
) -> None:
    role_arn = f"arn:aws:iam::{account}:role/eventroute-scheduler"
    subscriptions = topology(a=ORDERS)
    given: dict[str, object] = {"scheduler_role": role_arn, "sources": ("shop.orders",)}
    async with adapter_on(running_ministack, account, subscriptions, **given) as root:
        await root.publish([later("1", 1)], timeout=5)
        given["provision"] = "validate"
        async with adapter_on(running_ministack, account, **given) as other:
            allowed = await other.permissions(role, subscriptions)
        await act_as(running_ministack, account, allowed, monkeypatch)
        async with adapter_on(running_ministack, account, subscriptions, **given) as adapter:
            if role == "consumer":
                assert (await one(adapter, "a")).event.id == "1"
                with anyio.fail_after(5):
                    while (await adapter.depth("a")).outstanding:
                        await anyio.sleep(0.05)
            else:
                messages = [later("2", 900), later("3", 9_000)]
                assert list(await adapter.publish(messages, timeout=5)) == [None, None]
                with pytest.raises(AccessDeniedError):
                    await adapter.depth("a")


async def test_a_publisher_may_pass_the_role_to_scheduler_alone(
    running_ministack: Emulator, account: str
) -> None:
    async with adapter_on(running_ministack, account, scheduler_role=ROLE) as adapter:
        allowed: Any = await adapter.permissions("publisher", Topology())
    (passing,) = [one for one in allowed["Statement"] if "iam:PassRole" in one["Action"]]
    assert passing == {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": [ROLE],
        "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
    }


@pytest.mark.parametrize("make", [create_sns, create_eventbridge])
async def test_a_publisher_may_use_the_key_of_the_queue(
    running_ministack: Emulator, account: str, make: Callable[..., AwsAdapter]
) -> None:
    key = f"arn:aws:kms:us-east-1:{account}:key/11112222-3333-4444-5555-666677778888"
    adapter = make({**running_ministack.options(account), "kms_key": key}, SystemClock())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(adapter.close)
        policy: Any = await adapter.permissions("publisher", topology(a=ORDERS))
    keyed = [one for one in policy["Statement"] if "kms:GenerateDataKey" in one["Action"]]
    assert [one["Resource"] for one in keyed] == [[key]]


async def test_who_publishes_for_routes_alone_may_look_after_what_waits(
    running_ministack: Emulator, account: str
) -> None:
    target = SqsQueue(f"arn:aws:sqs:us-east-1:{account}:theirs")
    routes = Topology((), (Route("r", Pattern(ORDERS), target),))
    adapter = create_eventbridge(running_ministack.options(account), SystemClock())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(adapter.close)
        alone: Any = await adapter.permissions("publisher", routes)
        other: Any = await adapter.permissions("publisher", topology(a=ORDERS))
    assert "sqs:ReceiveMessage" in actions(alone["Statement"])
    assert "sqs:ReceiveMessage" not in actions(other["Statement"])


async def test_who_assumes_names_need_not_look(running_ministack: Emulator, account: str) -> None:
    looked_at = {"sqs:ListQueueTags", "scheduler:GetScheduleGroup"}
    given: dict[str, object] = {"scheduler_role": ROLE, "provision": "assume"}
    async with adapter_on(running_ministack, account, **given) as adapter:
        for role in ROLES:
            allowed: Any = await adapter.permissions(role, Topology())
            needed = looked_at if role == "provisioner" else set()
            assert actions(allowed["Statement"]) & looked_at == needed


async def test_a_provisioner_may_make_and_remove_what_delays_need(
    running_ministack: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {"scheduler_role": ROLE}
    async with adapter_on(running_ministack, account, **given) as root:
        allowed = await root.permissions("provisioner", Topology())
    await act_as(running_ministack, account, allowed, monkeypatch)
    async with adapter_on(running_ministack, account, **given) as adapter:
        done = await adapter.apply(Topology())
        assert len(done) == 3
        assert await adapter.apply(Topology()) == []
        assert len(await adapter.destroy(dry_run=False)) == 3
