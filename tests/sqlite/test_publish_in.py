"""Events inside a transaction of the caller's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, as_event, event
from eventroute.errors import ConfigurationError, DeclarationError, NotOpenError
from eventroute.port import Ack
from eventroute.testing import VirtualClock
from eventroute_sqlite import publish_in

from .kit import EVENT, one, opened, subscription


@event("s", "Placed")
class Placed(BaseModel):
    order_id: str


@pytest.fixture
def orders(file: Path) -> Generator[sqlite3.Connection]:
    """The application's own connection, with a table of its own in the same file."""
    with closing(sqlite3.connect(file)) as connection:
        yield connection


async def test_a_commit_publishes_and_a_rollback_does_not(
    file: Path, orders: sqlite3.Connection
) -> None:
    async with opened(file) as adapter:
        orders.execute("CREATE TABLE orders (id)")
        with orders:
            orders.execute("INSERT INTO orders VALUES ('1')")
            publish_in(orders, as_event(Placed(order_id="1")))
        orders.execute("INSERT INTO orders VALUES ('2')")
        publish_in(orders, as_event(Placed(order_id="2")))
        orders.rollback()
        (delivery,) = await adapter.receive("q", limit=5, wait=0)
        assert delivery.event.detail == {"order_id": "1"}
        assert orders.execute("SELECT id FROM orders").fetchall() == [("1",)]


async def test_nobody_sees_an_event_before_the_commit(
    file: Path, orders: sqlite3.Connection
) -> None:
    async with opened(file) as adapter:
        publish_in(orders, EVENT)
        assert await adapter.receive("q", limit=5, wait=0) == []
        orders.commit()
        assert (await one(adapter)).event == EVENT


async def test_a_worker_that_waits_notices_the_commit(
    file: Path, orders: sqlite3.Connection
) -> None:
    received: list[Delivery] = []

    async def receive() -> None:
        received.append(await one(adapter, wait=60))

    async with opened(file) as adapter, anyio.create_task_group() as group:
        group.start_soon(receive)
        await adapter.depth("q")
        with orders:
            publish_in(orders, EVENT)
    assert len(received) == 1


async def test_a_transaction_is_begun_where_none_is_open(
    file: Path, orders: sqlite3.Connection
) -> None:
    async with opened(file):
        publish_in(orders, EVENT)
        assert orders.in_transaction
        orders.rollback()


async def test_a_connection_that_commits_by_itself_must_begin_a_transaction(file: Path) -> None:
    async with opened(file) as adapter:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            with pytest.raises(NotOpenError, match="execute BEGIN IMMEDIATE first"):
                publish_in(connection, EVENT)
            connection.execute("BEGIN IMMEDIATE")
            publish_in(connection, EVENT)
            connection.execute("COMMIT")
        assert (await one(adapter)).event == EVENT


async def test_rows_of_another_kind_do_not_matter(file: Path, orders: sqlite3.Connection) -> None:
    orders.row_factory = lambda _, row: {"row": row}
    async with opened(file, None, subscription(ordered_by="k")) as adapter:
        with orders:
            publish_in(orders, EVENT, EVENT)
        assert (await adapter.depth("q")).outstanding == 2


async def test_order_headers_and_delay_are_kept(file: Path, orders: sqlite3.Connection) -> None:
    clock = VirtualClock()
    async with opened(file, clock, subscription(ordered_by="key")) as adapter:
        events = [Event("s", "T", {"key": "k", "step": step}) for step in range(3)]
        with orders:
            publish_in(orders, *events, headers={"traceparent": "00-1"}, delay=60, clock=clock)
        assert await adapter.receive("q", limit=5, wait=0) == []
        clock.advance_to(60)
        seen: list[object] = []
        while deliveries := await adapter.receive("q", limit=5, wait=0):
            seen += [delivery.event.detail["step"] for delivery in deliveries]
            assert deliveries[0].headers == {"traceparent": "00-1"}
            await adapter.settle([Ack(delivery) for delivery in deliveries])
        assert seen == [0, 1, 2]


async def test_a_subscription_that_is_added_between_two_calls_gets_the_second(
    file: Path, orders: sqlite3.Connection
) -> None:
    async with opened(file):
        with orders:
            publish_in(orders, EVENT)
        async with opened(file, None, subscription("late")) as adapter:
            with orders:
                publish_in(orders, EVENT)
            assert (await adapter.depth("late")).ready == 1


def test_a_payload_is_refused_with_what_to_write(orders: sqlite3.Connection) -> None:
    with pytest.raises(DeclarationError, match=r"Placed is no Event; write .*as_event\(payload\)"):
        publish_in(orders, Placed(order_id="1"))  # type: ignore[arg-type]  # pyright: ignore


def test_a_database_without_our_tables_is_refused(orders: sqlite3.Connection) -> None:
    with pytest.raises(ConfigurationError, match="no eventroute tables; open a bus"):
        publish_in(orders, EVENT)


async def test_an_event_names_the_version_of_its_payload_or_what_the_caller_says(
    file: Path, orders: sqlite3.Connection
) -> None:
    @event("s", "Placed", version=2)
    class Placed2(BaseModel):
        order_id: str

    made, untyped = as_event(Placed2(order_id="1")), Event("s", "Placed", {"order_id": "1"})
    async with opened(file) as adapter:
        publish_in(orders, made, as_event(Placed(order_id="1")), untyped)
        publish_in(orders, untyped, version=3)
        orders.commit()
        found = await adapter.receive("q", limit=5, wait=0)
    assert [one.version for one in found] == [2, None, None, 3]
