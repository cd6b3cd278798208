"""Effect and mark in one transaction of a SQLAlchemy session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel
from sqlalchemy import Engine, MetaData, create_engine, create_mock_engine, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from eventroute import Delivery, EventBus, RejectError, Retry, Router, as_event, event
from eventroute.clock import SystemClock
from eventroute.errors import (
    ConfigurationError,
    DeclarationError,
    TransactionError,
    UnsupportedError,
)
from eventroute.idempotency import (
    Busy,
    Done,
    Idempotency,
    Key,
    SQLAlchemyStore,
    Transaction,
    idempotency_table,
)
from eventroute.testing import TestBus, VirtualClock

from ..postgres import Postgres
from .databases import ASYNC, INVOICES, MARKS, METADATA, SYNC, make_engine

Database: TypeAlias = Annotated[Session, Transaction]
AsyncDatabase: TypeAlias = Annotated[AsyncSession, Transaction]
KEY = Key("r.handle", "a")


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


ORDER = as_event(Placed(), id="1")


@pytest.fixture(params=[*SYNC, *ASYNC])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine | AsyncEngine:
    """The application's database, with its tables, through each driver."""
    return make_engine(request.param, request, tmp_path)


@pytest.fixture(params=SYNC)
def plain_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """The same, where the kind of engine makes no difference."""
    made = make_engine(request.param, request, tmp_path)
    assert isinstance(made, Engine)
    return made


@pytest.fixture
def store(engine: Engine | AsyncEngine) -> SQLAlchemyStore:
    return SQLAlchemyStore(engine, MARKS)


async def invoices(engine: Engine | AsyncEngine) -> list[str]:
    query = select(INVOICES.c.order_id)
    if isinstance(engine, Engine):
        with engine.connect() as connection:
            return list(connection.scalars(query))
    async with engine.connect() as connection:
        return list(await connection.scalars(query))


Then: TypeAlias = Callable[[Delivery, Session | AsyncSession], Awaitable[object]]


async def nothing(delivery: Delivery, session: Session | AsyncSession) -> None: ...


def booking(
    engine: Engine | AsyncEngine,
    then: Then = nothing,
    *,
    idempotent: Idempotency | bool = True,
    attempts: int = 1,
) -> Router:
    """A handler that books an order, and then does something else."""
    router = Router("r")
    subscribe = router.subscribe(
        Placed, name="handle", idempotent=idempotent, retry=Retry(attempts=attempts)
    )

    if isinstance(engine, Engine):

        @subscribe
        async def with_session(order: Placed, delivery: Delivery, db: Database) -> None:
            db.execute(INVOICES.insert().values(order_id=order.order_id))
            await then(delivery, db)
    else:

        @subscribe
        async def with_async_session(order: Placed, delivery: Delivery, db: AsyncDatabase) -> None:
            await db.execute(INVOICES.insert().values(order_id=order.order_id))
            await then(delivery, db)

    return router


async def call(method: Callable[[], Any]) -> None:
    """Call what is a coroutine in an async session only."""
    result = method()
    if result is not None:
        await result


async def test_what_a_handler_does_in_the_session_happens_once(
    engine: Engine | AsyncEngine, store: SQLAlchemyStore
) -> None:
    async with TestBus(booking(engine), idempotency_store=store) as bus:
        await bus.publish_many([ORDER] * 5)
        await bus.settled()
        assert (bus.counts("handle").handled, bus.counts("handle").duplicates) == (1, 4)
    assert await invoices(engine) == ["7"]


async def test_a_plain_function_has_the_session_in_its_thread(plain_engine: Engine) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    def handle(order: Placed, db: Database) -> None:
        db.execute(INVOICES.insert().values(order_id=order.order_id))

    async with TestBus(router, idempotency_store=SQLAlchemyStore(plain_engine, MARKS)) as bus:
        await bus.publish_many([ORDER] * 3)
        await bus.settled()
    assert await invoices(plain_engine) == ["7"]


@pytest.mark.parametrize("error", [ValueError, RejectError])
async def test_what_a_failed_handler_did_is_undone(
    engine: Engine | AsyncEngine, store: SQLAlchemyStore, error: type[Exception]
) -> None:
    async def fail(delivery: Delivery, session: Session | AsyncSession) -> None:
        if delivery.attempt < 3:
            raise error("no")

    async with TestBus(booking(engine, fail, attempts=3), idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
    assert await invoices(engine) == (["7"] if error is ValueError else [])


async def test_two_workers_with_the_same_orders_have_one_effect_each(
    engine: Engine | AsyncEngine,
) -> None:
    async def give_way(delivery: Delivery, session: Session | AsyncSession) -> None:
        await anyio.lowlevel.checkpoint()

    router = booking(engine, give_way, idempotent=Idempotency(key="order_id"))
    orders = [Placed(order_id=str(number)) for number in range(20)]
    one = TestBus(router, idempotency_store=SQLAlchemyStore(engine, MARKS))
    two = TestBus(router, idempotency_store=SQLAlchemyStore(engine, MARKS))
    async with one, two:
        async with anyio.create_task_group() as group:
            group.start_soon(one.publish_many, orders)
            group.start_soon(two.publish_many, orders)
        await one.settled()
        await two.settled()
    assert sorted(await invoices(engine), key=int) == [order.order_id for order in orders]


async def test_a_transaction_that_is_under_way_keeps_its_key_from_another_worker(
    engine: Engine | AsyncEngine,
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: the other one waits, whatever its key")
    one, two = SQLAlchemyStore(engine, MARKS), SQLAlchemyStore(engine, MARKS)
    await one.open(SystemClock())
    await two.open(SystemClock())
    unit = await one.begin(KEY, window=60)
    assert not isinstance(unit, Done | Busy)
    assert await two.begin(KEY, window=60) == Busy(0.0)
    other = await two.begin(Key("r.handle", "b"), window=60)
    assert not isinstance(other, Done | Busy)
    await other.rollback()
    await unit.commit()
    assert await two.begin(KEY, window=60) == Done()


async def test_a_mark_lasts_its_window_and_then_the_key_is_free(
    store: SQLAlchemyStore,
) -> None:
    clock = VirtualClock()
    await store.open(clock)
    unit = await store.begin(KEY, window=60)
    assert not isinstance(unit, Done | Busy)
    clock.advance_to(10)
    await unit.commit()
    clock.advance_to(69)
    assert await store.begin(KEY, window=60) == Done()
    clock.advance_to(71)
    again = await store.begin(KEY, window=60)
    assert not isinstance(again, Done | Busy)
    await again.rollback()


async def test_commit_is_refused_to_a_handler(
    engine: Engine | AsyncEngine, store: SQLAlchemyStore
) -> None:
    async def commit(delivery: Delivery, session: Session | AsyncSession) -> None:
        await call(session.commit)

    async with TestBus(booking(engine, commit), idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (outcome,) = bus.outcomes("handle")
    assert isinstance(outcome.error, TransactionError)
    assert await invoices(engine) == []


@pytest.mark.parametrize("how", ["rollback", "close"])
async def test_a_handler_that_rolls_back_has_failed(
    engine: Engine | AsyncEngine, store: SQLAlchemyStore, how: str
) -> None:
    async def end(delivery: Delivery, session: Session | AsyncSession) -> None:
        await call(getattr(session, how))

    async with TestBus(booking(engine, end), idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
    assert "the transaction of r.handle was rolled back" in letter.error
    assert await invoices(engine) == []


async def test_a_nested_transaction_undoes_a_part(
    engine: Engine | AsyncEngine, store: SQLAlchemyStore
) -> None:
    more = INVOICES.insert().values(order_id="more")

    async def nest(delivery: Delivery, session: Session | AsyncSession) -> None:
        for undo in (False, True):
            if isinstance(session, Session):
                part = session.begin_nested()
                session.execute(more)
                part.rollback() if undo else part.commit()
            else:
                own = await session.begin_nested()
                await session.execute(more)
                await (own.rollback() if undo else own.commit())

    async with TestBus(booking(engine, nest), idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
        assert bus.counts("handle").handled == 1
    assert await invoices(engine) == ["7", "more"]


async def test_a_cancelled_handler_has_no_effect_and_the_next_one_has(
    engine: Engine | AsyncEngine, store: SQLAlchemyStore
) -> None:
    async def wait(delivery: Delivery, session: Session | AsyncSession) -> None:
        if patient:
            bus.stop()
            await anyio.sleep_forever()

    patient = True
    bus = EventBus(grace=0, idempotency_store=store)
    bus.include(booking(engine, wait))
    async with bus:
        await bus.publish(ORDER)
        await bus.run(handle_signals=False)
        assert await invoices(engine) == []
        patient = False
        await bus.run(until_empty=True, handle_signals=False)
    assert await invoices(engine) == ["7"]


DIES = """
import os, sys
from typing import Annotated
import anyio
from pydantic import BaseModel
from sqlalchemy import create_engine, text, MetaData
from sqlalchemy.orm import Session
from eventroute import EventBus, Router, as_event, event
from eventroute.idempotency import SQLAlchemyStore, Transaction, idempotency_table
from eventroute_memory import MemoryAdapter, MemoryOptions

url, dies = sys.argv[1:]

@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"

router = Router("r")

@router.subscribe(Placed, idempotent=True)
async def handle(order: Placed, db: Annotated[Session, Transaction]) -> None:
    db.execute(text("INSERT INTO invoices VALUES ('7')"))
    if dies == "before-commit":
        os._exit(9)

class Adapter(MemoryAdapter):
    async def settle(self, settlements):
        if dies == "before-ack":
            os._exit(9)
        return await super().settle(settlements)

async def main() -> None:
    store = SQLAlchemyStore(create_engine(url), idempotency_table(MetaData()))
    bus = EventBus(lambda _, clock: Adapter(MemoryOptions(), clock), idempotency_store=store)
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
async def test_a_process_that_dies_has_no_effect_or_one_and_the_next_makes_it_one(
    plain_engine: Engine, dies: str, left: list[str], then: str
) -> None:
    url = plain_engine.url.render_as_string(hide_password=False)

    def start(dies: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", DIES, url, dies]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert start(dies).returncode == 9
    assert await invoices(plain_engine) == left
    assert start("never").stdout.strip() == then
    assert await invoices(plain_engine) == ["7"]


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
async def test_stricter_isolation_is_no_failure_of_the_store(
    postgres: Postgres, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(postgres.new_database(), isolation_level=level)
    METADATA.create_all(engine)
    router = booking(engine, idempotent=Idempotency(key="order_id"), attempts=50)
    orders = [Placed(order_id=str(number % 5)) for number in range(50)]
    one = TestBus(router, idempotency_store=SQLAlchemyStore(engine, MARKS))
    two = TestBus(router, idempotency_store=SQLAlchemyStore(engine, MARKS))
    async with one, two:
        async with anyio.create_task_group() as group:
            group.start_soon(one.publish_many, orders)
            group.start_soon(two.publish_many, orders)
        await one.settled()
        await two.settled()
    assert sorted(await invoices(engine)) == list("01234")
    assert "the idempotency store failed" not in caplog.text
    engine.dispose()


async def test_a_server_counts_by_its_own_clock(postgres: Postgres) -> None:
    engine = create_engine(postgres.new_database())
    METADATA.create_all(engine)
    store = SQLAlchemyStore(engine, MARKS)
    await store.open(SystemClock())
    claim = await store.claim(KEY, lease=60, window=60)
    assert not isinstance(claim, Done | Busy)
    with engine.connect() as connection:
        left = connection.scalar(
            select(MARKS.c.expires - func.extract("epoch", func.clock_timestamp()))
        )
    assert left == pytest.approx(60, abs=30)
    await claim.release()
    engine.dispose()


async def test_what_has_expired_is_swept(plain_engine: Engine) -> None:
    store, clock = SQLAlchemyStore(plain_engine, MARKS), VirtualClock()
    await store.open(clock)
    for number in range(99):
        claim = await store.claim(Key("r", str(number)), lease=1, window=1)
        assert not isinstance(claim, Done | Busy)
    clock.advance_to(2)
    for number in range(2):
        await store.claim(Key("r.later", str(number)), lease=1, window=1)
    with plain_engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(MARKS)) == 2


async def test_a_handler_that_asks_for_the_other_kind_of_session_is_refused(
    plain_engine: Engine,
) -> None:
    router = Router("r")

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed, db: AsyncDatabase) -> None: ...

    with pytest.raises(DeclarationError, match=r"SQLAlchemyStore, gives Session"):
        async with TestBus(router, idempotency_store=SQLAlchemyStore(plain_engine, MARKS)):
            pass


class OwnSession(Session):
    """An application's own class."""


async def test_handlers_are_given_an_applications_own_class_of_session(
    plain_engine: Engine,
) -> None:
    router = Router("r")
    given: list[object] = []

    @router.subscribe(Placed, idempotent=True)
    async def handle(order: Placed, db: Annotated[OwnSession, Transaction]) -> None:
        given.append(type(db))

    store = SQLAlchemyStore(plain_engine, MARKS, session_class=OwnSession)
    async with TestBus(router, idempotency_store=store) as bus:
        await bus.publish(ORDER)
        await bus.settled()
    assert given == [OwnSession]
    with pytest.raises(DeclarationError, match="an Engine needs a subclass of Session"):
        SQLAlchemyStore(plain_engine, MARKS, session_class=AsyncSession)


async def test_a_database_without_the_table_is_refused(plain_engine: Engine) -> None:
    table = idempotency_table(MetaData(), "elsewhere")
    with pytest.raises(ConfigurationError, match="cannot use the table 'elsewhere'"):
        await SQLAlchemyStore(plain_engine, table).open(SystemClock())


async def test_an_engine_without_transactions_is_refused(plain_engine: Engine) -> None:
    engine = plain_engine.execution_options(isolation_level="AUTOCOMMIT")
    with pytest.raises(ConfigurationError, match="commits each statement by itself"):
        await SQLAlchemyStore(engine, MARKS).open(SystemClock())


def test_a_database_that_was_not_tried_is_refused() -> None:
    engine = cast("Engine", create_mock_engine("mysql://", print))  # it needs no driver
    with pytest.raises(UnsupportedError, match="does not know 'mysql'"):
        SQLAlchemyStore(engine, MARKS)


def test_without_sqlalchemy_the_extra_is_named() -> None:
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "from eventroute.errors import MissingExtraError\n"
        "import eventroute.idempotency as rooms\n"
        "for name in ('SQLAlchemyStore', 'idempotency_table'):\n"
        "    try:\n        getattr(rooms, name)\n"
        "    except MissingExtraError as error:\n        print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.count('pip install "eventroute[sqlalchemy]"') == 2
