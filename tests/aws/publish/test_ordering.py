"""Publishing to FIFO topics: events of one ordering key go one after the other."""

from __future__ import annotations

import asyncio

from eventroute.envelope import Event
from eventroute.errors import AdapterError, OutcomeUnknownError
from tests.aws.publish.world import event, world_on
from tools.emulators import Emulator
from tools.emulators.proxy import Gate, answer, fail_entries, lose


def order(name: str) -> Event:
    """``"a2"`` is of the customer ``a``."""
    return event(name, {"customer": name[0]})


async def test_message_group_and_deduplication_id_are_ordering_key_and_event_id(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer")
        assert await world.publish(order("a1")) == [None]
        (message,) = await world.received()
    assert message.system["MessageGroupId"] == "a"
    assert message.system["MessageDeduplicationId"] == "a1"


async def test_events_of_one_key_go_one_after_the_other_and_other_keys_beside_them(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer")
        names = ["a1", "a2", "b1", "a3", "c1", "b2"]
        assert await world.publish(*map(order, names)) == [None] * 6
        assert world.batches == [3, 2, 1]
        arrived = await world.ids()
        for key in "abc":
            expected = [name for name in names if name[0] == key]
            assert [name for name in arrived if name[0] == key] == expected


async def test_a_key_that_is_slow_holds_no_other_key_back(lenient: Emulator, account: str) -> None:
    gate = Gate()
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer")
        world.proxy.plan(gate, action="PublishBatch")
        slow = asyncio.create_task(world.publish(order("a1"), order("a2")))
        await gate.arrived.wait()
        assert await world.publish(order("b1")) == [None]
        gate.open()
        assert await slow == [None, None]


async def test_what_follows_a_failure_of_its_key_is_left_to_the_next_call(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer")
        world.proxy.plan(fail_entries({0: "InternalError"}), action="PublishBatch")
        events = [order(name) for name in ("a1", "b1", "a2", "b2")]
        first, second, third, fourth = await world.publish(*events)
        assert (second, fourth) == (None, None)
        assert isinstance(first, AdapterError)
        assert isinstance(third, AdapterError)
        assert "an earlier event with the same ordering key was not published" in str(third)
        assert await world.publish(events[0], events[2]) == [None, None]
        arrived = await world.ids()
        assert [name for name in arrived if name[0] == "a"] == ["a1", "a2"]


async def test_an_unknown_outcome_and_its_repetition_keep_order_and_make_no_duplicate(
    lenient: Emulator, account: str
) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer")
        world.proxy.plan(lose(), action="PublishBatch")
        events = [order("a1"), order("a2")]
        first, second = await world.publish(*events)
        assert isinstance(first, OutcomeUnknownError)
        assert isinstance(second, AdapterError)
        assert await world.publish(*events) == [None, None]
        assert await world.ids() == ["a1", "a2"]


async def test_a_throttled_key_is_repeated_in_order(lenient: Emulator, account: str) -> None:
    async with world_on(lenient, account) as world:
        await world.add("shop.orders", ordered_by="customer")
        world.proxy.plan(answer(429, "Throttled"), action="PublishBatch")
        events = [order("a1"), order("a2")]
        outcomes = await world.publish(*events)
        assert all(isinstance(outcome, AdapterError) for outcome in outcomes)
        assert world.batches == [1]
        assert await world.publish(*events) == [None, None]
        assert await world.ids() == ["a1", "a2"]
