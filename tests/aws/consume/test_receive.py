"""What comes out of a queue."""

from __future__ import annotations

import json
import time

import anyio
import pytest

from eventroute.errors import AdapterError, NotOpenError
from eventroute.port import Ack, Release
from tests.aws.consume.station import NAME, event, numbers, station, text, until
from tools.emulators import Emulator


async def test_an_event_arrives_with_its_bytes_and_headers(
    emulator: Emulator, account: str
) -> None:
    sent = event(7, name="서울 ☕")
    headers = text(json.dumps({"trace": "7"}))
    source = text("shop.orders")
    async with station(emulator, account) as at:
        await at.send(sent, attributes={"eventroute-headers": headers, "source": source})
        delivery = await at.one()
    assert delivery.body == sent.to_json()
    assert delivery.headers == {"trace": "7"}
    assert (delivery.subscription, delivery.attempt) == (NAME, 1)


async def test_an_event_without_headers_has_none(emulator: Emulator, account: str) -> None:
    source = text("shop.orders")
    async with station(emulator, account) as at:
        await at.send(event(), attributes={"source": source})
        assert (await at.one()).headers == {}


async def test_headers_that_cannot_be_read_keep_no_event_back(
    emulator: Emulator, account: str
) -> None:
    broken = text("[1")
    async with station(emulator, account) as at:
        await at.send(event(), attributes={"eventroute-headers": broken})
        assert (await at.one()).headers == {}


async def test_the_age_of_an_event_counts_from_its_publication(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        before = time.time()
        await at.send(event())
        await at.settled(Release(await at.one()))
        delivery = await at.one()
        assert 0 <= delivery.age <= time.time() - before + 0.1  # SQS counts milliseconds


async def test_a_lease_ends_when_its_visibility_timeout_is_over(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, visibility_timeout=20) as at:
        await at.send(event())
        before = time.monotonic()
        delivery = await at.one()
        assert before + 18 < delivery.lease_ends <= time.monotonic() + 20


async def test_events_come_in_batches_no_larger_than_asked_for(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(12)))
        three = await at.receive(limit=3)
        assert len(three) <= 3
        rest = await at.take(12 - len(three))
    assert sorted(numbers([*three, *rest])) == list(range(12))


async def test_one_request_brings_ten(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(10)))
        assert len(await at.receive(limit=50)) == 10
        assert len(at.asked("ReceiveMessage")) == 1


async def test_a_receive_asks_for_what_a_delivery_needs(emulator: Emulator, account: str) -> None:
    async with station(emulator, account, poll_wait=3) as at:
        await at.send(event())
        await at.receive(limit=4, wait=20)
        (params,) = at.asked("ReceiveMessage")
    assert params["WaitTimeSeconds"] == 3
    assert params["MaxNumberOfMessages"] == 4
    assert params["VisibilityTimeout"] == 30
    assert params["MessageAttributeNames"] == ["All"]
    assert set(params["MessageSystemAttributeNames"]) == {
        "ApproximateReceiveCount",
        "SentTimestamp",
    }


async def test_a_receive_without_a_wait_is_a_short_poll(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        assert await at.receive(wait=0) == []
        (params,) = at.asked("ReceiveMessage")
        assert params["WaitTimeSeconds"] == 0


async def test_an_empty_queue_is_waited_for_as_long_as_asked(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        before = time.monotonic()
        assert await at.receive(wait=1.4) == []
        assert time.monotonic() - before > 1.1
        waits = [params["WaitTimeSeconds"] for params in at.asked("ReceiveMessage")]
    assert waits[0] == 1
    assert len(waits) <= 5
    assert set(waits[1:]) <= {0}


async def test_what_arrives_during_a_poll_is_there_at_once(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, poll_wait=20) as at, anyio.create_task_group() as group:

        async def publish() -> None:
            await until(lambda: at.asked("ReceiveMessage"))
            await at.send(event(5))

        group.start_soon(publish)
        with anyio.fail_after(15):
            assert numbers(await at.receive(wait=20)) == [5]


async def test_a_cancelled_receive_does_not_hang_up(emulator: Emulator, account: str) -> None:
    async with station(emulator, account, poll_wait=10) as at:
        async with anyio.create_task_group() as group:
            group.start_soon(at.receive, 1, 10)
            await until(lambda: at.asked("ReceiveMessage"))
            group.cancel_scope.cancel()
        await at.send(event(3))
        # The next receive takes over the poll that was under way: no other request is made.
        assert numbers(await at.receive(1, 10)) == [3]
        assert len(at.asked("ReceiveMessage")) == 1


async def test_whenever_a_receive_is_cancelled_nothing_is_lost(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(20)))
        got: list[int] = []

        async def receive() -> None:
            got.extend(numbers(await at.receive(1, 5)))

        for turns in range(0, 60, 3):
            async with anyio.create_task_group() as group:
                group.start_soon(receive)
                for _ in range(turns):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        got.extend(numbers(await at.take(20 - len(got))))
        assert sorted(got) == list(range(20))  # each once: none had to wait for its lease to end


async def test_what_nobody_takes_goes_back_after_half_its_lease(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, visibility_timeout=4) as at:
        async with anyio.create_task_group() as group:
            group.start_soon(at.receive, 1, 10)
            await until(lambda: at.asked("ReceiveMessage"))
            group.cancel_scope.cancel()
        await at.send(event(1))
        await at.comes_to(0, 1, 0)
        await until(lambda: at.asked("ChangeMessageVisibilityBatch"))
        await at.comes_to(1, 0, 0)
        assert (await at.one()).attempt == 1  # nobody has seen it


async def test_stopping_lets_the_poll_end_and_gives_back_what_it_brings(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, poll_wait=5) as at:
        async with anyio.create_task_group() as group:
            group.start_soon(at.receive, 1, 10)
            await until(lambda: at.asked("ReceiveMessage"))
            group.cancel_scope.cancel()
        async with anyio.create_task_group() as group:
            group.start_soon(at.consumer.close)
            await anyio.lowlevel.checkpoint()
            await at.send(event(1))
        (release,) = at.asked("ChangeMessageVisibilityBatch")
        assert [entry["VisibilityTimeout"] for entry in release["Entries"]] == [0]
        at.consumer.use([at.queue])
        assert (await at.one()).attempt == 1


async def test_those_who_wait_are_told_of_the_stop(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at, anyio.create_task_group() as group:

        async def wait() -> None:
            with pytest.raises(NotOpenError):
                await at.receive(wait=20)

        group.start_soon(wait)
        await until(lambda: at.asked("ReceiveMessage"))
        await at.consumer.close()


async def test_to_close_twice_is_harmless(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.consumer.close()
        await at.consumer.close()


async def test_a_queue_that_was_forgotten_is_not_asked_any_more(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.consumer.forget([NAME, "unknown"])
        with pytest.raises(AdapterError, match=NAME):
            await at.receive()


async def test_one_poll_is_under_way_for_each_receive(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(at.receive, 1, 1)
        assert len(at.asked("ReceiveMessage")) == 3


async def test_polls_keep_no_other_call_waiting(emulator: Emulator, account: str) -> None:
    ended: list[int] = []
    async with station(emulator, account, connections=2, poll_wait=3) as at:

        async def receive() -> None:
            await at.receive(1, 3)
            ended.append(1)

        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(receive)
            await until(lambda: len(at.asked("ReceiveMessage")) == 12)
            await at.counts()
            assert not ended
            group.cancel_scope.cancel()


async def test_a_poll_that_waits_longer_than_other_calls_may_take_is_no_failure(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, poll_wait=2, read_timeout=1) as at:
        assert await at.receive(wait=2) == []
        assert len(at.asked("ReceiveMessage")) == 1


async def test_an_attempt_that_does_not_count_keeps_its_number(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        attempts: list[int] = []
        for counted in (True, False, False, True, True):
            delivery = await at.one()
            attempts.append(delivery.attempt)
            await at.settled(Release(delivery, counted=counted))
    assert attempts == [1, 2, 2, 2, 3]


async def test_the_address_that_sqs_gives_may_have_another_host(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event(4))
        path = at.queue.url.split("/", 3)[3]
        known = at.queue
        await at.consumer.forget([NAME])
        at.consumer.use(
            [
                type(known)(
                    NAME, f"https://sqs.nowhere.invalid/{path}", known.dead_url, 30, fifo=False
                )
            ]
        )
        delivery = await at.one()
        await at.settled(Ack(delivery))
        assert delivery.event.detail == {"number": 4}
