"""With an idempotency store, one event has one effect in a subscription."""

from __future__ import annotations

import sqlite3
from typing import Annotated, TypeAlias

from eventroute.delivery import Retry
from eventroute.envelope import Event
from eventroute.errors import ConfigurationError
from eventroute.idempotency import Idempotency, MemoryStore, SQLiteStore, Transaction
from eventroute.port import Delivery
from eventroute.router import Router
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import SOURCE, event, events
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import promise
from eventroute.testing.faults import FaultLog, Faults, FaultyAdapter

__all__ = ["DeduplicationPromises"]

Database: TypeAlias = Annotated[sqlite3.Connection, Transaction]


def with_table(connection: sqlite3.Connection) -> None:
    """Give the application its table."""
    connection.execute("CREATE TABLE IF NOT EXISTS effects (number INTEGER)")


def effects(store_file: str) -> list[int]:
    """The numbers in the application's table."""
    connection = sqlite3.connect(store_file)
    try:
        return [row[0] for row in connection.execute("SELECT number FROM effects ORDER BY number")]
    finally:
        connection.close()


class DeduplicationPromises(Harness):
    """Repeated publishes, deaths and lost acknowledgements show only in the counts."""

    @promise
    async def test_an_id_that_is_published_again_has_one_effect(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, idempotent=True)
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(router, idempotency_store=MemoryStore()) as app:
            same = event(1)
            await app.bus.publish_many([same, same, event(2), same])
            await app.settled()
            await app.bus.publish(same)
            await app.settled()
            counts = app.bus.counts("handle")
        assert sorted(seen) == [1, 2]
        assert (counts.handled, counts.duplicates) == (2, 3)

    @promise
    async def test_ids_that_differ_are_different_events(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[str]()

        @router.subscribe({"source": [SOURCE]}, idempotent=True)
        async def handle(one: Event) -> None:
            seen.append(one.id)

        ids = [*(f"{number}" for number in range(30)), "A", "a", "ä", "a ", "1 ", "01"]
        alike = [Event(SOURCE, "Alike", {"number": 1}, id=name) for name in ids]
        async with backend.running(router, idempotency_store=MemoryStore()) as app:
            await app.bus.publish_many(alike)
            await app.settled()
        assert sorted(seen) == sorted(ids)

    @promise
    async def test_each_subscription_has_its_own_effect(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[str]()

        @router.subscribe({"source": [SOURCE]}, idempotent=True)
        async def one(one: Event) -> None:
            seen.append("one")

        @router.subscribe({"source": [SOURCE]}, idempotent=True)
        async def other(one: Event) -> None:
            seen.append("other")

        async with backend.running(router, idempotency_store=MemoryStore()) as app:
            same = event()
            await app.bus.publish_many([same, same])
            await app.settled()
        assert sorted(seen) == ["one", "other"]

    @promise
    async def test_after_the_window_an_id_has_its_effect_again(self, backend: Backend) -> None:
        router, seen = Router("kit"), list[int]()
        window = backend.delay

        @router.subscribe({"source": [SOURCE]}, idempotent=Idempotency(window=window))
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        async with backend.running(router, idempotency_store=MemoryStore()) as app:
            same = event(1)
            await app.bus.publish(same)
            await app.settled()
            await backend.pass_time(window + 0.1)
            await app.bus.publish(same)
            await app.settled()
        assert seen == [1, 1]

    @promise
    async def test_effect_and_mark_commit_together_or_not_at_all(self, backend: Backend) -> None:
        router, file = Router("kit"), str(backend.place / "effects.db")

        @router.subscribe(
            {"source": [SOURCE]}, idempotent=True, retry=Retry.fixed(backend.delay / 4)
        )
        async def handle(one: Event, delivery: Delivery, db: Database) -> None:
            db.execute("INSERT INTO effects VALUES (?)", (one.detail["number"],))
            if delivery.attempt < 3:
                raise ConnectionError("after the effect")

        store = SQLiteStore(file, on_connect=with_table)
        async with backend.running(router, idempotency_store=store) as app:
            same = event(1)
            await app.bus.publish_many([same, same, event(2)])
            await app.settled()
        assert effects(file) == [1, 2]

    @promise
    async def test_a_death_between_effect_and_acknowledgement_leaves_one_effect(
        self, backend: Backend
    ) -> None:
        router, file = Router("kit"), str(backend.place / "effects.db")
        plan = FaultLog(Faults(crash=1, most=1))

        @router.subscribe({"source": [SOURCE]}, idempotent=True, visibility_timeout=backend.lease)
        async def handle(one: Event, db: Database) -> None:
            db.execute("INSERT INTO effects VALUES (?)", (one.detail["number"],))

        store = SQLiteStore(file, on_connect=with_table)
        async with backend.running(
            router,
            around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock),
            idempotency_store=store,
        ) as app:
            await app.bus.publish_many(events(5))
            await app.settled()
            assert app.bus.counts("handle").duplicates == 5
        assert len(plan.injected) == 5
        assert effects(file) == [0, 1, 2, 3, 4]

    @promise
    async def test_an_acknowledgement_that_gets_lost_leaves_one_effect(
        self, backend: Backend
    ) -> None:
        router, seen = Router("kit"), list[int]()

        @router.subscribe({"source": [SOURCE]}, idempotent=True, visibility_timeout=backend.lease)
        async def handle(one: Event) -> None:
            seen.append(one.detail["number"])

        plan = FaultLog(Faults(duplicate=1, expire_lease=0.5, most=2))
        async with backend.running(
            router,
            around=lambda adapter: FaultyAdapter(adapter, plan, backend.clock),
            idempotency_store=MemoryStore(),
        ) as app:
            await app.bus.publish_many(events(8))
            await app.settled()
        assert sorted(seen) == list(range(8))

    @promise
    async def test_a_backend_that_outlives_the_process_asks_for_a_store_that_does(
        self, backend: Backend
    ) -> None:
        router = Router("kit")

        @router.subscribe({"source": [SOURCE]}, idempotent=True)
        async def handle(one: Event) -> None: ...

        lasts = backend.capabilities.durable or backend.capabilities.multi_process
        bus, refused = backend.bus(router), False
        try:
            async with bus:
                pass
        except ConfigurationError:
            refused = True
        assert refused is lasts
