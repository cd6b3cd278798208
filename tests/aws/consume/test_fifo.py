"""Queues that keep the order of a message group."""

from __future__ import annotations

import pytest

from eventroute.port import Ack, Bury, Extend, Redrive, Release
from tests.aws.consume.station import Station, event, numbers, station
from tools.emulators import Emulator


@pytest.fixture(params=["ministack", "localstack"])
def fifo(request: pytest.FixtureRequest) -> Emulator:
    """Both know FIFO queues, each in its own way."""
    emulator: Emulator = request.getfixturevalue(f"running_{request.param}")
    return emulator


async def send_in_turn(at: Station, group: str, *numbers: int) -> None:
    for number in numbers:
        await at.send(event(number), group=group)
        at.calls.append(("sent", {}))  # another deduplication id each time


async def test_events_of_a_group_come_in_order(fifo: Emulator, account: str) -> None:
    async with station(fifo, account, fifo=True) as at:
        await send_in_turn(at, "a", 1, 2, 3)
        assert numbers(await at.take(3)) == [1, 2, 3]


async def test_a_receive_of_a_fifo_queue_has_a_name_of_its_own(
    fifo: Emulator, account: str
) -> None:
    async with station(fifo, account, fifo=True) as at:
        await at.receive(wait=0)
        await at.receive(wait=0)
        first, second = at.asked("ReceiveMessage")
        assert first["ReceiveRequestAttemptId"] != second["ReceiveRequestAttemptId"]
        assert "MessageGroupId" in first["MessageSystemAttributeNames"]


async def test_a_receive_whose_answer_was_lost_is_repeated_under_its_name(
    fifo: Emulator, account: str
) -> None:
    async with station(fifo, account, fifo=True) as at:
        polls = await at.clients.polls()
        polls.meta.events.register_first("before-call.sqs", lose, unique_id="lose")
        with pytest.raises(Exception, match="did not answer"):
            await at.receive(wait=0)
        polls.meta.events.unregister("before-call.sqs", unique_id="lose")
        await at.receive(wait=0)
        first, second = at.asked("ReceiveMessage")
        assert first["ReceiveRequestAttemptId"] == second["ReceiveRequestAttemptId"]


async def test_what_is_behind_a_released_event_waits_for_it(fifo: Emulator, account: str) -> None:
    async with station(fifo, account, fifo=True) as at:
        await send_in_turn(at, "a", 1, 2, 3)
        first, second, third = await at.take(3)
        # As a worker gives back what waited behind an event: the last one first.
        await at.settled(
            Release(third, counted=False), Release(second, counted=False), Release(first, 1)
        )
        assert await at.receive(wait=0) == []
        again = await at.take(3)
        assert numbers(again) == [1, 2, 3]
        assert [one.attempt for one in again] == [2, 1, 1]


async def test_a_lost_settlement_lets_nothing_overtake(emulator: Emulator, account: str) -> None:
    # LocalStack lets a group go with the first of its messages that is released, unlike AWS.
    async with station(emulator, account, fifo=True, visibility_timeout=2) as at:
        await send_in_turn(at, "a", 1, 2)
        first, second = await at.take(2)
        # The first one's settlement was lost, the second one is given back.
        await at.settled(Release(second, counted=False))
        assert await at.receive(wait=0) == []
        assert numbers(await at.take(2)) == [1, 2]
        assert first.attempt == 1


async def test_a_group_that_is_blocked_holds_up_no_other(fifo: Emulator, account: str) -> None:
    async with station(fifo, account, fifo=True) as at:
        await send_in_turn(at, "a", 1, 2)
        (first,) = await at.receive(1)
        await at.settled(Extend(first, 60))
        await send_in_turn(at, "b", 3)
        assert numbers(await at.take(1)) == [3]


async def test_a_buried_event_lets_the_next_one_of_its_group_go(
    fifo: Emulator, account: str
) -> None:
    async with station(fifo, account, fifo=True) as at:
        await send_in_turn(at, "a", 1, 2)
        (first,) = await at.receive(1)
        await at.settled(Bury(first, "rejected", "no"))
        (second,) = await at.take(1)
        await at.settled(Ack(second))
        await at.comes_to(0, 0, 1)
        (letter,) = await at.letters()
        await at.settled_dead(Redrive(letter))
        buried, redriven = at.asked("SendMessageBatch")
        assert buried["Entries"][0]["MessageGroupId"] != "a"  # it would hide other letters
        assert redriven["Entries"][0]["MessageGroupId"] == "a"


async def test_dead_letters_of_a_group_are_seen_while_others_of_it_are_looked_at(
    fifo: Emulator, account: str
) -> None:
    async with station(fifo, account, fifo=True) as at:
        await at.send(*map(event, range(12)))
        for _ in range(12):
            await at.settled(Bury(await at.one(), "rejected", "no"))
        letters = await at.letters(12)
        assert sorted(numbers(letters)) == list(range(12))
        await at.settled_dead(*map(Redrive, letters[:10]))
        await at.settled_dead(*map(Redrive, letters[10:]))
        (first, *_) = await at.take(1)
        assert first.receipt.message.group == "g"  # type: ignore[attr-defined]  # a lease


async def test_a_redriven_event_can_be_buried_and_redriven_again(
    fifo: Emulator, account: str
) -> None:
    async with station(fifo, account, fifo=True) as at:
        await send_in_turn(at, "a", 1)
        for _ in range(3):  # all within the five minutes in which a queue knows an id again
            await at.settled(Bury(await at.one(), "rejected", "no"))
            await at.comes_to(0, 0, 1)
            await at.settled_dead(Redrive((await at.letters())[0]))
        delivery = await at.one()
        assert (numbers([delivery]), delivery.attempt) == ([1], 1)
        ids = [
            entry["MessageDeduplicationId"]
            for params in at.asked("SendMessageBatch")
            for entry in params["Entries"]
        ]
        assert len(set(ids)) == 6


def lose(**_: object) -> None:
    raise TimeoutError("no answer")
