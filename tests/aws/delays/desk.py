"""Delays over the wire, before a publisher that keeps what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio

from eventroute.backend_options import read_table
from eventroute.clock import Clock, SystemClock
from eventroute.envelope import Event
from eventroute.errors import EventRouteError, UnsupportedError
from eventroute.port import NO_HEADERS, Change, Headers, Outgoing, Role
from eventroute.topology import Topology
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.delays.delaying import Delaying
from eventroute_aws.delays.provision import ProvisioningOfDelays
from eventroute_aws.delays.resting import Resting
from eventroute_aws.layout import Queue
from eventroute_aws.options import AwsOptions
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy

ROLE = "arn:aws:iam::123456789012:role/eventroute-scheduler"
QUEUE = "eventroute-delayed"


def event(name: str, **detail: object) -> Event:
    return Event("shop.orders", "OrderPlaced", detail, id=name)


def later(name: str, delay: float, headers: Headers = NO_HEADERS) -> Outgoing:
    return Outgoing(event(name), headers, delay)


class ShiftedClock(SystemClock):
    """Shows another time of day."""

    def __init__(self, shift: float) -> None:
        self._shift = shift

    def wall(self) -> float:
        return super().wall() + self._shift


class StoppedClock(SystemClock):
    """Shows the time of day at which it was made."""

    def __init__(self) -> None:
        self._now = super().wall()

    def wall(self) -> float:
        return self._now


class Mailbox:
    """A publisher that keeps what it is given.

    :ivar refusals: outcomes of an event's next publishes, by its id; then it is accepted.
    :ivar broken: what its next calls raise.
    :ivar never: ids that it would refuse; it is asked beforehand.
    :ivar gate: what has come in waits here for its outcome.
    """

    def __init__(self) -> None:
        self.got: list[Outgoing] = []
        self.calls: list[int] = []
        self.refusals: dict[str, list[EventRouteError]] = {}
        self.broken: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False
        self.never: set[str] = set()
        self.checked: list[str] = []

    @property
    def ids(self) -> list[str]:
        return [one.event.id for one in self.got]

    async def check(self, messages: Sequence[Outgoing]) -> Sequence[EventRouteError | None]:
        self.checked += [one.event.id for one in messages]
        return [UnsupportedError("no") if one.event.id in self.never else None for one in messages]

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        del timeout
        if self.broken:
            raise self.broken.pop()
        self.calls.append(len(messages))
        outcomes: list[EventRouteError | None] = []
        for one in messages:
            refusals = self.refusals.get(one.event.id)
            outcomes.append(refusals.pop(0) if refusals else None)
            if outcomes[-1] is None:
                self.got.append(one)
        await self.gate.wait()
        return outcomes

    async def close(self) -> None:
        self.closed = True

    async def has(self, *ids: str) -> None:
        """Wait until it has been given exactly these."""
        await until(lambda: sorted(self.ids) == sorted(ids), f"{ids}; there are {self.ids}")


class Bare:
    """Puts nothing on AWS."""

    async def open(self, topology: Topology, *, provision: bool) -> Sequence[Queue]:
        del topology, provision
        return []

    async def plan(self, topology: Topology) -> Sequence[Change]:
        del topology
        return []

    apply = plan

    async def destroy(self, *, dry_run: bool) -> Sequence[Change]:
        del dry_run
        return []

    async def drop(self, subscriptions: Sequence[str]) -> None:
        del subscriptions

    async def permissions(self, role: Role, topology: Topology) -> Mapping[str, object]:
        del topology
        return {"Version": "2012-10-17", "Statement": [{"Sid": f"others-{role}"}]}


@dataclass
class Desk:
    """What a test of delays needs."""

    stack: AsyncExitStack
    clients: Clients
    options: AwsOptions
    proxy: Proxy
    claims: Claims | None
    mailbox: Mailbox = field(default_factory=Mailbox)

    def delaying(self, clock: Clock | None = None, mailbox: Mailbox | None = None) -> Delaying:
        """Another process, as it were; closed at the end."""
        made = Delaying(
            mailbox or self.mailbox,
            self.clients,
            self.options,
            clock or SystemClock(),
            self.claims,
        )
        self.stack.push_async_callback(made.close)
        return made

    async def url(self, name: str = QUEUE) -> str:
        return (await (await self.clients.sqs()).get_queue_url(QueueName=name))["QueueUrl"]

    async def put(self, *bodies: str | Resting) -> None:
        """Send to the queue, past what is tested."""
        sqs = await self.clients.sqs()
        for body in bodies:
            text = body.text() if isinstance(body, Resting) else body
            await sqs.send_message(QueueUrl=await self.url(), MessageBody=text)

    async def counts(self, name: str = QUEUE) -> dict[str, int]:
        """Messages that are ready, hidden and delayed."""
        answer = await (await self.clients.sqs()).get_queue_attributes(
            QueueUrl=await self.url(name), AttributeNames=["All"]
        )
        found = {str(key): text for key, text in answer["Attributes"].items()}
        begin = "ApproximateNumberOfMessages"
        kinds = {"ready": "", "hidden": "NotVisible", "delayed": "Delayed"}
        return {kind: int(found[begin + end]) for kind, end in kinds.items()}

    async def holds(self, name: str = QUEUE, **counts: int) -> None:
        """Wait until a queue holds so many messages, and no others."""
        wanted = {"ready": 0, "hidden": 0, "delayed": 0, **counts}
        found: dict[str, int] = {}
        with anyio.move_on_after(10):
            while (found := await self.counts(name)) != wanted:
                await anyio.sleep(0.02)
        assert found == wanted

    async def received(self, name: str = QUEUE) -> list[Any]:
        """The messages that a queue holds, as SQS gives them."""
        answer = await (await self.clients.sqs()).receive_message(
            QueueUrl=await self.url(name),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=0,
        )
        return list(answer.get("Messages", ()))

    def waits(self) -> list[list[int]]:
        """The delays in seconds in each request that sent to the queue."""
        return [
            [entry.get("DelaySeconds", 0) for entry in request.json["Entries"]]
            for request in self.proxy.requests("SendMessageBatch")
        ]


@asynccontextmanager
async def desk_on(
    emulator: Emulator, account: str, *, provisioned: bool = True, **options: object
) -> AsyncGenerator[Desk]:
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy(emulator.url))
        given = {
            **emulator.options(account),
            "endpoint_url": proxy.url,
            "linger": 0,
            "poll_wait": 0,
            **options,
        }
        checked = read_table(AwsOptions, "aws", given)
        clients = Clients(checked)
        stack.push_async_callback(clients.close)
        await clients.open()
        claims = None if checked.claim_check is None else Claims(clients, checked.claim_check)
        if checked.claim_check is not None:
            await (await clients.s3()).create_bucket(Bucket=checked.claim_check.bucket)
        if provisioned:
            await ProvisioningOfDelays(Bare(), clients, checked).apply(Topology())
        yield Desk(stack, clients, checked, proxy, claims)


async def until(condition: Callable[[], object], what: str = "the condition") -> None:
    with anyio.move_on_after(10):
        while not condition():
            await anyio.sleep(0.01)
    assert condition(), f"it never came to this: {what}"
