"""What idempotency means for handlers, with every store and on both event loops."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import pytest
from pydantic import BaseModel

from eventroute import Delivery, EventBus, RejectError, Retry, Router, as_event, event
from eventroute.clock import Clock
from eventroute.delivery import OutcomeKind
from eventroute.errors import ConfigurationError, DeclarationError
from eventroute.idempotency import (
    Busy,
    Claim,
    Done,
    Idempotency,
    IdempotencyStore,
    Key,
    MemoryStore,
    SQLiteStore,
    Transaction,
)
from eventroute.port import REPLAYED, Outgoing
from eventroute.testing import TestBus

from .conftest import Run


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


ORDER = as_event(Placed(), id="1")


def test_an_event_that_arrives_twice_is_handled_once(run: Run, store: IdempotencyStore) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(store=store))
    async def handle(order: Placed) -> None: ...

    async def main() -> None:
        async with TestBus(router) as bus:
            for _ in range(3):
                await bus.publish(ORDER)
                await bus.settled()
            assert bus.handled("handle") == [Placed()]
            assert bus.counts("handle").duplicates == 2
            assert bus.outcomes("handle")[1].kind is OutcomeKind.DUPLICATE

    run(main)


def test_duplicates_that_two_workers_hold_at_once_are_handled_once(
    run: Run, store: IdempotencyStore
) -> None:
    router = Router("r")
    begun, release = anyio.Event(), anyio.Event()
    handled: list[str] = []

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None:
        handled.append(order.order_id)
        begun.set()
        await release.wait()

    async def main() -> None:
        async with TestBus(router, idempotency_store=store) as one:
            await one.publish(ORDER)
            await begun.wait()
            async with TestBus(router, idempotency_store=store) as two:
                await two.publish(ORDER)
                while not two.counts("handle").released:
                    await anyio.wait_all_tasks_blocked()
                release.set()
                await one.settled()
                await two.settled()
                assert two.counts("handle").duplicates == 1
                assert {one.delivery.attempt for one in two.outcomes("handle")} == {1}
        assert handled == ["7"]

    run(main)


async def test_each_subscription_handles_an_event_once(store: IdempotencyStore) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def invoice(order: Placed) -> None: ...

    @router.subscribe(Placed, idempotent=True)
    def ship(order: Placed) -> None: ...

    async with TestBus(router, idempotency_store=store) as bus:
        await bus.publish_many([ORDER, ORDER])
        await bus.settled()
        assert bus.handled("invoice") == bus.handled("ship") == [Placed()]


async def test_a_handler_that_fails_leaves_no_mark(store: IdempotencyStore) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(key="order_id"))
    async def handle(order: Placed, delivery: Delivery) -> None:
        if delivery.attempt < 3:
            raise ValueError

    async with TestBus(router, idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.handled("handle") == [Placed()]
        assert bus.counts("handle").retried == 2
        assert bus.counts("handle").duplicates == 0


async def test_a_dead_letter_leaves_no_mark(store: IdempotencyStore) -> None:
    router = Router("r")
    refuse = True

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None:
        if refuse:
            raise RejectError("not now")

    async with TestBus(router, idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert len(await bus.dead_letters("handle")) == 1
        refuse = False
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.handled("handle") == [Placed()]


async def test_a_mark_ends_with_its_window(store: IdempotencyStore) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(window=60))
    async def handle(order: Placed) -> None: ...

    async with TestBus(router, idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        bus.clock.advance_to(61)
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.counts("handle").handled == 2


class Extensions:
    """A store that counts how often claims were extended."""

    def __init__(self, store: IdempotencyStore) -> None:
        self.store = store
        self.count = 0
        self.open, self.close = store.open, store.close

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        claim = await self.store.claim(key, lease=lease, window=window)
        return claim if isinstance(claim, Done | Busy) else ExtendedClaim(claim, self)


class ExtendedClaim:
    def __init__(self, claim: Claim, extensions: Extensions) -> None:
        self.claim, self.extensions = claim, extensions
        self.complete, self.release = claim.complete, claim.release

    async def extend(self, lease: float) -> None:
        await self.claim.extend(lease)
        self.extensions.count += 1


async def test_a_claim_is_extended_while_its_handler_runs(store: IdempotencyStore) -> None:
    router = Router("r")
    begun, release = anyio.Event(), anyio.Event()
    counted = Extensions(store)

    @router.subscribe(Placed, idempotent=True, visibility_timeout=30)
    async def slow(order: Placed) -> None:
        begun.set()
        await release.wait()

    async with TestBus(router, idempotency_store=counted) as bus:
        await bus.publish(ORDER)
        await begun.wait()
        (key,) = [Idempotency().key_of(Delivery("r.slow", ORDER.to_json(), 1, 0.0, 1))]
        for extensions in range(1, 12):
            bus.clock.advance_to(10 * extensions)
            while counted.count < extensions:
                await anyio.wait_all_tasks_blocked()
            held = await store.claim(key, lease=30, window=60)
            assert isinstance(held, Busy)
            assert held.seconds > 25
        release.set()
        await bus.settled()


async def test_a_worker_that_stops_before_its_handler_is_done_leaves_no_claim(
    store: IdempotencyStore,
) -> None:
    router = Router("r")
    begun = anyio.Event()
    calls = 0

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            begun.set()
            await anyio.sleep_forever()

    bus = EventBus(grace=0, idempotency_store=store)
    bus.include(router)
    async with bus:
        async with anyio.create_task_group() as group:
            group.start_soon(partial(bus.run, handle_signals=False))
            await bus.publish(ORDER)
            await begun.wait()
            bus.stop()
        await bus.run(until_empty=True, handle_signals=False)
        assert bus.counts("handle").handled == 1
        assert bus.counts("handle").released == 1


async def test_a_claim_of_a_worker_that_vanished_ends_with_its_lease(
    store: IdempotencyStore,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True, visibility_timeout=30)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router, idempotency_store=store) as bus:
        key = Idempotency().key_of(Delivery("r.handle", ORDER.to_json(), 1, 0.0, 1))
        await store.open(bus.clock)
        await store.claim(key, lease=30, window=60)  # and nothing is heard of it again
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.handled("handle") == [Placed()]
        await store.close()
        assert 30 <= bus.clock.now() <= 35
        assert [one.delivery.attempt for one in bus.outcomes("handle")][-1] == 1


async def test_a_replayed_event_is_a_duplicate_unless_replays_are_accepted(
    store: IdempotencyStore,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def strict(order: Placed) -> None: ...

    @router.subscribe(Placed, idempotent=Idempotency(accept_replayed=True))
    async def again(order: Placed) -> None: ...

    async with TestBus(router, idempotency_store=store) as bus:
        replayed = Outgoing(ORDER, {REPLAYED: "2026-01-01T00:00:00Z"})
        for outgoing in (Outgoing(ORDER), replayed, replayed):
            await bus.adapter.publish([outgoing], timeout=1)
        await bus.settled()
        assert bus.counts("strict").handled == 1
        assert bus.counts("again").handled == 2
        assert bus.counts("again").duplicates == 1


class Broken(MemoryStore):
    """A store that is away for a while."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the store is away")
        return await super().claim(key, lease=lease, window=window)


async def test_while_the_store_is_away_no_attempt_is_counted_and_nothing_handled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(store=Broken(9)), retry=Retry(attempts=2))
    async def handle(order: Placed, delivery: Delivery) -> None:
        assert delivery.attempt == 1

    caplog.set_level(logging.ERROR, "eventroute")
    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.counts("handle").handled == 1
        assert bus.counts("handle").released == 9
    assert "the idempotency store failed" in caplog.text


class Forgetful(MemoryStore):
    """A store that loses what it held."""

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        held = await super().claim(key, lease=lease, window=window)
        assert not isinstance(held, Done | Busy)
        await held.release()
        return held


async def test_what_was_done_is_acknowledged_even_if_it_cannot_be_marked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(store=Forgetful()))
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.counts("handle").handled == 1
    assert "a duplicate would be handled again" in caplog.text


class LateClaim:
    """A claim that cannot be completed yet.

    :ivar failures: how many calls fail.
    :ivar wait: what a call waits for.
    """

    def __init__(self, claim: Claim, failures: int, wait: anyio.Event | None) -> None:
        self.claim, self.failures, self.wait = claim, failures, wait

    async def extend(self, lease: float) -> None:
        await self.claim.extend(lease)

    async def complete(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the store is away")
        if self.wait is not None:
            await self.wait.wait()
        await self.claim.complete()

    async def release(self) -> None:
        await self.claim.release()


class Late(MemoryStore):
    """A store that is away, or busy, when a handler is done."""

    def __init__(self, failures: int = 0, wait: anyio.Event | None = None) -> None:
        super().__init__()
        self.failures, self.wait = failures, wait

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        held = await super().claim(key, lease=lease, window=window)
        if isinstance(held, Done | Busy):
            return held
        return LateClaim(held, self.failures, self.wait)


async def test_a_mark_that_fails_is_written_again_before_the_acknowledgement() -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(store=Late(failures=3)))
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        for _ in range(2):
            await bus.publish(ORDER)
            await bus.settled()
        assert (bus.counts("handle").handled, bus.counts("handle").duplicates) == (1, 1)


async def test_a_mark_that_waits_for_the_store_is_waited_for_longer_than_a_last_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventroute.delivery.guard.LAST_WORD", 0.0)
    router, free, done = Router("r"), anyio.Event(), anyio.Event()

    @router.subscribe(Placed, idempotent=Idempotency(store=Late(wait=free)))
    async def handle(order: Placed) -> None:
        done.set()

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await done.wait()
        await anyio.wait_all_tasks_blocked()
        assert (await bus.depth("handle")).in_flight == 1, "not acknowledged before the mark"
        free.set()
        await bus.settled()
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.counts("handle").duplicates == 1


async def test_a_store_that_stays_away_is_given_up_when_the_lease_would_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")
    policy = Idempotency(store=Late(failures=10**6))

    @router.subscribe(Placed, idempotent=policy, visibility_timeout=0.2)
    async def handle(order: Placed) -> None: ...

    caplog.set_level(logging.ERROR, "eventroute")
    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.handled("handle") == [Placed()]
    assert "a duplicate would be handled again" in caplog.text


async def test_events_that_do_not_match_or_cannot_be_read_claim_nothing() -> None:
    router = Router("r")
    claims: list[Key] = []

    class Watched(MemoryStore):
        async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
            claims.append(key)
            return await super().claim(key, lease=lease, window=window)

    @router.subscribe(Placed, idempotent=Idempotency(store=Watched()))
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(ORDER)
        await bus.settled()
    assert len(claims) == 1


async def test_a_handler_that_ends_the_program_ends_it_and_leaves_no_claim(
    store: IdempotencyStore,
) -> None:
    router = Router("r")
    calls = 0

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise SystemExit(3)

    bus = EventBus(idempotency_store=store)
    bus.include(router)
    async with bus:
        await bus.publish(ORDER)
        with pytest.raises(SystemExit):
            await bus.run(handle_signals=False)
        await bus.run(until_empty=True, handle_signals=False)
        assert bus.counts("handle").handled == 1


async def test_a_memory_backend_brings_a_store_of_its_own() -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish_many([ORDER, ORDER])
        await bus.settled()
        assert bus.counts("handle").duplicates == 1


async def test_a_transaction_needs_an_idempotent_subscription() -> None:
    with pytest.raises(DeclarationError, match="subscribe it with idempotent=True"):

        @Router("r").subscribe(Placed)
        def handle(order: Placed, db: Annotated[sqlite3.Connection, Transaction]) -> None: ...


async def test_a_store_without_transactions_is_refused_when_the_bus_opens() -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    def handle(order: Placed, db: Annotated[sqlite3.Connection, Transaction]) -> None: ...

    with pytest.raises(DeclarationError, match=r"'r\.handle' asks for a transaction of Connection"):
        async with TestBus(router):
            pass


async def test_a_store_with_other_transactions_is_refused(tmp_path: Path) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    def handle(order: Placed, db: Annotated[Placed, Transaction]) -> None: ...

    with pytest.raises(
        DeclarationError, match=r"asks for .* Placed.*SQLiteStore, gives Connection"
    ):
        async with TestBus(router, idempotency_store=SQLiteStore(tmp_path / "s.db")):
            pass


async def test_a_durable_backend_without_a_store_is_refused() -> None:
    from dataclasses import replace

    from eventroute.port import Adapter, Capabilities
    from eventroute_memory import MemoryAdapter, create

    class Durable(MemoryAdapter):
        @property
        def capabilities(self) -> Capabilities:
            return replace(super().capabilities, durable=True)

    def factory(options: object, clock: Clock) -> Adapter:
        return Durable(create({}, clock)._options, clock)  # pyright: ignore[reportPrivateUsage]

    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None: ...

    bus = EventBus(factory)
    bus.include(router)
    with pytest.raises(ConfigurationError, match="is idempotent, and there is no store"):
        async with bus:
            pass


def test_the_configuration_names_the_store(tmp_path: Path) -> None:
    file = tmp_path / "eventroute.toml"
    file.write_text('[idempotency]\nstore = "sqlite"\npath = "marks.db"\n')
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None: ...

    async def main(bus: EventBus) -> None:
        bus.include(router)
        async with bus:
            await bus.publish(ORDER)
            await bus.run(until_empty=True, handle_signals=False)

    buses: Sequence[EventBus] = [EventBus.from_config(file) for _ in range(2)]
    for bus in buses:
        anyio.run(main, bus)
    assert (tmp_path / "marks.db").exists()
    assert buses[0].counts("handle").handled == 1
    assert buses[1].counts("handle").duplicates == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('store = "redis"', "idempotency.store is \"redis\": it should be 'memory' or 'sqlite'"),
        ('store = "sqlite"', "needs a file; set path too"),
        ('path = "marks.db"', 'only store = "sqlite" has a path'),
        ("stor = 1", "did you mean store"),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "eventroute.toml"
    file.write_text(f"[idempotency]\n{text}\n")
    with pytest.raises(ConfigurationError) as caught:
        EventBus.from_config(file)
    assert problem in str(caught.value)


async def test_a_store_in_the_backends_own_file_is_refused_when_the_bus_opens(
    tmp_path: Path,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed) -> None: ...

    file = tmp_path / "events.db"
    same = SQLiteStore(tmp_path / "." / "events.db")
    bus = EventBus("sqlite", options={"path": str(file)}, idempotency_store=same)
    bus.include(router)
    with pytest.raises(
        ConfigurationError, match=r"events\.db is the file of the backend .* name another"
    ):
        async with bus:
            await bus.run(until_empty=True)
