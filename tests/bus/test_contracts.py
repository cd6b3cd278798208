"""Contracts at the door, and a bus made from configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Retry, Router, event
from eventroute.clock import Clock
from eventroute.errors import (
    BackendNotFoundError,
    ConfigurationError,
    ContractNotFoundError,
    ContractViolationError,
    PublishError,
    UnsupportedError,
)
from eventroute.port import Capabilities
from eventroute.registry import ContractPolicy, FileRegistry, MemoryRegistry
from eventroute.testing import TestBus
from eventroute_memory import MemoryAdapter
from eventroute_memory.options import read_options


class Line(BaseModel):
    sku: str
    quantity: int


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    order_id: str
    lines: list[Line]


def registry() -> MemoryRegistry:
    made = MemoryRegistry()
    made.register(OrderPlaced)
    return made


BROKEN = Event("shop.orders", "OrderPlaced", {"order_id": 7, "lines": [{"sku": "a"}]})
GOOD = Event("shop.orders", "OrderPlaced", {"order_id": "7", "lines": []})
UNKNOWN = Event("shop.orders", "OrderEaten", {})


async def test_an_untyped_event_that_breaks_its_contract_is_refused_with_every_place() -> None:
    async with TestBus(contracts=ContractPolicy(registry())) as bus:
        with pytest.raises(ContractViolationError) as caught:
            await bus.publish(BROKEN)
    assert [one.pointer for one in caught.value.violations] == ["/order_id", "/lines/0/quantity"]


async def test_one_that_fits_is_published() -> None:
    async with TestBus(contracts=ContractPolicy(registry())) as bus:
        assert await bus.publish(GOOD) is GOOD


async def test_of_many_only_the_broken_are_refused() -> None:
    async with TestBus(contracts=ContractPolicy(registry())) as bus:
        with pytest.raises(PublishError) as caught:
            await bus.publish_many([GOOD, BROKEN])
    assert [type(error) for _, error in caught.value.outcomes] == [
        type(None),
        ContractViolationError,
    ]


async def test_an_unregistered_type_is_allowed_or_refused_by_configuration() -> None:
    async with TestBus(contracts=ContractPolicy(registry(), unregistered="allow")) as bus:
        await bus.publish(UNKNOWN)
    async with TestBus(contracts=ContractPolicy(registry(), unregistered="refuse")) as bus:
        with pytest.raises(ContractNotFoundError, match="OrderEaten"):
            await bus.publish(UNKNOWN)


async def test_a_bus_is_made_from_its_file(tmp_path: Path) -> None:
    FileRegistry(tmp_path / "schemas").register(OrderPlaced)
    file = tmp_path / "eventroute.toml"
    file.write_text(
        'backend = "memory"\n'
        "[memory]\nmax_event_bytes = 400\n"
        '[registry]\npath = "schemas"\nunregistered = "refuse"\n'
    )
    async with EventBus.from_config(file) as bus:
        assert bus.adapter.capabilities.max_event_bytes == 400
        with pytest.raises(ContractViolationError):
            await bus.publish(BROKEN)
        with pytest.raises(ContractNotFoundError):
            await bus.publish(UNKNOWN)


def test_an_environment_variable_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "eventroute.toml"
    file.write_text('backend = "memory"\n')
    monkeypatch.setenv("EVENTROUTE_BACKEND", "nowhere")
    with pytest.raises(BackendNotFoundError, match=r"'nowhere'.*memory"):
        EventBus.from_config(file)


def test_a_wrong_option_of_the_backend_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"memory\.capacty"):
        EventBus("memory", options={"capacty": 5})


class Disorderly(MemoryAdapter):
    """A backend that keeps no order and delays for ten seconds at most."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, ordered=False, max_release_delay=10)


def disorderly(options: Mapping[str, object], clock: Clock) -> Disorderly:
    return Disorderly(read_options(options), clock)


async def test_order_is_refused_where_the_backend_does_not_keep_it() -> None:
    router = Router("r")

    @router.subscribe(OrderPlaced, ordered_by="order_id", retry=Retry(longest=5))
    async def handle(order: OrderPlaced) -> None: ...

    bus = EventBus(disorderly)
    bus.include(router)
    with pytest.raises(UnsupportedError, match=r"'r\.handle': ordered, and this backend"):
        async with bus:
            pass


async def test_a_delay_beyond_the_backends_is_refused() -> None:
    router = Router("r")

    @router.subscribe(OrderPlaced, retry=Retry(longest=60))
    async def handle(order: OrderPlaced) -> None: ...

    bus = EventBus(disorderly)
    bus.include(router)
    with pytest.raises(UnsupportedError, match=r"may wait 60 s .* delays at most 10 s"):
        async with bus:
            pass
