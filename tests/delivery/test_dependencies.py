"""What handlers depend on: how it is made, shared, replaced and cleaned up."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest
from pydantic import BaseModel

from eventroute import (
    Delivery,
    Depends,
    Event,
    EventBus,
    Publisher,
    RejectError,
    Retry,
    Router,
    as_event,
    event,
)
from eventroute.clock import Clock
from eventroute.delivery import Handler
from eventroute.errors import DeclarationError, EventRouteError
from eventroute.idempotency import SQLiteStore, Transaction
from eventroute.port import Ack, Release, Settlement
from eventroute.testing import TestBus
from eventroute_memory import MemoryAdapter, MemoryOptions


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str = "7"


@event("shop", "Paid")
class Paid(BaseModel):
    order_id: str = "7"


class Database:
    """Says what was done with it."""

    def __init__(self, name: str = "db") -> None:
        self.name = name


def plain() -> Database:
    return Database("plain")


async def asynchronous() -> Database:
    return Database("async")


def generator() -> Generator[Database]:
    yield Database("generator")


async def async_generator() -> AsyncGenerator[Database]:
    yield Database("async generator")


@contextmanager
def decorated() -> Generator[Database]:
    yield Database("decorated")


@asynccontextmanager
async def async_decorated() -> AsyncGenerator[Database]:
    yield Database("async decorated")


class Entered:
    """A context manager that gives a database."""

    def __enter__(self) -> Database:
        return Database("entered")

    def __exit__(self, *error: object) -> None: ...


class Factory:
    """An object that can be called."""

    async def __call__(self) -> Database:
        return Database("object")


def named(name: str) -> Database:
    return Database(name)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize(
    ("depends", "name"),
    [
        (Depends(plain), "plain"),
        (Depends(plain, in_thread=True), "plain"),
        (Depends(asynchronous), "async"),
        (Depends(generator), "generator"),
        (Depends(generator, in_thread=True), "generator"),
        (Depends(async_generator), "async generator"),
        (Depends(decorated), "decorated"),
        (Depends(decorated, in_thread=True), "decorated"),
        (Depends(async_decorated), "async decorated"),
        (Depends(Entered, enter=True), "entered"),
        (Depends(Factory()), "object"),
        (Depends(partial(named, name="partial")), "partial"),
        (Depends(lambda: Database("lambda")), "lambda"),
        (Depends(), "db"),
        (Depends, "db"),
    ],
)
def test_a_factory_may_be_anything_that_can_be_called(
    backend: str, depends: Depends, name: str
) -> None:
    router = Router("r")
    seen: list[str] = []

    @router.subscribe(Placed)
    async def in_the_loop(order: Placed, db: Annotated[Database, depends]) -> None:
        seen.append(db.name)

    @router.subscribe(Placed)
    def in_a_thread(order: Placed, *, db: Annotated[Database, depends]) -> None:
        seen.append(db.name)

    async def main() -> None:
        async with TestBus(router) as bus:
            await bus.publish(Placed())
            await bus.settled()

    anyio.run(main, backend=backend)
    assert seen == [name, name]


class Repository:
    """Depends on a database, and on what the delivery gives."""

    def __init__(
        self,
        order: Placed,
        event: Event,
        delivery: Delivery,
        limit: int = 3,
        *,
        bus: Publisher,
        db: Annotated[Database, Depends(plain)],
        other: Annotated[Database, Depends(asynchronous)],
    ) -> None:
        self.seen = (db.name, order, event.id, delivery.attempt, bus, limit, other.name)


async def test_a_factory_is_given_what_a_handler_is_given() -> None:
    router = Router("r")
    seen: list[object] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, repository: Annotated[Repository, Depends()]) -> None:
        seen.append(repository.seen)

    async with TestBus(router) as bus:
        made = await bus.publish(Placed())
        await bus.settled()
        assert seen == [("plain", Placed(), made.id, 1, bus, 3, "async")]
        assert bus.handled("handle") == [Placed()]


def second(db: Annotated[Database, Depends(plain)]) -> Database:
    return db


async def test_a_payload_may_be_read_for_a_factory_alone() -> None:
    router = Router("r")

    def order_id(order: Placed) -> str:
        return order.order_id

    @router.subscribe({"source": ["shop"]})
    async def handle(order_id: Annotated[str, Depends(order_id)]) -> None:
        assert order_id == "7"

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.handled("handle") == [Placed()]


async def test_a_factory_is_called_once_for_each_call_of_the_handler() -> None:
    router = Router("r")
    seen: list[tuple[Database, Database]] = []

    @router.subscribe(Placed)
    async def handle(
        order: Placed,
        one: Annotated[Database, Depends(second)],
        two: Annotated[Database, Depends(plain)],
    ) -> None:
        seen.append((one, two))

    async with TestBus(router) as bus:
        await bus.publish_many([Placed(), Placed()])
        await bus.settled()
    assert all(one is two for one, two in seen)
    assert seen[0][0] is not seen[1][0]


class Watched(MemoryAdapter):
    """Says when a delivery is settled."""

    def __init__(self, log: list[str], options: Mapping[str, object], clock: Clock) -> None:
        assert not options
        super().__init__(MemoryOptions(), clock)
        self.log = log

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        outcomes = await super().settle(settlements)
        self.log += [type(one).__name__ for one in settlements if isinstance(one, Ack | Release)]
        return outcomes


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_clean_up_runs_after_the_acknowledgement_the_last_made_first(backend: str) -> None:
    router = Router("r")
    log: list[str] = []

    async def outer() -> AsyncGenerator[str]:
        log.append("outer begins")
        yield "outer"
        await anyio.lowlevel.checkpoint()
        log.append("outer ends")

    def inner(outer: Annotated[str, Depends(outer)]) -> Generator[str]:
        log.append("inner begins")
        yield "inner"
        log.append("inner ends")

    @router.subscribe(Placed)
    async def handle(order: Placed, inner: Annotated[str, Depends(inner)]) -> None:
        log.append("handled")

    bus = EventBus(partial(Watched, log))
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(until_empty=True, handle_signals=False)

    anyio.run(main, backend=backend)
    begun = ["outer begins", "inner begins"]
    assert log == [*begun, "handled", "Ack", "inner ends", "outer ends"]


async def test_clean_up_sees_the_error_of_the_handler_after_the_release() -> None:
    router = Router("r")
    log: list[str] = []

    def session() -> Generator[str]:
        try:
            yield "session"
        except ValueError as error:
            log.append(f"rolled back: {error}")

    @router.subscribe(Placed, retry=Retry(first=0))
    async def handle(
        order: Placed, delivery: Delivery, session: Annotated[str, Depends(session)]
    ) -> None:
        if delivery.attempt == 1:
            raise ValueError("no")

    bus = EventBus(partial(Watched, log))
    bus.include(router)
    async with bus:
        await bus.publish(Placed())
        await bus.run(until_empty=True, handle_signals=False)
    assert log == ["Release", "rolled back: no", "Ack"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_handler_is_released_and_then_cleaned_up(backend: str) -> None:
    router = Router("r")
    log: list[str] = []

    async def session() -> AsyncGenerator[str]:
        try:
            yield "session"
        finally:
            await anyio.sleep(0.01)  # what a cancelled task cannot do
            log.append("closed")

    @router.subscribe(Placed)
    async def handle(order: Placed, session: Annotated[str, Depends(session)]) -> None:
        bus.stop()
        await anyio.sleep_forever()

    bus = EventBus(partial(Watched, log), grace=0)
    bus.include(router)

    async def main() -> None:
        async with bus:
            await bus.publish(Placed())
            await bus.run(handle_signals=False)
            assert (await bus.depth("handle")).ready == 1

    anyio.run(main, backend=backend)
    assert log == ["Release", "closed"]


async def test_settled_waits_for_clean_up() -> None:
    router = Router("r")
    closed: list[str] = []

    async def session() -> AsyncGenerator[str]:
        yield "session"
        await anyio.sleep(0.01)
        closed.append("closed")

    @router.subscribe(Placed)
    async def handle(order: Placed, session: Annotated[str, Depends(session)]) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish_many([Placed()] * 5)
        await bus.settled()
        assert closed == ["closed"] * 5


async def test_clean_up_that_fails_changes_nothing_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = Router("r")

    def session() -> Generator[str]:
        yield "session"
        raise OSError("the line is down")

    @router.subscribe(Placed)
    async def handle(order: Placed, session: Annotated[str, Depends(session)]) -> None: ...

    caplog.set_level(logging.ERROR, "eventroute")
    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").handled == 1
    assert "the clean-up after event" in caplog.text
    assert "the line is down" in caplog.text


async def test_a_factory_that_raises_is_a_failed_attempt_and_what_was_made_is_cleaned_up() -> None:
    router = Router("r")
    closed: list[str] = []

    def session() -> Generator[str]:
        yield "session"
        closed.append("never reached after an error")

    def broken(session: Annotated[str, Depends(session)], delivery: Delivery) -> str:
        if delivery.attempt == 1:
            raise ConnectionError
        return session

    @router.subscribe(Placed)
    async def handle(order: Placed, thing: Annotated[str, Depends(broken)]) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        assert bus.counts("handle").retried == 1
        assert bus.counts("handle").handled == 1
    assert len(closed) == 1


async def test_a_factory_may_reject_an_event() -> None:
    router = Router("r")

    def tenant(event: Event) -> str:
        raise RejectError("unknown tenant")

    @router.subscribe(Placed)
    async def handle(order: Placed, tenant: Annotated[str, Depends(tenant)]) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
        (letter,) = await bus.dead_letters("handle")
        assert letter.reason == "rejected"


async def test_a_factory_runs_in_the_event_loop_unless_it_asks_for_a_thread() -> None:
    router = Router("r")
    threads: dict[str, int] = {}

    def here() -> Generator[None]:
        threads["here"] = threading.get_ident()
        yield

    def there() -> Generator[None]:
        threads["there"] = threading.get_ident()
        yield
        threads["there ends"] = threading.get_ident()

    @router.subscribe(Placed)
    async def handle(
        order: Placed,
        one: Annotated[None, Depends(here)],
        two: Annotated[None, Depends(there, in_thread=True)],
    ) -> None: ...

    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
    assert threads["here"] == threading.get_ident()
    assert threading.get_ident() not in (threads["there"], threads["there ends"])


async def test_a_factory_shares_the_transaction_of_the_idempotency_store(tmp_path: Path) -> None:
    router = Router("r")

    class Invoices:
        def __init__(self, db: Annotated[sqlite3.Connection, Transaction]) -> None:
            self.db = db

    @router.subscribe(Placed, idempotent=True)
    async def handle(
        order: Placed, delivery: Delivery, invoices: Annotated[Invoices, Depends()]
    ) -> None:
        invoices.db.execute("INSERT INTO invoices VALUES (?)", (order.order_id,))
        if delivery.attempt == 1:
            raise ValueError

    file = tmp_path / "shop.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE invoices (order_id TEXT)")
    one = as_event(Placed())
    async with TestBus(router, idempotency_store=SQLiteStore(file)) as bus:
        await bus.publish_many([one, one])
        await bus.settled()
    assert connection.execute("SELECT * FROM invoices").fetchall() == [("7",)]
    connection.close()


async def test_a_handler_of_lists_may_depend_on_what_is_no_matter_of_one_event() -> None:
    router = Router("r")
    log: list[str] = []

    def session(bus: Publisher) -> Generator[str]:
        yield "session"
        log.append("closed")

    @router.subscribe({"source": ["shop"]})
    async def handle(orders: list[Placed], session: Annotated[str, Depends(session)]) -> None:
        log.append(f"{session} for {len(orders)}")

    async with TestBus(router) as bus:
        await bus.publish_many([Placed()] * 3)
        await bus.settled()
        assert bus.counts("handle").handled == 3
    assert log == ["session for 3", "closed"]


async def test_a_test_replaces_a_factory_wherever_it_is_used() -> None:
    router = Router("r")
    seen: list[str] = []

    @router.subscribe(Placed)
    async def handle(order: Placed, db: Annotated[Database, Depends(second)]) -> None:
        seen.append(db.name)

    async def fake(event: Event) -> AsyncGenerator[Database]:
        yield Database(f"fake of {event.source}")

    async with TestBus(router).override(plain, fake) as bus:
        await bus.publish(Placed())
        await bus.settled()
    async with TestBus(router) as bus:
        await bus.publish(Placed())
        await bus.settled()
    assert seen == ["fake of shop", "plain"]


def test_a_replacement_of_what_nobody_depends_on_is_refused() -> None:
    with pytest.raises(LookupError, match="no handler of this bus depends on"):
        TestBus(Router("r")).override(plain, asynchronous)


def test_a_replacement_that_asks_for_a_payload_is_refused() -> None:
    router = Router("r")

    @router.subscribe(Placed)
    async def handle(order: Placed, db: Annotated[Database, Depends(plain)]) -> None: ...

    def fake(order: Placed) -> Database:
        return Database()

    with pytest.raises(DeclarationError, match="fake asks for the payload"):
        TestBus(router).override(plain, fake)


def unfillable(limit: int) -> Database:
    return Database()


def first_of_circle(x: int) -> int:
    return x


def second_of_circle(x: Annotated[int, Depends(first_of_circle)]) -> int:
    return x


first_of_circle.__annotations__["x"] = Annotated[int, Depends(second_of_circle)]


def takes_another(order: Paid) -> Database:
    return Database()


def test_a_factory_that_cannot_be_filled_is_refused_naming_its_parameter() -> None:
    def handle(order: Placed, db: Annotated[Database, Depends(unfillable)]) -> None: ...

    with pytest.raises(DeclarationError, match="unfillable: the parameter 'limit' asks for int"):
        Handler.of(handle, Placed)


def test_a_circle_of_factories_is_refused() -> None:
    def handle(order: Placed, x: Annotated[int, Depends(first_of_circle)]) -> None: ...

    with pytest.raises(
        DeclarationError, match="first_of_circle → second_of_circle → first_of_circle"
    ):
        Handler.of(handle, Placed)


def test_a_factory_that_contradicts_the_event_type_is_refused() -> None:
    def handle(order: Placed, db: Annotated[Database, Depends(takes_another)]) -> None: ...

    with pytest.raises(DeclarationError, match="asks for Paid, but the subscription is to Placed"):
        Handler.of(handle, Placed)


def test_a_factory_and_a_handler_that_read_different_payloads_are_refused() -> None:
    def handle(order: Placed, db: Annotated[Database, Depends(takes_another)]) -> None: ...

    with pytest.raises(DeclarationError, match="ask for Placed and Paid as the payload"):
        Handler.of(handle, None)


def test_a_factory_that_needs_one_event_is_refused_where_the_handler_takes_lists() -> None:
    def tenant(event: Event) -> str:
        return event.source

    def handle(orders: list[Placed], tenant: Annotated[str, Depends(tenant)]) -> None: ...

    with pytest.raises(DeclarationError, match="takes lists; its factories may take a Publisher"):
        Handler.of(handle, Placed, locals())


def test_a_thread_for_an_async_factory_is_refused() -> None:
    def handle(db: Annotated[Database, Depends(async_generator, in_thread=True)]) -> None: ...

    with pytest.raises(DeclarationError, match=r"async_generator is async .* drop in_thread"):
        Handler.of(handle, Placed)


def test_what_is_no_factory_is_refused() -> None:
    wrong: Any = "database"

    def handle(db: Annotated[Database, Depends(wrong)]) -> None: ...

    with pytest.raises(DeclarationError, match="'database' is no factory"):
        Handler.of(handle, Placed, locals())


def test_a_mark_without_a_factory_needs_a_class() -> None:
    def handle(db: Annotated[list[int], Depends()]) -> None: ...

    with pytest.raises(DeclarationError, match="name a factory"):
        Handler.of(handle, Placed)
