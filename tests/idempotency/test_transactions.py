"""Effect and mark commit together, or neither does."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import anyio
import anyio.to_thread
import pytest
from pydantic import BaseModel

from eventroute import Delivery, EventBus, RejectError, Retry, Router, as_event, event
from eventroute.clock import Clock, SystemClock
from eventroute.errors import EventRouteError, TransactionError
from eventroute.idempotency import Idempotency, SQLiteStore, Transaction
from eventroute.port import Ack, Adapter, Settlement
from eventroute.testing import TestBus
from eventroute_memory import MemoryAdapter, MemoryOptions

from .conftest import Run

Database: TypeAlias = Annotated[sqlite3.Connection, Transaction]
Act: TypeAlias = Callable[[sqlite3.Connection], object]


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


ORDER = as_event(Placed(), id="1")


def with_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS invoices (order_id TEXT)")


def book(db: sqlite3.Connection, order: Placed) -> None:
    db.execute("INSERT INTO invoices VALUES (?)", (order.order_id,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def sqlite_store(file: Path) -> SQLiteStore:
    return SQLiteStore(file, on_connect=with_table)


def invoices(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    try:
        return [row[0] for row in connection.execute("SELECT order_id FROM invoices")]
    finally:
        connection.close()


@pytest.mark.parametrize("plain", [False, True], ids=["async", "plain"])
def test_what_a_handler_does_in_the_transaction_happens_once(
    run: Run, sqlite_store: SQLiteStore, file: Path, plain: bool
) -> None:
    router = Router("r")
    subscribe = router.subscribe(Placed, name="handle", idempotent=True)

    if plain:

        @subscribe
        def in_a_thread(order: Placed, db: Database) -> None:
            book(db, order)
    else:

        @subscribe
        async def in_the_loop(order: Placed, *, db: Database) -> None:
            book(db, order)

    async def main() -> None:
        async with TestBus(router, idempotency_store=sqlite_store) as bus:
            await bus.publish_many([ORDER] * 5)
            await bus.settled()
            assert bus.counts("handle").handled == 1
            assert bus.counts("handle").duplicates == 4

    run(main)
    assert invoices(file) == ["7"]


@pytest.mark.parametrize("error", [ValueError, RejectError])
def test_what_a_failed_handler_did_is_undone(
    run: Run, sqlite_store: SQLiteStore, file: Path, error: type[Exception]
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True, retry=Retry(attempts=3))
    async def handle(order: Placed, delivery: Delivery, db: Database) -> None:
        book(db, order)
        if delivery.attempt < 3:
            raise error("no")

    async def main() -> None:
        async with TestBus(router, idempotency_store=sqlite_store) as bus:
            await bus.publish(ORDER)
            await bus.settled()

    run(main)
    assert invoices(file) == (["7"] if error is ValueError else [])


async def test_effect_and_mark_wait_for_each_others_transactions_in_two_workers(
    file: Path,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=Idempotency(key="order_id"))
    async def handle(order: Placed, db: Database) -> None:
        book(db, order)
        await anyio.lowlevel.checkpoint()

    orders = [Placed(order_id=str(number)) for number in range(20)]
    one = TestBus(router, idempotency_store=SQLiteStore(file, on_connect=with_table))
    two = TestBus(router, idempotency_store=SQLiteStore(file, on_connect=with_table))
    async with one, two:
        async with anyio.create_task_group() as group:
            group.start_soon(one.publish_many, orders)
            group.start_soon(two.publish_many, orders)
        await one.settled()
        await two.settled()
    assert sorted(invoices(file), key=int) == [order.order_id for order in orders]


class CrashError(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


class Crashes(MemoryAdapter):
    """The process ends between the commit and the first acknowledgement."""

    first = True

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        if self.first and any(isinstance(one, Ack) for one in settlements):
            self.first = False
            raise CrashError
        return await super().settle(settlements)


def crashes(options: Mapping[str, object], clock: Clock) -> Adapter:
    return Crashes(MemoryOptions(), clock)


async def test_a_process_that_ends_between_commit_and_acknowledgement_has_one_effect(
    sqlite_store: SQLiteStore, file: Path
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True, visibility_timeout=0.05)
    async def handle(order: Placed, db: Database) -> None:
        book(db, order)

    bus = EventBus(crashes, idempotency_store=sqlite_store)
    bus.include(router)
    async with bus:
        await bus.publish(ORDER)
        with pytest.raises(CrashError):
            await bus.run(handle_signals=False)
        assert invoices(file) == ["7"]
        await bus.run(until_empty=True, handle_signals=False)
        assert bus.counts("handle").duplicates == 1
    assert invoices(file) == ["7"]


def test_a_handler_that_is_cancelled_between_effect_and_mark_has_no_effect(
    run: Run, sqlite_store: SQLiteStore, file: Path
) -> None:
    router = Router("r")
    patient = True

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed, db: Database) -> None:
        book(db, order)
        if patient:
            bus.stop()
            await anyio.sleep_forever()

    bus = EventBus(grace=0, idempotency_store=sqlite_store)
    bus.include(router)

    async def main() -> None:
        nonlocal patient
        async with bus:
            await bus.publish(ORDER)
            await bus.run(handle_signals=False)
            assert invoices(file) == []
            patient = False
            await bus.run(until_empty=True, handle_signals=False)

    run(main)
    assert invoices(file) == ["7"]
    assert bus.counts("handle").handled == 1


def test_a_plain_function_keeps_its_transaction_until_it_returns(
    run: Run, sqlite_store: SQLiteStore, file: Path
) -> None:
    router = Router("r")
    begun, release = threading.Event(), threading.Event()

    @router.subscribe(Placed, idempotent=True)
    def handle(order: Placed, db: Database) -> None:
        begun.set()
        release.wait()
        book(db, order)

    bus = EventBus(grace=0, idempotency_store=sqlite_store)
    bus.include(router)

    async def main() -> None:
        async with bus, anyio.create_task_group() as group:
            await bus.publish(ORDER)
            group.start_soon(partial(bus.run, handle_signals=False))
            await anyio.to_thread.run_sync(begun.wait)
            bus.stop()
            await anyio.wait_all_tasks_blocked()
            release.set()

    run(main)
    assert invoices(file) == ["7"]
    assert bus.counts("handle").handled == 1


async def test_the_store_waits_for_another_process_that_writes(
    sqlite_store: SQLiteStore, file: Path
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed, db: Database) -> None:
        book(db, order)

    other = sqlite3.connect(file, isolation_level=None)
    async with TestBus(router, idempotency_store=sqlite_store) as bus:
        await bus.publish(Placed())
        await bus.settled()
        other.execute("BEGIN IMMEDIATE")
        await bus.publish(ORDER)
        await anyio.wait_all_tasks_blocked()
        other.execute("COMMIT")
        await bus.settled()
        assert bus.counts("handle").handled == 2
    other.close()


def commits(db: sqlite3.Connection) -> None:
    db.commit()


def rolls_back(db: sqlite3.Connection) -> None:
    db.rollback()


def closes(db: sqlite3.Connection) -> None:
    db.close()


def runs_a_script(db: sqlite3.Connection) -> None:
    db.executescript("DELETE FROM invoices")


def commits_by_statement(db: sqlite3.Connection) -> None:
    db.execute("COMMIT")


@pytest.mark.parametrize("act", [commits, rolls_back, closes, runs_a_script, commits_by_statement])
async def test_a_handler_cannot_end_the_transaction_it_shares(
    sqlite_store: SQLiteStore, file: Path, act: Act
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True, retry=Retry(attempts=1))
    async def handle(order: Placed, db: Database) -> None:
        book(db, order)
        act(db)

    async with TestBus(router, idempotency_store=sqlite_store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (outcome,) = bus.outcomes("handle")
    assert isinstance(outcome.error, TransactionError | sqlite3.DatabaseError)
    assert invoices(file) == []


async def test_a_with_block_of_the_connection_is_a_savepoint(
    sqlite_store: SQLiteStore, file: Path
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed, db: Database) -> None:
        with db:
            book(db, order)
        with suppress(LookupError), db, db:
            book(db, order)
            raise LookupError

    async with TestBus(router, idempotency_store=sqlite_store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.counts("handle").handled == 1
    assert invoices(file) == ["7"]


async def test_a_transaction_that_sqlite_rolled_back_is_a_failed_attempt(
    sqlite_store: SQLiteStore, file: Path
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True, retry=Retry(attempts=1))
    async def handle(order: Placed, db: Database) -> None:
        db.execute("CREATE UNIQUE INDEX one ON invoices (order_id)")
        book(db, order)
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("INSERT OR ROLLBACK INTO invoices VALUES (?)", (order.order_id,))

    async with TestBus(router, idempotency_store=sqlite_store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
        assert "SQLite rolled back the transaction of r.handle" in letter.error
    assert invoices(file) == []


APPLICATION = """
import os, sqlite3, sys
from typing import Annotated
import anyio
from pydantic import BaseModel
from eventroute import EventBus, Router, as_event, event
from eventroute.idempotency import Idempotency, SQLiteStore, Transaction
from eventroute.port import Ack
from eventroute_memory import MemoryAdapter, MemoryOptions

file, dies = sys.argv[1:]

@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"

router = Router("r")

@router.subscribe(Placed, idempotent=True)
async def handle(order: Placed, db: Annotated[sqlite3.Connection, Transaction]) -> None:
    db.execute("INSERT INTO invoices VALUES (?)", (order.order_id,))
    if dies == "before-commit":
        os._exit(9)

class Adapter(MemoryAdapter):
    async def settle(self, settlements):
        if dies == "before-ack" and isinstance(settlements[0], Ack):
            os._exit(9)
        return await super().settle(settlements)

def with_table(connection):
    connection.execute("CREATE TABLE IF NOT EXISTS invoices (order_id TEXT)")

async def main() -> None:
    bus = EventBus(
        lambda _, clock: Adapter(MemoryOptions(), clock),
        idempotency_store=SQLiteStore(file, on_connect=with_table),
    )
    bus.include(router)
    async with bus:
        await bus.publish(as_event(Placed(), id="1"))
        await bus.run(until_empty=True, handle_signals=False)
    print(bus.counts("handle").handled, bus.counts("handle").duplicates)

anyio.run(main)
"""


@pytest.mark.parametrize(
    ("dies", "left", "then"), [("before-commit", [], "1 0"), ("before-ack", ["7"], "0 1")]
)
def test_a_process_that_dies_has_no_effect_or_one_and_the_next_makes_it_one(
    file: Path, dies: str, left: list[str], then: str
) -> None:
    def start(dies: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", APPLICATION, str(file), dies],
            capture_output=True,
            text=True,
            check=False,
        )

    assert start(dies).returncode == 9
    assert invoices(file) == left
    done = start("never")
    assert (done.stdout.strip(), done.stderr) == (then, "")
    assert invoices(file) == ["7"]


def test_a_claim_of_a_process_that_died_ends_with_its_lease(file: Path) -> None:
    program = APPLICATION.replace("idempotent=True", "idempotent=True, visibility_timeout=0.6")
    program = program.replace(", db: Annotated[sqlite3.Connection, Transaction]", "").replace(
        'db.execute("INSERT INTO invoices VALUES (?)", (order.order_id,))', "pass"
    )

    def start(dies: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program, str(file), dies],
            capture_output=True,
            text=True,
            check=False,
        )

    assert start("before-commit").returncode == 9
    done = start("never")
    assert (done.stdout.strip(), done.stderr) == ("1 0", "")


async def test_what_sets_up_the_connection_waits_for_another_process_that_writes(
    file: Path,
) -> None:
    first = SQLiteStore(file)
    await first.open(SystemClock())
    await first.close()
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    attempts = 0

    def set_up(connection: sqlite3.Connection) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 2:
            other.execute("ROLLBACK")
        connection.execute("CREATE TABLE own (name TEXT)")

    store = SQLiteStore(file, on_connect=set_up)
    await store.open(SystemClock())
    await store.close()
    other.close()
    assert attempts == 2
