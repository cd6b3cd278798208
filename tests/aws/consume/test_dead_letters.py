"""The dead-letter queue over the wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import anyio

from eventroute.clock import SystemClock
from eventroute.delivery.dead_letters import DeadLetterQueue
from eventroute.errors import AdapterError, LeaseLostError, LimitExceededError
from eventroute.port import Bury, Capabilities, Discard, Keep, Redrive, Release
from eventroute_aws.queues.consumer import Consumer
from tests.aws.consume.station import NAME, Station, event, numbers, station, text, until
from tools.emulators import Emulator

HEADERS = {
    "eventroute-headers": text(json.dumps({"trace": "7"})),
    "source": text("shop.orders"),
    "size": text("12", "Number"),
}


class Half:
    """The half of an adapter that looks after dead letters."""

    capabilities = Capabilities(
        ordered=True,
        durable=True,
        multi_process=True,
        max_event_bytes=None,
        max_release_delay=None,
        max_publish_delay=0,
        batch_size=10,
    )

    def __init__(self, consumer: Consumer) -> None:
        self.receive_dead = consumer.receive_dead
        self.settle_dead = consumer.settle_dead


async def bury(at: Station, *numbers: int) -> None:
    await at.send(*map(event, numbers), attributes=HEADERS)
    for delivery in await at.take(len(numbers)):
        await at.settled(Bury(delivery, "rejected", "ValueError: no", "f.py:7 in f"))


async def test_a_dead_letter_has_the_bytes_the_headers_and_the_reason(
    emulator: Emulator, account: str
) -> None:
    before = datetime.now(UTC)
    async with station(emulator, account) as at:
        await bury(at, 5)
        (letter,) = await at.letters()
        messages = at.asked("SendMessageBatch")
    assert numbers([letter]) == [5]
    assert letter.headers == {"trace": "7"}
    assert (letter.reason, letter.error, letter.traceback, letter.attempts) == (
        "rejected",
        "ValueError: no",
        "f.py:7 in f",
        1,
    )
    assert letter.died is not None
    assert before <= letter.died <= datetime.now(UTC)
    assert len(messages) == 1


async def test_a_redriven_event_is_as_it_was_published_and_a_first_attempt(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, 5)
        await at.settled_dead(Redrive((await at.letters())[0]))
        await at.comes_to(1, 0, 0)
        again = await at.one()
        assert (numbers([again]), again.attempt, again.headers) == ([5], 1, {"trace": "7"})
        assert again.receipt.message.attributes == HEADERS  # type: ignore[attr-defined]  # its own


async def test_a_letter_that_is_kept_can_be_seen_by_others_at_once(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, 1)
        (letter,) = await at.letters()
        assert await at.consumer.receive_dead(NAME, limit=5, lease=60) == []
        await at.settled_dead(Keep(letter))
        (again,) = await at.letters()
        assert again.id == letter.id


async def test_a_discarded_letter_is_gone(emulator: Emulator, account: str) -> None:
    async with station(emulator, account) as at:
        await bury(at, 1, 2)
        one, other = await at.letters(2)
        await at.settled_dead(Discard(one), Keep(other))
        await at.comes_to(0, 0, 1)


async def test_a_letter_that_is_held_no_more_is_not_settled(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, 1)
        (late,) = await at.letters(lease=1)
        (current,) = await at.letters()
        for settlement in (Discard(late), Redrive(late), Keep(late)):
            (error,) = await at.consumer.settle_dead([settlement])
            assert isinstance(error, LeaseLostError)
        assert await at.counts() == (0, 0, 1)
        await at.settled_dead(Discard(current))


async def test_a_redrive_that_fails_leaves_the_letter_where_it_is(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, 1)
        (letter,) = await at.letters()
        client = await at.clients.sqs()
        await client.delete_queue(QueueUrl=at.queue.url)
        (error,) = await at.consumer.settle_dead([Redrive(letter)])
        assert isinstance(error, AdapterError)
        await at.settled_dead(Keep(letter))
        assert numbers(await at.letters()) == [1]


async def test_what_sqs_gave_up_by_itself_is_a_dead_letter_without_a_story(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account, max_receive_count=2) as at:
        await at.send(event(1), attributes=HEADERS)
        for _ in range(2):
            await at.settled(Release(await at.one()))
        with anyio.fail_after(10):
            while await at.counts() != (0, 0, 1):
                assert await at.receive(wait=0) == []
        (letter,) = await at.letters()
        assert (letter.reason, letter.attempts, letter.died) == ("max-receive-count", 2, None)
        assert (numbers([letter]), letter.headers) == ([1], {"trace": "7"})
        await at.settled_dead(Redrive(letter))
        assert (await at.one()).attempt == 1


async def test_letters_whose_receive_was_cancelled_are_shown_again(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, 1)
        async with at.cancelled_by("ReceiveMessage"):
            await at.letters()
        await until(lambda: at.asked("ChangeMessageVisibilityBatch"))
        assert len(await at.letters()) == 1


async def test_the_dead_letter_commands_work_off_a_queue_of_many(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, *range(12))
        half = Half(at.consumer)
        queue = DeadLetterQueue(half, NAME, SystemClock())  # type: ignore[arg-type]  # the half of an adapter that it needs
        assert len(await queue.list()) == 12
        assert len((await queue.redrive(limit=5)).outcomes) == 5
        assert len((await queue.discard(everything=True)).outcomes) == 7
        await at.comes_to(5, 0, 0)


async def test_depth_counts_what_is_ready_in_flight_and_dead(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        await bury(at, 1, 2)
        await at.send(event(3), event(4), event(5))
        await at.one()
        await at.comes_to(2, 1, 2)
        depth = await at.consumer.depth(NAME)
        assert (depth.delayed, depth.next_due) == (0, None)


async def test_a_dead_letter_queue_that_takes_less_gets_a_shorter_story(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        client = await at.clients.sqs()
        await client.set_queue_attributes(
            QueueUrl=at.queue.dead_url, Attributes={"MaximumMessageSize": "1024"}
        )
        await at.send(event(1))
        await at.settled(Bury(await at.one(), "rejected", "e" * 3_000, "t" * 3_000))
        (letter,) = await at.letters()
        (call,) = at.asked("SendMessageBatch")
        (entry,) = call["Entries"]
    assert (letter.reason, letter.traceback) == ("rejected", "")
    assert letter.error.startswith("eee")
    assert len(entry["MessageBody"]) + len(str(entry["MessageAttributes"])) < 1_100


async def test_an_event_that_its_dead_letter_queue_does_not_take_stays_and_the_error_says_why(
    emulator: Emulator, account: str
) -> None:
    async with station(emulator, account) as at:
        client = await at.clients.sqs()
        await client.set_queue_attributes(
            QueueUrl=at.queue.dead_url, Attributes={"MaximumMessageSize": "1024"}
        )
        await at.send(event(1, text="x" * 2_000))
        delivery = await at.one()
        (error,) = await at.consumer.settle([Bury(delivery, "rejected", "no")])
        assert isinstance(error, LimitExceededError)
        assert "raise its MaximumMessageSize" in str(error)
        await at.settled(Release(delivery))
        assert numbers([await at.one()]) == [1]
