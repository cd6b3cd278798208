"""What goes wrong with a queue is seen, and passes without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError

from eventroute.clock import SystemClock
from eventroute.errors import AccessDeniedError, AdapterError, ConfigurationError
from eventroute.port import Ack
from eventroute_aws.clients import Clients
from eventroute_aws.queues.consumer import Consumer
from tests.aws.consume.station import NAME, event, make_queue, numbers, station, until
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy, delay


class Road:
    """The way to an emulator, which can be closed for repair.

    :ivar url: where it begins.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._port = urlsplit(emulator.url).port
        self._server: asyncio.Server | None = None
        self._travellers: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._travel, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for traveller in list(self._travellers):
            traveller.transport.abort()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), 1)

    async def _travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._travellers |= {writer, back}
        try:
            await asyncio.gather(_carry(reader, back), _carry(there, writer))
        finally:
            self._travellers -= {writer, back}


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def road(emulator: Emulator) -> AsyncGenerator[Road]:
    made = Road(emulator)
    await made.open()
    try:
        yield made
    finally:
        await made.close()


async def test_a_queue_that_was_deleted_is_an_error_and_comes_back(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        client = await at.clients.sqs()
        await client.delete_queue(QueueUrl=at.queue.url)
        with pytest.raises(AdapterError, match="it is not there"):
            await at.receive()
        with pytest.raises(AdapterError, match="it is not there"):
            await at.counts()
        await make_queue(at.clients, "invoice", fifo=False)
        await at.send(event(1))
        assert numbers([await at.one()]) == [1]


async def test_what_the_credentials_do_not_allow_is_an_error(
    emulator: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(emulator, account) as at:
        await at.send(event(1))
        key, secret = await stranger(emulator)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        clients = Clients(at.options)
        await clients.open()
        consumer = Consumer(clients, at.options, SystemClock(), None)
        consumer.use([at.queue])
        try:
            with pytest.raises(AccessDeniedError, match="AWS refused"):
                await consumer.receive(NAME, limit=1, wait=1)
            delivery = await at.one()
            (error,) = await consumer.settle([Ack(delivery)])
            assert isinstance(error, AccessDeniedError)
        finally:
            await consumer.close()
            await clients.close()
        await at.settled(Ack(delivery))  # it is still held


async def test_credentials_that_come_after_the_start_are_found_by_the_next_receive(
    emulator: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(emulator, account) as at:
        await at.send(event(1))
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        clients = Clients(at.options)
        await clients.open()
        consumer = Consumer(clients, at.options, SystemClock(), None)
        consumer.use([at.queue])
        try:
            with pytest.raises(ConfigurationError, match="no AWS credentials"):
                await consumer.receive(NAME, limit=1, wait=1)
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)
            assert numbers(list(await consumer.receive(NAME, limit=1, wait=5))) == [1]
        finally:
            await consumer.close()
            await clients.close()


@pytest.mark.parametrize(
    "code", ["OverLimit", "RequestThrottled", "AWS.SimpleQueueService.RequestThrottled"]
)
async def test_aws_asks_for_patience_and_the_next_receive_has_it(
    code: str, emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        polls = await at.clients.polls()
        polls.meta.events.register_first("before-call.sqs", refuse(code, 403), unique_id="busy")
        with pytest.raises(AdapterError, match="patience"):
            await at.receive()
        assert len(at.asked("ReceiveMessage")) == 1  # whoever asked decides when to ask again
        polls.meta.events.unregister("before-call.sqs", unique_id="busy")
        await at.send(event(1))
        assert numbers([await at.one()]) == [1]


async def test_an_endpoint_that_is_down_is_an_error_and_comes_back(
    emulator: Emulator, account: str
) -> None:
    async with road(emulator) as way, station(emulator, account, endpoint=way.url) as at:
        await at.send(event(1))
        await way.close()
        with pytest.raises(AdapterError):
            await at.receive()
        await way.open()
        assert numbers([await at.one()]) == [1]


async def test_a_poll_that_is_cut_is_an_error_for_whoever_waits_for_it(
    emulator: Emulator, account: str
) -> None:
    async with (
        road(emulator) as way,
        station(emulator, account, endpoint=way.url, poll_wait=20) as at,
        anyio.create_task_group() as group,
    ):

        async def cut() -> None:
            while not at.asked("ReceiveMessage"):
                await anyio.sleep(0.01)
            await anyio.sleep(0.1)
            await way.close()

        group.start_soon(cut)
        with pytest.raises(AdapterError):
            await at.receive(wait=20)
        await way.open()


async def test_a_stop_waits_for_a_slow_answer_and_gives_back_what_it_brings(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with station(lenient, account) as by_hand, Proxy(lenient.url) as proxy:
        await by_hand.send(event(1))
        proxy.plan(delay(4), action="ReceiveMessage", times=1)
        async with (
            station(lenient, account, endpoint=proxy.url, poll_wait=0) as at,
            at.cancelled_by("ReceiveMessage"),
        ):
            await at.receive()
        assert "a poll does not end" not in caplog.text
        assert numbers([await by_hand.one()]) == [1]  # long before the lease of the poll ends


async def test_an_error_that_nobody_waited_for_is_forgotten(
    emulator: Emulator, account: str
) -> None:
    async with road(emulator) as way, station(emulator, account, endpoint=way.url) as at:
        await at.send(event(1))
        await way.close()
        async with at.cancelled_by("ReceiveMessage"):
            await at.receive()
        await until(
            lambda: "eventroute poll" not in [task.name for task in anyio.get_running_tasks()]
        )
        await way.open()
        assert numbers([await at.one()]) == [1]


async def stranger(emulator: Emulator) -> tuple[str, str]:
    """Credentials of a user of the account who may do nothing."""
    session: Any = AioSession()
    async with session.create_client(
        "iam", endpoint_url=emulator.url, region_name="us-east-1"
    ) as iam:
        await iam.create_user(UserName="stranger")
        made = await iam.create_access_key(UserName="stranger")
    return made["AccessKey"]["AccessKeyId"], made["AccessKey"]["SecretAccessKey"]


def refuse(code: str, status: int) -> Callable[..., None]:
    def handler(**_: object) -> None:
        raise ClientError(
            {
                "Error": {"Code": code, "Message": "no"},
                "ResponseMetadata": {
                    "HTTPStatusCode": status,
                    "HTTPHeaders": {},
                    "HostId": "",
                    "RequestId": "",
                    "RetryAttempts": 0,
                },
            },
            "ReceiveMessage",
        )

    return handler
