"""What a policy allows is what the backend's parts ask for while they work, and enough for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from botocore.model import OperationModel

from eventroute import Event
from eventroute.backend_options import read_table
from eventroute.clock import SystemClock
from eventroute.port import Ack, Bury, Discard, Extend, Keep, Outgoing, Redrive, Release, Role
from eventroute.topology import Topology
from eventroute_aws.claims import Claims
from eventroute_aws.options import SnsOptions
from eventroute_aws.queues.consumer import Consumer
from eventroute_aws.sns.provision import Provisioner
from eventroute_aws.sns.publisher import Publisher

from .account import ORDERS, Account, ordered, topology
from .test_iam import actions, user

TOPOLOGY = topology(a=ORDERS, b=ordered("b", {"source": ["shop.stock"]}))

ASKED_BY_S3: frozenset[str] = frozenset({"s3:ListBucket"})
"""No call's name: without it, S3 says that it refuses where something has expired."""


@dataclass
class Parts:
    """The parts of the backend, which share clients; and the IAM actions of their calls."""

    provisioner: Provisioner
    publisher: Publisher
    consumer: Consumer
    recorded: set[str]

    async def open(self, subscriptions: Topology) -> None:
        self.consumer.use(await self.provisioner.open(subscriptions, provision=True))

    async def publish(self, *events: Event) -> None:
        outcomes = await self.publisher.publish([Outgoing(one) for one in events], timeout=20)
        assert list(outcomes) == [None] * len(events)

    async def work(self, name: str) -> None:
        """Everything that can become of four events, and of those that died."""
        ack, release, extend, bury = await self._take(name, 4)
        settled = await self.consumer.settle(
            [Extend(extend, 30), Ack(ack), Release(release), Bury(bury, "rejected", "no")]
        )
        assert list(settled) == [None] * 4
        assert await self.consumer.settle([Bury(extend, "rejected", "no")]) == [None]
        await self.consumer.depth(name)
        letters = await self.consumer.receive_dead(name, limit=10, lease=30)
        while len(letters) < 2:
            letters = [*letters, *await self.consumer.receive_dead(name, limit=10, lease=30)]
        assert await self.consumer.settle_dead([Keep(letters[0])]) == [None]
        (again,) = await self.consumer.receive_dead(name, limit=10, lease=30)
        assert await self.consumer.settle_dead([Redrive(again), Discard(letters[1])]) == [None] * 2

    async def _take(self, name: str, count: int) -> list[Any]:
        found: list[Any] = []
        with anyio.fail_after(20):
            while len(found) < count:
                found += await self.consumer.receive(name, limit=10, wait=1)
        return found


@asynccontextmanager
async def parts_of(account: Account, options: Mapping[str, object]) -> AsyncGenerator[Parts]:
    read = read_table(SnsOptions, "sns", {**account.options, "poll_wait": 1, **options})
    clients, recorded = account.clients, set[str]()

    def note(model: OperationModel, **_: object) -> None:
        service = model.service_model.service_name
        recorded.add(f"{service}:{model.name.removesuffix('Batch')}")

    for client in (clients.sns(), clients.sqs(), clients.polls(), clients.s3()):
        (await client).meta.events.register("before-call", note)
    claims = None if read.claim_check is None else Claims(clients, read.claim_check)
    provisioner = Provisioner(clients, read)
    publisher = Publisher(clients, read, provisioner.topic, claims)
    consumer = Consumer(clients, read, SystemClock(), claims)
    try:
        yield Parts(provisioner, publisher, consumer, recorded)
    finally:
        await publisher.close()
        await consumer.close()


def events() -> list[Event]:
    text = "x" * 300_000  # goes to S3
    small = [Event("shop.stock", "T", {"order_id": "1", "n": n}) for n in range(4)]
    return [*small, *(Event("shop.orders", "T", {"n": n, "text": text}) for n in range(4))]


def with_batches(allowed: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """What ministack wants: it takes a batch for an action of its own, which in AWS it is not."""
    statements = [
        {**one, "Action": [each for name in one["Action"] for each in (name, f"{name}Batch")]}
        for one in allowed["Statement"]
    ]
    return {**allowed, "Statement": statements}


@pytest.mark.parametrize("role", ["publisher", "consumer"])
@pytest.mark.parametrize(
    ("mode", "is_mapped"),
    [("validate", False), ("validate", True), ("assume", False)],
    ids=["validate", "mapped", "assume"],
)
async def test_the_backend_does_its_work_with_the_policy_that_it_prints_and_needs_all_of_it(
    aws: Account, monkeypatch: pytest.MonkeyPatch, role: Role, mode: str, *, is_mapped: bool
) -> None:
    options: dict[str, object] = {"claim_check": {"bucket": f"payloads-{aws.id}"}}
    await (await aws.clients.s3()).create_bucket(Bucket=f"payloads-{aws.id}")
    if is_mapped:
        options |= {
            "queues": {"a": (await aws.make_queue("theirs")).rpartition(":")[2]},
            "topics": {"shop.orders": await aws.make_topic("their-orders")},
        }
    async with parts_of(aws, options) as root:
        await root.open(TOPOLOGY)
        if role == "consumer":
            await root.publish(*events())
    provisioner = await aws.provisioner(**options, provision=mode)
    allowed: Any = await provisioner.permissions(role, TOPOLOGY)
    async with AsyncExitStack() as stack:
        restricted = await user(aws, with_batches(allowed), monkeypatch, stack)
        at = await stack.enter_async_context(parts_of(restricted, {**options, "provision": mode}))
        await at.open(TOPOLOGY)
        if role == "publisher":
            await at.publish(*events())
        else:
            await at.work("a")
            await at.work("b")
    assert at.recorded == actions(allowed["Statement"]) - ASKED_BY_S3
