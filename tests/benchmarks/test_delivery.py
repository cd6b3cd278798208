"""What the delivery benchmarks count as a delivery, and that they notice what is missing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.delivery.flatness import among_stored, among_subscriptions
from benchmarks.delivery.floors import FLOORS
from benchmarks.delivery.in_memory import IN_MEMORY
from benchmarks.delivery.on_disk import Eventroute
from benchmarks.delivery.orders import PASSES, SUBSCRIPTIONS, Seen, orders
from benchmarks.delivery.worker import main

if TYPE_CHECKING:
    from benchmarks.delivery.in_memory import Deliver


def test_an_order_has_273_bytes_of_json() -> None:
    sizes = {len(json.dumps(order, separators=(",", ":"))) for order in orders(2_000)}
    assert sizes == {273}


def test_half_of_the_orders_pass() -> None:
    assert sum(order["country"] == PASSES for order in orders(1_000)) == 500


@pytest.mark.parametrize("deliver", [IN_MEMORY["eventroute"], *FLOORS.values()])
def test_whatever_is_timed_delivers_each_order_to_each_subscription(deliver: Deliver) -> None:
    published = orders(40)
    seen = Seen(published)
    watch = asyncio.run(deliver(published, seen))
    assert seen.wrong() is None
    assert seen.count() == seen.expected == 60
    assert watch.cpu > 0


def test_a_lost_order_is_noticed() -> None:
    published = orders(4)
    seen = Seen(published)
    for name in SUBSCRIPTIONS:
        seen.by_name[name] = ["order-00000001"]
    assert seen.wrong() == "invoice saw 1 orders, or others, not 2"


def test_an_order_that_came_twice_is_noticed() -> None:
    published = orders(2)
    seen = Seen(published)
    for name in SUBSCRIPTIONS:
        seen.by_name[name] = ["order-00000001"] * 2
    assert seen.wrong() is not None


def test_everything_published_to_the_file_is_handled(tmp_path: Path) -> None:
    queue = Eventroute(tmp_path / "queue.db")
    queue.batches(orders(150))
    handled, watch = queue.drain()
    assert handled == 150
    assert watch.wall > 0


def test_the_file_is_filled_before_it_is_measured(tmp_path: Path) -> None:
    measured = among_stored(tmp_path / "queue.db", stored=500, events=20)
    assert measured["publish"] > 0
    assert measured["handle"] > 0


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_each_event_reaches_one_subscription_of_many(backend: str, tmp_path: Path) -> None:
    options = {"path": str(tmp_path / "queue.db")} if backend == "sqlite" else {}
    assert among_subscriptions(backend, options, 5, 50)["publish"] > 0


def test_an_engine_that_is_not_there_is_named() -> None:
    result = main({"do": "memory", "engine": "fanferro", "events": 10})
    assert result["cannot"].startswith("not installed")
