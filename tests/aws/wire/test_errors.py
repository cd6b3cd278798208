"""What goes wrong with AWS is a clear error at the start, or a visible pause and then recovery."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from math import inf
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiobotocore.session import AioSession

from eventroute import Event, EventBus, Health, HealthState, Router
from eventroute.errors import AccessDeniedError, AdapterError, ConfigurationError, EventRouteError
from tools.emulators import Emulator
from tools.emulators.proxy import Proxy, answer
from tools.torture.wire.station import at_work

PATIENCE = 30.0

CONFIG = """
backend = "sns"

[sns]
endpoint_url = "{url}"
region = "us-east-1"
account = "{account}"
"""


class Shop:
    """A bus with one subscription, what it handled, and how its worker fared."""

    def __init__(self, options: dict[str, object]) -> None:
        self.handled: list[int] = []
        self.healths: list[Health] = []
        self.changed = anyio.Event()
        self.bus = EventBus("sns", options=options, on_health=self._note)
        self.bus.include(self.router())

    def router(self) -> Router:
        """Its one subscription."""
        router = Router("shop")

        @router.subscribe({"source": ["shop.orders"]}, visibility_timeout=10)
        async def bill(event: Event) -> None:
            self.handled.append(event.detail["n"])
            self._ring()

        return router

    def _note(self, health: Health) -> None:
        self.healths.append(health)
        self._ring()

    def _ring(self) -> None:
        self.changed.set()
        self.changed = anyio.Event()

    async def publish(self, n: int) -> None:
        await self.bus.publish(order(n))

    async def until(self, condition: Callable[[], bool]) -> None:
        with anyio.fail_after(PATIENCE):
            while not condition():
                await self.changed.wait()

    async def until_failing(self) -> EventRouteError:
        """The error that health tells of."""
        await self.until(lambda: self.state is HealthState.FAILING)
        error = self.healths[-1].error
        assert isinstance(error, EventRouteError)
        return error

    @property
    def state(self) -> HealthState | None:
        return self.healths[-1].state if self.healths else None


def order(n: int) -> Event:
    return Event("shop.orders", "OrderPlaced", {"n": n})


def options_of(emulator: Emulator, account: str, **more: object) -> dict[str, object]:
    # A fault that is planned for the subscription's poll must not meet that of delayed events.
    return {**emulator.options(account), "poll_wait": 1, "delays": "off", **more}


@asynccontextmanager
async def working(emulator: Emulator, account: str) -> AsyncGenerator[tuple[Shop, Proxy]]:
    """A shop that receives, through a proxy."""
    async with Proxy(emulator.url) as proxy:
        shop = Shop(options_of(emulator, account, endpoint_url=proxy.url))
        async with at_work(shop.bus):
            await shop.until(lambda: shop.state is HealthState.RUNNING)
            yield shop, proxy
            proxy.calm()


def bus_from(folder: Path, text: str) -> EventBus:
    file = folder / "eventroute.toml"
    file.write_text(text, encoding="utf-8")
    bus = EventBus.from_config(file)
    bus.include(Shop({"region": "us-east-1"}).router())
    return bus


async def refusal(bus: EventBus) -> EventRouteError:
    with pytest.raises(EventRouteError) as caught:
        async with bus:
            pass
    return caught.value


async def test_missing_credentials_are_named_at_the_start(
    lenient: Emulator, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    bus = bus_from(tmp_path, CONFIG.format(url=lenient.url, account=account))
    error = await refusal(bus)
    assert isinstance(error, ConfigurationError)
    assert "no AWS credentials" in str(error)
    assert "AWS_ACCESS_KEY_ID" in str(error)


async def test_a_missing_region_is_named_at_the_start(
    lenient: Emulator, account: str, tmp_path: Path
) -> None:
    text = CONFIG.format(url=lenient.url, account=account).replace('region = "us-east-1"', "")
    error = await refusal(bus_from(tmp_path, text))
    assert isinstance(error, ConfigurationError)
    assert "set region in the backend's table, or AWS_DEFAULT_REGION" in str(error)


async def test_a_profile_that_does_not_exist_is_named_at_the_start(
    lenient: Emulator, account: str, tmp_path: Path
) -> None:
    text = CONFIG.format(url=lenient.url, account=account) + 'profile = "nobody"\n'
    error = await refusal(bus_from(tmp_path, text))
    assert isinstance(error, ConfigurationError)
    assert "(nobody) could not be found; correct profile" in str(error)


async def test_an_endpoint_that_is_no_url_is_named_at_the_start(
    account: str, tmp_path: Path
) -> None:
    error = await refusal(bus_from(tmp_path, CONFIG.format(url="localhost:4566", account=account)))
    assert isinstance(error, ConfigurationError)
    assert "endpoint_url" in str(error)
    assert "localhost:4566" in str(error)


async def test_a_region_where_nothing_was_made_is_told_apart_by_validate(
    running_ministack: Emulator, account: str
) -> None:
    async with Shop(options_of(running_ministack, account)).bus:
        pass
    there = Shop(options_of(running_ministack, account, provision="validate"))
    async with there.bus:
        pass
    elsewhere = options_of(running_ministack, account, provision="validate", region="eu-west-1")
    error = await refusal(Shop(elsewhere).bus)
    assert isinstance(error, ConfigurationError)
    assert "create the queue eventroute-shop-bill" in str(error)


async def test_credentials_that_may_do_nothing_are_refused_at_the_start(
    running_ministack: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = await stranger(running_ministack)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    error = await refusal(Shop(options_of(running_ministack, account)).bus)
    assert isinstance(error, AccessDeniedError)
    assert "`eventroute iam` prints the policy that is needed" in str(error)


async def test_a_start_that_failed_leaves_no_connection_open(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Proxy(lenient.url) as proxy:
        proxy.plan(answer(403, "AccessDenied"), times=inf)
        await refusal(Shop(options_of(lenient, account, endpoint_url=proxy.url)).bus)
    gc.collect()
    assert "Unclosed" not in caplog.text


async def test_a_start_that_failed_can_be_tried_again(lenient: Emulator, account: str) -> None:
    async with Proxy(lenient.url) as proxy:
        shop = Shop(options_of(lenient, account, endpoint_url=proxy.url))
        proxy.plan(answer(403, "AccessDenied"), times=inf)
        await refusal(shop.bus)
        proxy.calm()
        async with at_work(shop.bus):
            await shop.publish(1)
            await shop.until(lambda: shop.handled == [1])


async def test_an_endpoint_that_is_down_at_the_start_is_told_of_and_waited_for(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "eventroute")
    async with Proxy(lenient.url) as proxy:
        await proxy.stop()
        shop = Shop(options_of(lenient, account, endpoint_url=proxy.url))
        opened = anyio.Event()

        async def opening() -> None:
            async with shop.bus:
                opened.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(opening)
            with anyio.fail_after(PATIENCE):
                while "AWS cannot be reached" not in caplog.text:
                    await anyio.sleep(0.02)
                assert not opened.is_set()
                await proxy.start()
                await opened.wait()


async def test_an_endpoint_that_goes_down_is_told_of_and_what_was_published_comes_later(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(lenient, account) as (shop, proxy), anyio.create_task_group() as tasks:
        await proxy.stop()
        tasks.start_soon(shop.publish, 1)
        assert isinstance(await shop.until_failing(), AdapterError)
        assert "shop.bill: receive failed; again in 1 s" in caplog.text
        await proxy.start()
        await shop.until(lambda: shop.handled == [1] and shop.state is HealthState.RUNNING)


async def test_a_right_that_is_taken_away_is_told_of_until_it_is_given_back(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(lenient, account) as (shop, proxy):
        proxy.plan(answer(403, "AccessDenied"), times=inf)
        assert isinstance(await shop.until_failing(), AccessDeniedError)
        assert "`eventroute iam` prints the policy that is needed" in caplog.text
        with pytest.raises(AccessDeniedError, match="publishing to the topic"):
            await shop.publish(1)
        proxy.calm()
        await shop.publish(2)
        await shop.until(lambda: shop.handled == [2] and shop.state is HealthState.RUNNING)


async def test_credentials_that_expired_are_told_of_until_they_are_renewed(
    lenient: Emulator, account: str
) -> None:
    async with working(lenient, account) as (shop, proxy):
        proxy.plan(answer(403, "ExpiredToken"), action="ReceiveMessage", times=1)
        error = await shop.until_failing()
        assert isinstance(error, AccessDeniedError)
        assert "renew them" in str(error)
        await shop.publish(1)
        await shop.until(lambda: shop.handled == [1] and shop.state is HealthState.RUNNING)


async def test_a_queue_that_is_deleted_is_told_of_and_works_once_it_is_made_again(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(lenient, account) as (shop, _):
        await delete_queue(lenient, "eventroute-shop-bill")
        error = await shop.until_failing()
        assert isinstance(error, AdapterError)
        assert "it is not there" in str(error)
        assert "`eventroute apply`" in caplog.text
        async with Shop(options_of(lenient, account)).bus:
            await shop.publish(1)
        await shop.until(lambda: shop.handled == [1] and shop.state is HealthState.RUNNING)


async def test_a_receive_that_is_throttled_is_told_of_and_made_again(
    lenient: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "eventroute")
    async with working(lenient, account) as (shop, proxy):
        code = "AWS.SimpleQueueService.RequestThrottled"
        proxy.plan(answer(400, code), action="ReceiveMessage", times=1)
        await shop.publish(1)
        assert "AWS asks for patience" in str(await shop.until_failing())
        await shop.until(lambda: shop.handled == [1] and shop.state is HealthState.RUNNING)
        assert "shop.bill: receives again" in caplog.text


async def test_a_publish_that_is_throttled_is_made_again_under_the_same_id(
    lenient: Emulator, account: str
) -> None:
    async with working(lenient, account) as (shop, proxy):
        proxy.plan(answer(429, "Throttled"), action="PublishBatch", times=2)
        await shop.publish(1)
        await shop.until(lambda: shop.handled == [1])
        sent = proxy.requests("PublishBatch")
        assert [one.status for one in sent] == [429, 429, 200]
        assert len({one.body for one in sent}) == 1


async def test_a_settlement_that_is_throttled_is_made_again_and_nothing_is_handled_twice(
    lenient: Emulator, account: str
) -> None:
    async with working(lenient, account) as (shop, proxy):
        proxy.plan(answer(400, "ThrottlingException"), action="DeleteMessageBatch", times=2)
        await shop.publish(1)
        with anyio.fail_after(PATIENCE):
            while shop.bus.counts("bill").handled < 1:
                await anyio.sleep(0.02)
        assert [one.status for one in proxy.requests("DeleteMessageBatch")] == [400, 400, 200]
        assert shop.handled == [1]
        assert (await shop.bus.depth("bill")).outstanding == 0


async def delete_queue(emulator: Emulator, name: str) -> None:
    session: Any = AioSession()
    async with session.create_client(
        "sqs", endpoint_url=emulator.url, region_name="us-east-1"
    ) as sqs:
        url = (await sqs.get_queue_url(QueueName=name))["QueueUrl"]
        await sqs.delete_queue(QueueUrl=url)


async def stranger(emulator: Emulator) -> tuple[str, str]:
    """Credentials of a user of the account who may do nothing."""
    session: Any = AioSession()
    async with session.create_client(
        "iam", endpoint_url=emulator.url, region_name="us-east-1"
    ) as iam:
        await iam.create_user(UserName="stranger")
        made = await iam.create_access_key(UserName="stranger")
    return made["AccessKey"]["AccessKeyId"], made["AccessKey"]["SecretAccessKey"]
