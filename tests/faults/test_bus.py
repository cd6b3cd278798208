"""An application on a bad day: ``TestBus(faults=...)``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute import Delivery, Event, Publisher, Retry, Router
from eventroute.delivery.settling import SETTLE_PAUSES
from eventroute.testing import FaultKind, Faults, TestBus

# A crash and a lost lease cost an attempt each, twice at most; then two failures of the handler.
PATIENT = Retry(attempts=7)


def shop(seen: list[tuple[str, int]]) -> Router:
    """Orders lead to invoices; each handler fails at first, and notes what it did."""
    router = Router("shop")

    @router.subscribe({"source": ["order"]}, retry=PATIENT, ordered_by="key")
    async def bill(event: Event, delivery: Delivery, bus: Publisher) -> None:
        if delivery.attempt == 1:
            raise ConnectionError("once")
        seen.append(("bill", event.detail["n"]))
        await bus.publish(Event("invoice", "T", {"n": event.detail["n"]}))

    @router.subscribe({"source": ["invoice"]}, retry=PATIENT)
    async def send(event: Event) -> None:
        seen.append(("send", event.detail["n"]))

    @router.subscribe({"source": ["order"]}, retry=Retry(attempts=1))
    async def refuse(event: Event) -> None:
        raise ValueError("never")

    return router


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1_000_000),
    chance=st.sampled_from([0.05, 0.3, 0.7, 1.0]),
    backend=st.sampled_from(["asyncio", "trio"]),
)
def test_every_event_is_handled_in_the_end_whatever_goes_wrong(
    seed: int, chance: float, backend: str
) -> None:
    async def run() -> None:
        seen: list[tuple[str, int]] = []
        faults = Faults.after_publish(chance, seed=seed)
        async with TestBus(shop(seen), faults=faults) as bus:
            for n in range(6):
                await bus.publish(Event("order", "T", {"n": n, "key": n % 2}))
            await bus.settled()
            assert {n for name, n in seen if name == "send"} == set(range(6))
            for key in (0, 1):
                billed = [n for name, n in seen if name == "bill" and n % 2 == key]
                assert billed == sorted(billed)
            assert (await bus.depth("refuse")).dead == 6
            assert (await bus.depth("bill")).dead == (await bus.depth("send")).dead == 0

    anyio.run(run, backend=backend)


async def injected(concurrency: int, seed: int) -> Counter[object]:
    async with TestBus(
        shop([]), faults=Faults.after_publish(0.3, seed=seed), concurrency=concurrency
    ) as bus:
        for n in range(10):
            await bus.publish(Event("order", "T", {"n": n, "key": n % 3}))
        await bus.settled()
        return Counter(one for one in bus.faults.injected if one.kind is not FaultKind.FAIL_RECEIVE)


async def test_the_same_seed_is_the_same_run_however_tasks_are_scheduled() -> None:
    first = await injected(concurrency=10, seed=7)
    assert first
    assert first == await injected(concurrency=10, seed=7)
    assert first == await injected(concurrency=1, seed=7)
    assert first != await injected(concurrency=10, seed=8)


async def test_a_handler_that_ran_before_its_worker_died_runs_again() -> None:
    seen: list[tuple[str, int]] = []
    async with TestBus(shop(seen), faults=Faults(crash=1, most=1)) as bus:
        await bus.publish(Event("invoice", "T", {"n": 1}))
        await bus.settled()
        assert seen == [("send", 1), ("send", 1)]
        assert bus.clock.now() == 30.0, "the lease that the dead worker left"
        assert (bus.counts("send").lost, bus.counts("send").handled) == (1, 1)


async def test_workers_that_wait_for_the_backend_are_waited_for() -> None:
    seen: list[tuple[str, int]] = []
    async with TestBus(shop(seen), faults=Faults(fail_receive=1, most=4)) as bus:
        await bus.publish(Event("invoice", "T", {"n": 1}))
        await bus.settled()
        assert seen == [("send", 1)]


async def test_an_event_survives_a_dead_letter_queue_that_is_down() -> None:
    async with TestBus(shop([]), faults=Faults(dead_letter_down=1)) as bus:
        await bus.publish(Event("order", "T", {"n": 1, "key": 0}))
        await bus.settled()
        assert [letter.reason for letter in await bus.dlq("refuse").list()] == [
            "attempts-exhausted"
        ]
        assert len(bus.faults.injected) == 2, "the settlement is repeated until it is taken"


async def test_pauses_before_a_settlement_is_repeated_pass_on_the_virtual_clock() -> None:
    router = Router("shop")

    @router.subscribe({"source": ["order"]}, idempotent=True, retry=Retry(attempts=1))
    async def refuse(event: Event) -> None:
        await anyio.lowlevel.checkpoint()
        raise ValueError("never")

    async with TestBus(router, faults=Faults(dead_letter_down=1)) as bus:
        await bus.publish(Event("order", "T", {}))
        await bus.settled()
        assert bus.clock.now() == pytest.approx(sum(SETTLE_PAUSES[:2]))


async def fails_with(check: Callable[[TestBus], None], faults: Faults | None) -> BaseException:
    async def test() -> None:
        async with TestBus(shop([]), faults=faults) as bus:
            await bus.publish(Event("invoice", "T", {"n": 1}))
            await bus.settled()
            check(bus)

    with pytest.raises(AssertionError) as raised:
        await test()
    return raised.value


def handled_once(bus: TestBus) -> None:
    assert len(bus.handled("send")) == 1


def handled_never(bus: TestBus) -> None:
    assert bus.handled("send") == []


async def test_a_test_that_fails_says_which_faults_there_were_and_the_seed() -> None:
    error = await fails_with(handled_once, Faults(seed=7, duplicate=1, most=1))
    (note,) = error.__notes__
    first, second = note.splitlines()
    assert first == "Faults(seed=7, duplicate=1, most=1) injected 1 fault"
    assert second.startswith("  duplicate at shop.send, T ")


async def test_a_test_that_fails_without_faults_has_no_note() -> None:
    error = await fails_with(handled_never, None)
    assert not hasattr(error, "__notes__")
