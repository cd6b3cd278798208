"""Whether the time of an event grows with what is stored, or with who else has subscribed."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.delivery.model import declare
from benchmarks.delivery.orders import orders
from benchmarks.delivery.stopwatch import Stopwatch

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["among_stored", "among_subscriptions"]

_FILL = """
    WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)
    {insert} FROM number
"""
_EVENTS = "INSERT INTO eventroute_event (id, body) SELECT {first} + n, :body"
_MESSAGES = (
    "INSERT INTO eventroute_message (queue, event, state, place, published) "
    "SELECT (SELECT id FROM eventroute_queue), {first} + n, 3, {first} + n, :moment"
)


def among_stored(file: Path, stored: int, events: int) -> dict[str, float]:
    """Seconds an event, where a SQLite queue holds this many already.

    ``publish`` is for batches of a hundred, ``handle`` from the lease to the acknowledgement.
    """
    library: Any = import_module("eventroute")
    model = library.event("shop.orders", "OrderPlaced")(declare())
    payloads = [model(**one) for one in orders(events)]
    router = library.Router("bench")
    handled = 0

    async def handle(_order: Any) -> None:  # noqa: ANN401  the model is made at run time
        nonlocal handled
        handled += 1
        if handled >= events:
            bus.stop()

    handle.__annotations__["_order"] = model
    router.subscribe(model, name="invoice")(handle)
    bus = library.EventBus("sqlite", options={"path": str(file)})
    bus.include(router)

    async def measure() -> dict[str, float]:
        async with bus:
            await bus.publish(payloads[0])
        _fill(file, stored - 1)
        async with bus:
            with Stopwatch() as publishing:
                await bus.publish_many(payloads)
            with Stopwatch() as handling:
                await bus.run(handle_signals=False)
        return {"publish": publishing.wall / events, "handle": handling.wall / handled}

    return asyncio.run(measure())


def _fill(file: Path, count: int) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        body, first, moment = connection.execute(
            "SELECT body, e.id, published FROM eventroute_event AS e "
            "JOIN eventroute_message ON event = e.id"
        ).fetchone()
        values = {"count": count, "body": body, "moment": moment}
        for insert in (_EVENTS, _MESSAGES):
            connection.execute(_FILL.format(insert=insert.format(first=first)), values)


def among_subscriptions(
    backend: str, options: dict[str, Any], subscriptions: int, events: int
) -> dict[str, float]:
    """CPU seconds an event that reaches one subscription, where there are so many."""
    library: Any = import_module("eventroute")
    model = library.event("shop.orders", "OrderPlaced")(declare())
    published = orders(events)
    for number, one in enumerate(published):
        one["country"] = f"C{number % subscriptions:04}"
    payloads = [model(**one) for one in published]
    router = library.Router("bench")
    handled = 0

    async def handle(_order: Any) -> None:  # noqa: ANN401  the model is made at run time
        nonlocal handled
        handled += 1

    handle.__annotations__["_order"] = model
    for number in range(subscriptions):
        where = {"country": [f"C{number:04}"]}
        router.subscribe(model, name=f"s{number}", where=where)(handle)
    bus = library.EventBus(backend, options=options)
    bus.include(router)

    async def measure() -> dict[str, float]:
        first, others = payloads[:subscriptions], payloads[subscriptions:]
        async with bus:
            # Starting a worker, and making it ready for its first event, costs once, however many
            # events there are: two runs differ by the events alone.
            await bus.publish_many(first)
            gc.collect()  # lest what one of the runs left is walked in the other
            with Stopwatch() as short:
                await bus.run(handle_signals=False, until_empty=True)
            with Stopwatch() as publishing:
                await bus.publish_many(others)
            gc.collect()
            with Stopwatch() as long:
                await bus.run(handle_signals=False, until_empty=True)
        if handled != events:
            raise AssertionError(f"{handled:,} of {events:,} events were handled")
        more = len(others) - len(first)
        return {
            "publish": publishing.cpu / len(others),
            "handle": max(0.0, long.cpu - short.cpu) / more,
        }

    return asyncio.run(measure())
