"""Each fault, seen from the port."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eventroute import Delivery, Event, Pattern
from eventroute.errors import AdapterError, LeaseLostError, OutcomeUnknownError
from eventroute.port import (
    Ack,
    Archive,
    Bury,
    Capabilities,
    Extend,
    Outgoing,
    Release,
    Settlement,
)
from eventroute.testing import (
    FaultKind,
    FaultLog,
    Faults,
    FaultyAdapter,
    InjectedFault,
    VirtualClock,
    with_faults,
)
from eventroute.topology import Subscription, Topology
from eventroute_memory import MemoryAdapter, MemoryOptions, create

EVERYTHING = Pattern({"source": [{"exists": True}]})
SUBSCRIPTIONS = (
    Subscription("q", EVERYTHING),
    Subscription("ordered", EVERYTHING, ordered_by="key"),
)


def event(n: int, key: str = "k") -> Event:
    return Event("s", "T", {"n": n, "key": key}, id=f"event-{n}")


async def opened(
    faults: Faults, *events: Event, clock: VirtualClock | None = None
) -> tuple[FaultyAdapter, VirtualClock]:
    clock = clock or VirtualClock()
    adapter = with_faults(create, faults)({}, clock)
    assert isinstance(adapter, FaultyAdapter)
    await adapter.open(Topology(SUBSCRIPTIONS))
    await adapter.publish([Outgoing(one) for one in events], timeout=1)
    return adapter, clock


async def one(adapter: FaultyAdapter, subscription: str = "q") -> Delivery:
    (delivery,) = await adapter.receive(subscription, limit=1, wait=0)
    return delivery


async def numbers(adapter: FaultyAdapter, subscription: str = "q") -> list[object]:
    """What can be received now, and is acknowledged."""
    found: list[object] = []
    while deliveries := await adapter.receive(subscription, limit=10, wait=0):
        found += [delivery.event.detail["n"] for delivery in deliveries]
        await adapter.settle([Ack(delivery) for delivery in deliveries])
    return found


def kinds(adapter: FaultyAdapter) -> list[FaultKind]:
    return [fault.kind for fault in adapter.log.injected]


async def test_without_chances_nothing_happens() -> None:
    adapter, _ = await opened(Faults(), *map(event, range(5)))
    assert await numbers(adapter) == [0, 1, 2, 3, 4]
    assert adapter.log.injected == ()


async def test_an_event_that_is_not_taken_reaches_nobody() -> None:
    adapter, _ = await opened(Faults(fail_publish=1, most=1))
    errors = await adapter.publish([Outgoing(event(1))], timeout=1)
    assert isinstance(errors[0], AdapterError)
    assert not isinstance(errors[0], OutcomeUnknownError)
    assert await numbers(adapter) == []
    assert await adapter.publish([Outgoing(event(1))], timeout=1) == [None]
    assert await numbers(adapter) == [1]


async def test_some_events_of_a_batch_are_not_taken() -> None:
    adapter, _ = await opened(Faults(fail_publish=0.5))
    errors = await adapter.publish([Outgoing(event(n)) for n in range(20)], timeout=1)
    accepted = [n for n, error in enumerate(errors) if error is None]
    assert 0 < len(accepted) < 20
    assert await numbers(adapter) == accepted


async def test_an_event_whose_answer_is_dropped_arrives_all_the_same() -> None:
    adapter, _ = await opened(Faults(drop_answer=1, most=1))
    (error,) = await adapter.publish([Outgoing(event(1))], timeout=1)
    assert isinstance(error, OutcomeUnknownError)
    assert await adapter.publish([Outgoing(event(1))], timeout=1) == [None]
    assert await numbers(adapter) == [1, 1]


async def test_an_event_that_was_refused_has_no_answer_to_drop() -> None:
    adapter = with_faults(create, Faults(drop_answer=1))({"max_event_bytes": 10}, VirtualClock())
    (error,) = await adapter.publish([Outgoing(event(1))], timeout=1)
    assert not isinstance(error, OutcomeUnknownError)


async def test_a_queue_that_does_not_answer_does_so_again_in_the_end() -> None:
    adapter, _ = await opened(Faults(fail_receive=1, most=3), event(1))
    for _ in range(3):
        with pytest.raises(AdapterError, match="queue of 'q' does not answer"):
            await adapter.receive("q", limit=1, wait=0)
    assert (await one(adapter)).event == event(1)
    with pytest.raises(AdapterError):
        await adapter.receive("q", limit=1, wait=0)


async def test_a_delayed_delivery_comes_later_as_the_same_attempt() -> None:
    adapter, clock = await opened(Faults(delay=1, most=1, longest_delay=40), event(1))
    assert await adapter.receive("q", limit=1, wait=0) == []
    due = (await adapter.depth("q")).next_due
    assert due is not None
    assert 0 < due <= 40
    clock.advance_to(due)
    assert (await one(adapter)).attempt == 1


async def test_a_delay_is_no_longer_than_the_backend_can() -> None:
    class Hasty(MemoryAdapter):
        @property
        def capabilities(self) -> Capabilities:
            return replace(super().capabilities, max_release_delay=1.0)

    clock = VirtualClock()
    adapter = FaultyAdapter(
        Hasty(MemoryOptions(), clock), FaultLog(Faults(delay=1, longest_delay=1e9)), clock
    )
    await adapter.open(Topology(SUBSCRIPTIONS))
    await adapter.publish([Outgoing(event(1))], timeout=1)
    await adapter.receive("q", limit=1, wait=0)
    assert (await adapter.depth("q")).next_due == 1.0


async def test_deliveries_overtake_each_other() -> None:
    adapter, clock = await opened(Faults(reorder=0.5, most=1), *map(event, range(20)))
    first = await numbers(adapter)
    clock.advance_to(1)
    last = await numbers(adapter)
    assert first
    assert last
    assert sorted(map(str, first + last)) == sorted(map(str, range(20)))
    assert first + last != list(range(20))


async def test_events_with_one_ordering_key_never_overtake_each_other() -> None:
    faults = Faults(reorder=0.5, delay=0.5, duplicate=0.3, expire_lease=0.3, crash=0.3)
    events = [event(n, key="odd" if n % 2 else "even") for n in range(40)]
    adapter, clock = await opened(faults, *events)
    seen: dict[str, list[int]] = {"odd": [], "even": []}
    while (depth := await adapter.depth("ordered")).outstanding:
        for delivery in await adapter.receive("ordered", limit=10, wait=0):
            seen[delivery.event.detail["key"]].append(delivery.event.detail["n"])
            await adapter.settle([Ack(delivery)])
        clock.advance_to(depth.next_due or clock.now())
    for key, start in (("even", 0), ("odd", 1)):
        assert seen[key] == sorted(seen[key])
        assert set(seen[key]) == set(range(start, 40, 2))
    assert {fault.kind for fault in adapter.log.injected} >= {
        FaultKind.REORDER,
        FaultKind.DELAY,
        FaultKind.DUPLICATE,
        FaultKind.EXPIRE_LEASE,
        FaultKind.CRASH,
    }


async def test_an_acknowledged_event_is_delivered_again_without_costing_an_attempt() -> None:
    adapter, _ = await opened(Faults(duplicate=1, most=1), event(1))
    assert await adapter.settle([Ack(await one(adapter))]) == [None]
    again = await one(adapter)
    assert (again.event, again.attempt) == (event(1), 1)
    assert await adapter.settle([Ack(again)]) == [None]
    assert (await adapter.depth("q")).outstanding == 0


def bury(delivery: Delivery) -> Bury:
    return Bury(delivery, "rejected", "no")


@pytest.mark.parametrize("settlement", [Ack, Release, bury])
async def test_an_expired_lease_refuses_the_settlement_and_brings_the_event_back(
    settlement: Callable[[Delivery], Settlement],
) -> None:
    adapter, _ = await opened(Faults(expire_lease=1, most=1), event(1))
    (error,) = await adapter.settle([settlement(await one(adapter))])
    assert isinstance(error, LeaseLostError)
    assert (await one(adapter)).attempt == 2
    assert (await adapter.depth("q")).dead == 0


async def test_a_crashed_worker_settles_nothing_and_its_event_waits_for_the_lease() -> None:
    adapter, clock = await opened(Faults(crash=1, most=1), event(1))
    delivery = await one(adapter)
    for settlement in (Ack(delivery), Release(delivery), Extend(delivery, 60)):
        (error,) = await adapter.settle([settlement])
        assert isinstance(error, AdapterError)
    depth = await adapter.depth("q")
    assert (depth.in_flight, depth.delayed, depth.next_due) == (0, 1, 30.0)
    clock.advance_to(30)
    again = await one(adapter)
    assert again.attempt == 2
    assert await adapter.settle([Ack(again)]) == [None]


async def test_a_crashed_workers_lease_ends_when_it_was_last_extended_to() -> None:
    adapter, clock = await opened(Faults(crash=1, most=1), event(1))
    delivery = await one(adapter)
    clock.advance_to(20)
    assert await adapter.settle([Extend(delivery, 30)]) == [None]
    await adapter.settle([Ack(delivery)])
    assert (await adapter.depth("q")).next_due == 50.0


async def test_two_copies_of_an_event_crash_each_for_itself() -> None:
    adapter, _ = await opened(Faults(crash=1, most=1), event(1), event(1))
    first, second = await adapter.receive("q", limit=2, wait=0)
    errors = await adapter.settle([Ack(first), Ack(second)])
    assert [type(error) for error in errors] == [AdapterError, type(None)]
    depth = await adapter.depth("q")
    assert (depth.in_flight, depth.delayed) == (0, 1)


async def test_giving_a_delivery_back_is_never_hit() -> None:
    adapter, _ = await opened(Faults(crash=1, expire_lease=1), event(1))
    assert await adapter.settle([Release(await one(adapter), counted=False)]) == [None]
    assert adapter.log.injected == ()


async def test_a_dead_letter_queue_that_is_down_leaves_the_event_where_it_is() -> None:
    adapter, _ = await opened(Faults(dead_letter_down=1, most=1), event(1))
    delivery = await one(adapter)
    (error,) = await adapter.settle([bury(delivery)])
    assert isinstance(error, AdapterError)
    assert (await adapter.depth("q")).in_flight == 1
    assert await adapter.settle([bury(delivery)]) == [None]
    assert len(await adapter.receive_dead("q", limit=5, lease=30)) == 1


async def test_a_fault_never_hits_the_same_event_more_often_than_the_plan_says() -> None:
    adapter, _ = await opened(Faults(duplicate=1, most=3), event(1), event(2))
    assert Counter(await numbers(adapter)) == {1: 4, 2: 4}
    assert kinds(adapter) == [FaultKind.DUPLICATE] * 6


async def test_the_same_seed_hits_the_same_events_whatever_their_ids_and_order() -> None:
    async def run(seed: int, *order: int) -> set[InjectedFault]:
        adapter, clock = await opened(Faults.after_publish(0.3, seed=seed))
        for n in order:
            await adapter.publish([Outgoing(Event("s", "T", {"n": n}))], timeout=1)
        while (depth := await adapter.depth("q")).outstanding:
            try:
                for delivery in await adapter.receive("q", limit=3, wait=0):
                    await adapter.settle([Ack(delivery)])
            except AdapterError:
                continue
            clock.advance_to(depth.next_due or clock.now())
        return {one for one in adapter.log.injected if one.kind is not FaultKind.FAIL_RECEIVE}

    forward = await run(7, *range(20))
    assert forward == await run(7, *reversed(range(20)))
    assert forward != await run(8, *range(20))


async def test_publishes_are_hit_by_their_content_too() -> None:
    async def refused() -> list[int]:
        adapter, _ = await opened(Faults(fail_publish=0.5, seed=3))
        errors = await adapter.publish(
            [Outgoing(Event("s", "T", {"n": n, "key": "k"})) for n in range(10)], timeout=1
        )
        return [n for n, error in enumerate(errors) if error is not None]

    assert 0 < len(await refused()) < 10
    assert await refused() == await refused()


async def test_an_undecodable_event_can_have_faults_too() -> None:
    broken = Event.from_trusted_json(
        b'{"id":"1","source":"s","detail-type":"T","detail":{"a":"\xff"}}'
    )
    clock = VirtualClock()
    adapter = with_faults(create, Faults(duplicate=1, most=1))({}, clock)
    await adapter.open(Topology((SUBSCRIPTIONS[0],)))
    await adapter.publish([Outgoing(broken)], timeout=1)
    assert isinstance(adapter, FaultyAdapter)
    await adapter.settle([Ack(await one(adapter))])
    assert (await one(adapter)).body == broken.to_json()


async def test_a_backend_with_an_archive_still_has_one() -> None:
    adapter = with_faults(create, Faults())({"archive": 10}, VirtualClock())
    assert isinstance(adapter, Archive)


async def test_a_backend_without_an_archive_gets_none() -> None:
    class Plain:
        """An adapter as far as it is looked at here."""

        def __init__(self, options: object, clock: object) -> None: ...

    factory: Any = Plain
    assert not isinstance(with_faults(factory, Faults())({}, VirtualClock()), Archive)
