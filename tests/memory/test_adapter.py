from __future__ import annotations

import anyio
import pytest

from eventroute import Delivery, Event, Pattern
from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    LeaseLostError,
    LimitExceededError,
)
from eventroute.port import Ack, Bury, Discard, Extend, Keep, Outgoing, Redrive, Release
from eventroute.testing import VirtualClock
from eventroute.topology import Subscription, Topology
from eventroute_memory import MemoryAdapter, create

EVENT = Event("s", "T", {"x": 1})


def outgoing(*events: Event) -> list[Outgoing]:
    return [Outgoing(event) for event in events]


async def opened(clock: VirtualClock, *, lease: float = 30.0, **options: object) -> MemoryAdapter:
    adapter = create(options, clock)
    await adapter.open(
        Topology((Subscription("q", Pattern({"source": ["s"]}), visibility_timeout=lease),))
    )
    return adapter


async def one(adapter: MemoryAdapter) -> Delivery:
    (delivery,) = await adapter.receive("q", limit=1, wait=0)
    return delivery


async def test_only_what_matches_is_received() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT, Event("other", "T", {})), timeout=1)
    deliveries = await adapter.receive("q", limit=10, wait=0)
    assert [delivery.body for delivery in deliveries] == [EVENT.to_json()]


async def test_a_delivery_tells_the_pattern_that_was_evaluated_when_it_was_published() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT), timeout=1)
    changed = Pattern({"source": ["s", "t"]})
    await adapter.open(Topology((Subscription("q", changed),)))
    await adapter.publish(outgoing(EVENT), timeout=1)
    before, after = await adapter.receive("q", limit=2, wait=0)
    assert before.matched == Pattern({"source": ["s"]})
    assert after.matched is changed


async def test_a_delivery_tells_the_pattern_that_its_event_met_before_it_waited_for_room() -> None:
    adapter = await opened(VirtualClock(), capacity=1)
    await adapter.publish(outgoing(EVENT), timeout=1)
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: adapter.publish(outgoing(EVENT), timeout=1))
        await anyio.wait_all_tasks_blocked()
        await adapter.open(Topology((Subscription("q", Pattern({"source": ["t"]})),)))
        await adapter.settle([Ack(await one(adapter))])
    assert (await one(adapter)).matched == Pattern({"source": ["s"]})


async def test_who_waited_for_room_has_its_place_in_the_order_that_was_asked_for_meanwhile() -> (
    None
):
    adapter = await opened(VirtualClock(), capacity=2)
    pattern = Pattern({"source": ["s"]})
    await adapter.publish(outgoing(EVENT, EVENT), timeout=1)
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: adapter.publish(outgoing(EVENT), timeout=1))
        await anyio.wait_all_tasks_blocked()
        await adapter.open(Topology((Subscription("q", pattern, ordered_by="detail.x"),)))
        await adapter.settle([Ack(await one(adapter))])
    assert len(await adapter.receive("q", limit=10, wait=0)) == 1


async def test_what_a_subscriber_changes_in_an_event_another_one_does_not_see() -> None:
    adapter = create({}, VirtualClock())
    pattern = Pattern({"source": ["s"]})
    await adapter.open(Topology((Subscription("q", pattern), Subscription("r", pattern))))
    published = Event("s", "T", {"x": [1]})
    await adapter.publish(outgoing(published), timeout=1)
    for name in ("q", "r"):
        (delivery,) = await adapter.receive(name, limit=1, wait=0)
        assert delivery.event.detail == {"x": [1]}
        delivery.event.detail["x"].append(2)
    assert published.detail == {"x": [1]}


async def test_receive_returns_nothing_after_its_wait() -> None:
    clock = VirtualClock()
    adapter = await opened(clock)
    received: list[object] = []

    async def receive() -> None:
        received.append(await adapter.receive("q", limit=1, wait=5))

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        await anyio.wait_all_tasks_blocked()
        assert received == []
        clock.advance_to(5)
    assert received == [[]]


async def test_receive_returns_as_soon_as_an_event_arrives() -> None:
    adapter = await opened(VirtualClock())
    received: list[Delivery] = []

    async def receive() -> None:
        received.extend(await adapter.receive("q", limit=1, wait=5))

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        await anyio.wait_all_tasks_blocked()
        await adapter.publish(outgoing(EVENT), timeout=1)
    assert [delivery.event for delivery in received] == [EVENT]


async def test_a_released_event_comes_back_with_a_higher_attempt_number() -> None:
    clock = VirtualClock()
    adapter = await opened(clock)
    await adapter.publish(outgoing(EVENT), timeout=1)
    assert await adapter.settle([Release(await one(adapter), 3)]) == [None]
    assert await adapter.receive("q", limit=1, wait=0) == []
    clock.advance_to(3)
    assert (await one(adapter)).attempt == 2


async def test_a_lease_that_ended_is_reported_and_nothing_changes() -> None:
    clock = VirtualClock()
    adapter = await opened(clock, lease=10)
    await adapter.publish(outgoing(EVENT), timeout=1)
    late = await one(adapter)
    clock.advance_to(10)
    again = await one(adapter)
    for settlement in (Ack(late), Release(late), Extend(late, 5), Bury(late, "r", "e")):
        (error,) = await adapter.settle([settlement])
        assert isinstance(error, LeaseLostError)
    assert await adapter.settle([Ack(again)]) == [None]
    assert (await adapter.depth("q")).outstanding == 0


async def test_an_extended_lease_outlives_its_first_end() -> None:
    clock = VirtualClock()
    adapter = await opened(clock, lease=10)
    await adapter.publish(outgoing(EVENT), timeout=1)
    delivery = await one(adapter)
    clock.advance_to(8)
    await adapter.settle([Extend(delivery, 10)])
    clock.advance_to(17)
    assert await adapter.settle([Ack(delivery)]) == [None]


async def test_a_buried_event_keeps_its_bytes_and_reason() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.settle([Bury(await one(adapter), "rejected", "no such customer")])
    (letter,) = await adapter.receive_dead("q", limit=5, lease=30)
    assert (letter.body, letter.reason, letter.error, letter.attempts) == (
        EVENT.to_json(),
        "rejected",
        "no such customer",
        1,
    )


async def test_opening_again_keeps_what_the_queues_hold() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.close()
    await adapter.open(Topology((Subscription("q", Pattern({"source": ["other"]})),)))
    assert (await adapter.depth("q")).ready == 1
    await adapter.publish(outgoing(EVENT), timeout=1)
    assert (await adapter.depth("q")).ready == 1, "the new pattern holds for new events"


async def test_an_event_over_the_limit_is_refused_and_the_others_are_taken() -> None:
    adapter = await opened(VirtualClock(), max_event_bytes=300)
    big = Event("s", "T", {"x": "y" * 400})
    errors = await adapter.publish(outgoing(EVENT, big, EVENT), timeout=1)
    assert [type(error) for error in errors] == [type(None), LimitExceededError, type(None)]
    assert (await adapter.depth("q")).ready == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"capasity": 5}, r"memory\.capasity is not known; did you mean capacity"),
        ({"capacity": 0}, r"memory\.capacity is 0: .* greater than or equal to 1"),
        ({"capacity": "many"}, r"memory\.capacity is \"many\": .* valid integer"),
    ],
)
def test_wrong_options_are_refused_by_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        create(options, VirtualClock())


async def test_headers_travel_with_the_event_and_stay_with_its_dead_letter() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish([Outgoing(EVENT, {"traceparent": "00-1"})], timeout=1)
    delivery = await one(adapter)
    assert delivery.headers == {"traceparent": "00-1"}
    await adapter.settle([Bury(delivery, "rejected", "no")])
    (letter,) = await adapter.receive_dead("q", limit=1, lease=30)
    assert letter.headers == {"traceparent": "00-1"}


async def test_a_delayed_event_is_received_when_its_time_has_come() -> None:
    clock = VirtualClock()
    adapter = await opened(clock)
    await adapter.publish([Outgoing(EVENT, delay=60)], timeout=1)
    assert await adapter.receive("q", limit=1, wait=0) == []
    assert (await adapter.depth("q")).next_due == 60
    clock.advance_to(60)
    assert (await one(adapter)).attempt == 1


async def test_a_delivery_says_how_long_ago_it_was_published() -> None:
    clock = VirtualClock()
    adapter = await opened(clock)
    await adapter.publish(outgoing(EVENT), timeout=1)
    clock.advance_to(7)
    assert (await one(adapter)).age == 7


async def test_a_dead_letter_that_is_held_is_hidden_until_it_is_kept() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.settle([Bury(await one(adapter), "rejected", "no")])
    (letter,) = await adapter.receive_dead("q", limit=5, lease=30)
    assert await adapter.receive_dead("q", limit=5, lease=30) == []
    assert await adapter.settle_dead([Keep(letter)]) == [None]
    (again,) = await adapter.receive_dead("q", limit=5, lease=30)
    assert again.id == letter.id


async def test_a_redriven_event_starts_with_its_first_attempt() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.settle([Bury(await one(adapter), "rejected", "no")])
    (letter,) = await adapter.receive_dead("q", limit=5, lease=30)
    assert await adapter.settle_dead([Redrive(letter)]) == [None]
    delivery = await one(adapter)
    assert (delivery.body, delivery.attempt) == (EVENT.to_json(), 1)
    assert (await adapter.depth("q")).dead == 0


async def test_a_redriven_event_is_said_to_match_nothing() -> None:
    adapter = await opened(VirtualClock())
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.settle([Bury(await one(adapter), "rejected", "")])
    (letter,) = await adapter.receive_dead("q", limit=1, lease=30)
    await adapter.settle_dead([Redrive(letter)])
    assert (await one(adapter)).matched is None


async def test_a_dead_letter_that_another_call_holds_is_not_settled() -> None:
    clock = VirtualClock()
    adapter = await opened(clock)
    await adapter.publish(outgoing(EVENT), timeout=1)
    await adapter.settle([Bury(await one(adapter), "rejected", "no")])
    (late,) = await adapter.receive_dead("q", limit=5, lease=30)
    clock.advance_to(30)
    await adapter.receive_dead("q", limit=5, lease=30)
    (error,) = await adapter.settle_dead([Discard(late)])
    assert isinstance(error, LeaseLostError)
    assert (await adapter.depth("q")).dead == 1


async def test_a_dropped_queue_gets_nothing_and_ends_its_receivers() -> None:
    adapter = await opened(VirtualClock())

    async def receive() -> None:
        with pytest.raises(AdapterError, match="dropped"):
            await adapter.receive("q", limit=1, wait=60)

    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        await anyio.wait_all_tasks_blocked()
        await adapter.drop(["q", "unknown"])
    assert await adapter.publish(outgoing(EVENT), timeout=1) == [None]


async def test_who_waits_for_room_gets_it_although_the_adapter_was_opened_again() -> None:
    adapter = await opened(VirtualClock(), capacity=1)
    await adapter.publish(outgoing(EVENT), timeout=1)
    outcomes: list[object] = []

    async def publish() -> None:
        outcomes.extend(await adapter.publish(outgoing(EVENT), timeout=30))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(publish)
            await anyio.wait_all_tasks_blocked()
            await adapter.open(Topology((Subscription("q", Pattern({"source": ["s"]})),)))
            await adapter.settle([Ack(await one(adapter))])
    assert outcomes == [None]
