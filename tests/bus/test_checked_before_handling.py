"""What a handler without a payload model is given fits the contract that the event names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel

from eventroute import Event, EventBus, Middleware, Retry, Router, as_event, event
from eventroute.delivery.middleware import PublishNext
from eventroute.errors import ConfigurationError, ContractViolationError, EventRouteError
from eventroute.port import VERSION, Outgoing
from eventroute.registry import Contract, ContractPolicy, FileRegistry, MemoryRegistry
from eventroute.testing import TestBus


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced1(BaseModel):
    order_id: str


@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced(BaseModel):
    order_id: str
    total: float


BOTH = MemoryRegistry([OrderPlaced1, OrderPlaced])
ONE = Event("shop.orders", "OrderPlaced", {"order_id": "7"})
TWO = Event("shop.orders", "OrderPlaced", {"order_id": "7", "total": 9.5})
BROKEN = Event("shop.orders", "OrderPlaced", {"order_id": 4111, "total": "secret"})
OTHER = Event("shop.orders", "OrderEaten", {})


def handling(
    registry: MemoryRegistry | FileRegistry = BOTH,
    unregistered: Literal["allow", "refuse"] = "allow",
) -> ContractPolicy:
    """What the publisher did not check."""
    return ContractPolicy(registry, unregistered, check=["handle"])


def untyped() -> Router:
    router = Router("shop")

    @router.subscribe({"source": ["shop.orders"]}, retry=Retry(attempts=2))
    async def ship(event: Event) -> None: ...

    return router


async def test_an_event_that_breaks_its_contract_is_dead_lettered_at_once_without_its_values() -> (
    None
):
    async with TestBus(untyped(), contracts=handling()) as bus:
        await bus.publish(BROKEN, version=2)
        await bus.settled()
        (letter,) = await bus.dead_letters("ship")
    assert (letter.reason, letter.attempts) == ("contract-violated", 1)
    assert letter.error == (
        "the detail breaks the contract shop.orders/OrderPlaced/2 at /order_id, /total"
    )
    assert bus.handled("ship") == []


async def test_of_many_broken_places_twenty_are_told() -> None:
    registry = MemoryRegistry(
        [Contract("shop.orders", "Long", 1, {"additionalProperties": {"type": "string"}})]
    )
    async with TestBus(untyped(), contracts=handling(registry)) as bus:
        await bus.publish(Event("shop.orders", "Long", {f"n{n:02}": n for n in range(50)}))
        await bus.settled()
        (letter,) = await bus.dead_letters("ship")
    assert letter.error.endswith("/n18, /n19 and 30 more")


async def test_an_event_is_checked_by_the_version_that_it_names() -> None:
    async with TestBus(untyped(), contracts=handling()) as bus:
        await bus.publish(TWO, version=2)
        await bus.publish(ONE, version=1)
        await bus.publish(ONE)  # none is named: version 1
        await bus.publish(ONE, version=2)
        await bus.settled()
        assert bus.handled("ship") == [TWO, ONE, ONE]
        (letter,) = await bus.dead_letters("ship")
    assert letter.error.endswith("shop.orders/OrderPlaced/2 at /total")


async def test_what_a_publisher_checked_passes() -> None:
    async with TestBus(untyped(), contracts=ContractPolicy(BOTH)) as bus:
        sent = [await bus.publish(TWO), await bus.publish(ONE, version=1)]
        sent.append(await bus.publish(OrderPlaced(order_id="1", total=1)))
        await bus.settled()
        assert bus.handled("ship") == sent


async def test_a_handler_with_a_model_relies_on_the_model() -> None:
    router = Router("shop")

    @router.subscribe(OrderPlaced)
    async def ship(order: OrderPlaced) -> None: ...

    lenient = Event("shop.orders", "OrderPlaced", {"order_id": "7", "total": "9.5"})
    async with TestBus(router, contracts=handling()) as bus:
        await bus.publish(lenient, version=2)
        await bus.settled()
        assert bus.handled("ship") == [OrderPlaced(order_id="7", total=9.5)]


async def test_of_a_batch_the_broken_ones_are_judged_alone() -> None:
    router = Router("shop")

    @router.subscribe({"source": ["shop.orders"]})
    async def ship(events: list[Event]) -> None: ...

    async with TestBus(router, contracts=handling()) as bus:
        for one in (TWO, BROKEN, TWO):
            await bus.publish(one, version=2)
        await bus.settled()
        assert bus.handled("ship") == [TWO, TWO]
        (letter,) = await bus.dead_letters("ship")
    assert letter.reason == "contract-violated"


async def test_an_event_without_a_contract_is_handled_or_refused_by_configuration() -> None:
    for unregistered, handled in (("allow", [OTHER, TWO]), ("refuse", list[Event]())):
        policy = handling(unregistered="refuse" if unregistered == "refuse" else "allow")
        async with TestBus(untyped(), contracts=policy) as bus:
            await bus.publish(OTHER)
            await bus.publish(TWO, version=3)
            await bus.settled()
            assert bus.handled("ship") == handled
            letters = await bus.dead_letters("ship")
    assert [(one.reason, one.attempts) for one in letters] == [("contract-not-found", 1)] * 2
    assert "OrderPlaced has no version 3" in letters[1].error


async def test_a_contract_that_cannot_be_used_is_not_the_events_fault(tmp_path: Path) -> None:
    folder = tmp_path / "shop.orders" / "OrderPlaced"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text('{"type": "no such type"}')
    async with TestBus(untyped(), contracts=handling(FileRegistry(tmp_path))) as bus:
        await bus.publish(ONE)
        await bus.settled()
        (letter,) = await bus.dead_letters("ship")
    assert (letter.reason, letter.attempts) == ("attempts-exhausted", 2)
    assert "1.json is not a valid JSON Schema" in letter.error


async def test_a_registry_that_is_not_there_is_not_the_events_fault_either(tmp_path: Path) -> None:
    async with TestBus(untyped(), contracts=handling(FileRegistry(tmp_path / "typo"))) as bus:
        await bus.publish(ONE)
        await bus.settled()
        (letter,) = await bus.dead_letters("ship")
    assert (letter.reason, letter.attempts) == ("attempts-exhausted", 2)
    assert "does not exist; correct the path" in letter.error


async def test_an_event_is_checked_once_in_each_attempt() -> None:
    class Counting(MemoryRegistry):
        def validate(self, event: Event, version: int | None = None) -> None:
            counts[event.detail["order_id"]] += 1
            super().validate(event, version)

    counts: Counter[str] = Counter()
    router = Router("shop")

    @router.subscribe({"source": ["shop.orders"]}, retry=Retry(attempts=3))
    async def ship(event: Event) -> None:
        raise ConnectionError

    async with TestBus(router, contracts=handling(Counting([OrderPlaced1]))) as bus:
        await bus.publish(ONE)
        await bus.settled()
    assert counts == {"7": 3}


async def test_what_does_not_match_is_not_checked() -> None:
    router = Router("shop")

    @router.subscribe({"source": ["shop.orders"], "detail": {"order_id": [{"exists": False}]}})
    async def ship(event: Event) -> None: ...

    async with TestBus(router, contracts=handling()) as bus:
        await bus.publish(BROKEN)
        await bus.settled()
        assert await bus.dead_letters("ship") == []


async def test_checking_can_be_left_to_publishers() -> None:
    class Breaks(Middleware):
        async def publish(
            self, messages: Sequence[Outgoing], call_next: PublishNext
        ) -> Sequence[EventRouteError | None]:
            return await call_next([replace(one, event=BROKEN) for one in messages])

    bus = TestBus(untyped(), contracts=ContractPolicy(BOTH, check="publish"))
    bus.use(Breaks())
    async with bus:
        with pytest.raises(ContractViolationError):
            await bus.publish(BROKEN)
        await bus.publish(TWO)
        await bus.settled()
        assert bus.handled("ship") == [BROKEN]


async def test_the_file_says_when_events_are_checked(tmp_path: Path) -> None:
    FileRegistry(tmp_path / "schemas").register(OrderPlaced1)
    file = tmp_path / "eventroute.toml"
    file.write_text('[registry]\npath = "schemas"\ncheck = ["handle"]\n')
    bus = EventBus.from_config(file)
    bus.include(untyped())
    async with bus:
        await bus.publish(BROKEN)
        await bus.run(handle_signals=False, until_empty=True)
        (letter,) = await bus.dead_letters("ship")
    assert letter.reason == "contract-violated"


@pytest.mark.parametrize("value", ['"sometimes"', '["sometimes"]', "1", "{}"])
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, value: str) -> None:
    file = tmp_path / "eventroute.toml"
    file.write_text(f'[registry]\npath = "."\ncheck = {value}\n')
    with pytest.raises(ConfigurationError, match=r"eventroute\.toml: registry\.check"):
        EventBus.from_config(file)


@pytest.mark.parametrize("value", ["sometimes", '["sometimes"]', "[", "7"])
def test_a_variable_that_says_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("EVENTROUTE_REGISTRY__CHECK", value)
    with pytest.raises(ConfigurationError, match="EVENTROUTE_REGISTRY__CHECK"):
        EventBus.from_config()


@pytest.mark.parametrize("value", ["publish", '["publish"]'])
async def test_a_variable_says_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    FileRegistry(tmp_path).register(OrderPlaced1)
    monkeypatch.setenv("EVENTROUTE_REGISTRY__PATH", str(tmp_path))
    monkeypatch.setenv("EVENTROUTE_REGISTRY__CHECK", value)
    async with EventBus.from_config() as bus:
        with pytest.raises(ContractViolationError):
            await bus.publish(BROKEN)


# What a publisher names


async def versions_named(bus: TestBus) -> Sequence[str | None]:
    await bus.settled()
    return [one.delivery.headers.get(VERSION) for one in bus.outcomes("ship")]


async def test_an_untyped_event_names_the_latest_version_that_it_was_checked_against() -> None:
    async with TestBus(untyped(), contracts=ContractPolicy(BOTH)) as bus:
        await bus.publish(TWO)
        assert await versions_named(bus) == ["2"]
    only_one = ContractPolicy(MemoryRegistry([OrderPlaced1]))
    async with TestBus(untyped(), contracts=only_one) as bus:
        await bus.publish(ONE)
        assert await versions_named(bus) == [None]


async def test_a_publisher_may_name_an_older_version_and_is_checked_by_it() -> None:
    async with TestBus(untyped(), contracts=ContractPolicy(BOTH)) as bus:
        await bus.publish(ONE, version=1)
        with pytest.raises(ContractViolationError, match="OrderPlaced/2: at /total: is missing"):
            await bus.publish(ONE)
        assert await versions_named(bus) == [None]


async def test_an_event_made_of_a_payload_is_checked_by_the_version_of_its_model() -> None:
    async with TestBus(untyped(), contracts=ContractPolicy(BOTH)) as bus:
        await bus.publish(as_event(OrderPlaced1(order_id="7")))
        assert await versions_named(bus) == [None]
