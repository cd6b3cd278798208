"""What becomes of what was received."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from eventroute.errors import (
    AccessDeniedError,
    AdapterError,
    EventError,
    LeaseLostError,
    OutcomeUnknownError,
)
from eventroute.port import Ack, Bury, Extend, Release, Settlement
from eventroute_aws.layout import Queue
from eventroute_aws.queues.receipts import Lease
from tests.aws.consume.station import NAME, event, make_queue, numbers, station
from tools.emulators import Emulator


async def test_an_acknowledged_event_is_gone(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        await at.settled(Ack(await at.one()))
        await at.comes_to(0, 0, 0)


async def test_ten_acknowledgements_are_one_request(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(10)))
        deliveries = await at.take(10)
        at.calls.clear()
        await at.settled(*map(Ack, deliveries))
        assert [name for name, _ in at.calls] == ["DeleteMessageBatch"]


async def test_a_mixed_batch_is_one_request_a_kind(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(8)))
        one, two, three, four, five, six, seven, eight = await at.take(8)
        at.calls.clear()
        await at.settled(
            Ack(one),
            Release(two, 60),
            Bury(three, "rejected", "no"),
            Extend(four, 60),
            Ack(five),
            Release(six),
            Bury(seven, "rejected", "no"),
            Extend(eight, 60),
        )
        assert sorted(name for name, _ in at.calls) == [
            "ChangeMessageVisibilityBatch",
            "DeleteMessageBatch",  # of the acknowledged
            "DeleteMessageBatch",  # of the buried, once they are in the dead-letter queue
            "GetQueueAttributes",  # how much the dead-letter queue takes: asked once
            "SendMessageBatch",
        ]
        await at.comes_to(1, 2, 2)
        assert (await at.consumer.depth(NAME)).delayed == 1


async def test_a_delay_that_sqs_shortens_is_told_of(
    emulator: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with station(emulator, account) as at:
        await at.send(event(1))
        delivery = await at.one()
        assert isinstance(delivery.receipt, Lease)
        delivery.receipt.received -= 7_200  # it took its handler two hours
        await at.settled(Release(delivery, 11 * 3_600))
    assert "comes again after 359" in caplog.text
    assert "instead of 39600 s" in caplog.text


async def test_a_released_event_comes_back_at_once(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(event(3))
        await at.settled(Release(await at.one()))
        again = await at.one()
        assert (numbers([again]), again.attempt) == ([3], 2)


async def test_a_delay_is_rounded_up_to_whole_seconds(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(event(1), event(2))
        one, other = await at.take(2)
        await at.settled(Release(one, 0.2), Release(other, 2.0))
        (params,) = at.asked("ChangeMessageVisibilityBatch")
        assert [entry["VisibilityTimeout"] for entry in params["Entries"]] == [1, 2]


async def test_no_delay_goes_beyond_twelve_hours_from_the_receive(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        await at.settled(Release(await at.one(), 43_200))
        (params,) = at.asked("ChangeMessageVisibilityBatch")
        assert 43_190 < params["Entries"][0]["VisibilityTimeout"] < 43_200


async def test_a_lease_can_be_extended(emulator: Emulator, account: str) -> None:
    async with station(emulator, account, visibility_timeout=1) as at:
        await at.send(event())
        delivery = await at.one()
        await at.settled(Extend(delivery, 20))
        assert await at.receive(wait=1.5) == []  # the first lease would have ended
        await at.settled(Ack(delivery))


async def test_a_late_settlement_changes_nothing(emulator: Emulator, account: str) -> None:
    async with station(emulator, account, visibility_timeout=1) as at:
        await at.send(event())
        late = await at.one()
        current = await at.one()  # its lease has ended
        await at.settled(Extend(current, 60))
        at.calls.clear()
        settlements: list[Settlement] = [
            Ack(late),
            Release(late),
            Extend(late, 5),
            Bury(late, "r", "e"),
        ]
        errors = await at.consumer.settle(settlements)
        assert [type(error) for error in errors] == [LeaseLostError] * 4
        assert not at.calls  # nobody had to ask SQS
        await at.comes_to(0, 1, 0)


async def test_to_settle_twice_is_harmless(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        delivery = await at.one()
        first, second = await at.consumer.settle([Ack(delivery), Release(delivery)])
        assert first is None
        assert isinstance(second, LeaseLostError)
        (third,) = await at.consumer.settle([Bury(delivery, "r", "e")])
        assert isinstance(third, LeaseLostError)
        await at.comes_to(0, 0, 0)


async def test_a_lease_that_sqs_ended_is_lost(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(event(1), event(2))
        gone, other = await at.take(2)
        client = await at.clients.sqs()
        handle = gone.receipt.message.handle  # type: ignore[attr-defined]  # the consumer's own
        await client.delete_message(QueueUrl=at.queue.url, ReceiptHandle=handle)
        lost, released = await at.consumer.settle([Extend(gone, 5), Extend(other, 5)])
        assert isinstance(lost, LeaseLostError)
        assert released is None


async def test_a_receipt_that_sqs_does_not_know_is_a_lost_lease(
    strict: Emulator, account: str
) -> None:
    async with station(strict, account) as at:
        await at.send(event(1), event(2))
        gone, other = await at.take(2)
        client = await at.clients.sqs()
        handle = gone.receipt.message.handle  # type: ignore[attr-defined]  # the consumer's own
        await client.delete_message(QueueUrl=at.queue.url, ReceiptHandle=handle)
        lost, kept = await at.consumer.settle([Extend(gone, 5), Extend(other, 5)])
        assert isinstance(lost, LeaseLostError)
        assert kept is None


async def test_a_settlement_that_failed_can_be_repeated(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        delivery = await at.one()
        client = await at.clients.sqs()
        client.meta.events.register_first(
            "before-call.sqs.DeleteMessageBatch", down, unique_id="down"
        )
        (error,) = await at.consumer.settle([Ack(delivery)])
        assert isinstance(error, AdapterError)
        client.meta.events.unregister("before-call.sqs.DeleteMessageBatch", unique_id="down")
        await at.settled(Ack(delivery))
        await at.comes_to(0, 0, 0)


async def test_a_burial_whose_second_half_failed_is_not_sent_twice(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        bury = Bury(await at.one(), "rejected", "no")
        client = await at.clients.sqs()
        client.meta.events.register_first(
            "before-call.sqs.DeleteMessageBatch", down, unique_id="down"
        )
        (error,) = await at.consumer.settle([bury])
        assert isinstance(error, AdapterError)
        client.meta.events.unregister("before-call.sqs.DeleteMessageBatch", unique_id="down")
        await at.settled(bury)
        await at.comes_to(0, 0, 1)


async def test_a_burial_that_fails_leaves_the_event_in_its_queue(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event(1), event(2))
        one, other = await at.take(2)
        client = await at.clients.sqs()
        await client.delete_queue(QueueUrl=at.queue.dead_url)
        buried, acknowledged = await at.consumer.settle([Bury(one, "r", "e"), Ack(other)])
        assert isinstance(buried, AdapterError)
        assert acknowledged is None
        await at.settled(Release(one))
        assert numbers([await at.one()]) == numbers([one])


async def test_a_cancelled_settlement_can_be_repeated(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(10)))
        for turns, delivery in enumerate(await at.take(10)):
            async with anyio.create_task_group() as group:
                group.start_soon(at.consumer.settle, [Ack(delivery)])
                for _ in range(turns * 2):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
            (error,) = await at.consumer.settle([Ack(delivery)])
            assert error is None or isinstance(error, LeaseLostError)
        await at.comes_to(0, 0, 0)


async def test_a_release_is_not_undone_by_an_extension_under_way(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(event())
        delivery = await at.one()
        async with anyio.create_task_group() as group:
            group.start_soon(at.settled, Extend(delivery, 60))
            await anyio.lowlevel.checkpoint()
            await at.settled(Release(delivery))
        waits = [
            entry["VisibilityTimeout"]
            for params in at.asked("ChangeMessageVisibilityBatch")
            for entry in params["Entries"]
        ]
        assert waits == [60, 0]
        assert (await at.one()).attempt == 2


@pytest.mark.parametrize("size", [1, 11])
async def test_any_number_of_settlements_is_settled(
    size: int, emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await at.send(*map(event, range(size)))
        await at.settled(*map(Ack, await at.take(size)))
        await at.comes_to(0, 0, 0)


@pytest.mark.parametrize(
    ("code", "is_sender_fault", "kind"),
    [
        ("ReceiptHandleIsInvalid", True, LeaseLostError),
        ("MessageNotInflight", True, LeaseLostError),
        ("AWS.SimpleQueueService.MessageNotInflight", True, LeaseLostError),
        ("RequestThrottled", True, AdapterError),
        ("InternalError", False, AdapterError),
        ("AccessDenied", True, AccessDeniedError),
        ("InvalidParameterValue", True, EventError),
    ],
)
async def test_what_failed_of_a_batch_is_told_of_its_own_settlement(
    code: str, is_sender_fault: bool, kind: type[Exception], emulator: Emulator, account: str
) -> None:
    failed = {"Id": "1", "Code": code, "SenderFault": is_sender_fault, "Message": "no"}
    answer = answering({"Successful": [{"Id": "0"}, {"Id": "2"}], "Failed": [failed]})
    async with station(emulator, account) as at:
        await at.send(event(1), event(2), event(3))
        deliveries = await at.take(3)
        client = await at.clients.sqs()
        client.meta.events.register_first("before-call.sqs.DeleteMessageBatch", answer)
        first, second, third = await at.consumer.settle(list(map(Ack, deliveries)))
        assert (first, third) == (None, None)
        assert type(second) is kind


async def test_what_the_answer_leaves_out_may_have_happened_or_not(
    emulator: Emulator, account: str
) -> None:
    answer = answering({"Successful": [{"Id": "0"}]})
    async with station(emulator, account) as at:
        await at.send(event(1), event(2))
        deliveries = await at.take(2)
        client = await at.clients.sqs()
        client.meta.events.register_first("before-call.sqs.DeleteMessageBatch", answer)
        first, second = await at.consumer.settle(list(map(Ack, deliveries)))
        assert first is None
        assert isinstance(second, OutcomeUnknownError)


async def test_a_batch_for_two_queues_is_one_request_each(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        other = await make_queue(at.clients, "other", fifo=False)
        at.consumer.use([Queue("other", other, at.queue.dead_url, 30)])
        client = await at.clients.sqs()
        await client.send_message(QueueUrl=other, MessageBody=event(2).to_json().decode())
        await at.send(event(1))
        there = await at.consumer.receive("other", limit=1, wait=5)
        at.calls.clear()
        await at.settled(Ack(await at.one()), *map(Ack, there))
        assert {params["QueueUrl"] for params in at.asked("DeleteMessageBatch")} == {
            at.queue.url,
            other,
        }


def answering(parsed: object) -> Callable[..., Any]:
    """Makes a handler of botocore that answers in the service's stead."""

    def answer(**_: object) -> object:
        return AWSResponse("", 200, HTTPHeaders(), None), parsed

    return answer


def down(**_: object) -> None:
    raise ConnectionResetError("the network is down")
