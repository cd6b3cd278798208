"""Model → schema → model → schema is stable."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel

from eventroute import event
from eventroute.decimals import DecimalText
from eventroute.omittable import Omittable
from eventroute.registry import Contract, Inference, as_contract
from examples.shop import events as shop
from tests.registry.github import alone

from .kit import second_round


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    zip_code: Annotated[str, Field(alias="zipCode", pattern="^[0-9]{5}$")]


class Card(BaseModel):
    kind: Literal["card"]
    number: str


class Transfer(BaseModel):
    kind: Literal["transfer"]
    iban: str


class Tags(RootModel[dict[str, list[str]]]):
    pass


class Node(BaseModel):
    value: int
    children: list[Node] = []


@event("shop.rich", "Rich", version=3)
class Rich(BaseModel):
    """As much as a model may have."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    at: datetime
    day: date | None = None
    state: State
    priority: Literal[1, 2, 3] = 2
    count: Annotated[int, Field(ge=0, lt=100, description="How many.")]
    ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    price: Decimal
    rate: DecimalText
    rates: dict[str, DecimalText | None] = {}
    share: DecimalText = Decimal("0.5")
    bonus: Omittable[DecimalText] = None
    note: Omittable[Annotated[str, Field(max_length=200)]] = None
    address: Address
    former: Address | None = None
    payment: Annotated[Card | Transfer, Field(discriminator="kind")]
    value: int | str | list[bool]
    stock: dict[str, int] = {}
    tags: Tags
    tree: Node
    pairs: list[tuple[str, int]]
    unique: set[str] = set()
    anything: Any = None
    class_: Annotated[Omittable[bool], Field(alias="class")] = None


@pytest.mark.parametrize("declared", [shop.OrderReceived, shop.OrderPlaced, shop.OrderMoved, Rich])
def test_what_a_model_became_stays_as_it_is(declared: type[BaseModel]) -> None:
    once, twice = second_round([as_contract(declared)])
    assert once == twice


@pytest.mark.parametrize("declared", [shop.OrderReceived, shop.OrderPlaced, shop.OrderMoved])
def test_the_contracts_of_plain_models_come_back_at_once(declared: type[BaseModel]) -> None:
    (once,), _ = second_round([as_contract(declared)])
    assert without_titles(once.schema) == without_titles(as_contract(declared).schema)


def test_an_inferred_contract_comes_back_at_once() -> None:
    inference = Inference()
    for number in range(40):
        inference.add_detail(
            "shop",
            "Placed",
            {
                "state": ["open", "closed"][number % 2],
                "site": f"https://example.org/{number}",
                "at": "2026-01-31T08:00:00Z",
                "lines": [{"sku": "s", "price": 1.5}],
                "stock": {f"item-{number}00": number, f"item-{number}01": 0},
                "coupon": None if number % 2 else "x",
                **({"note": "y"} if number % 2 else {}),
            },
        )
    (contract,) = inference.contracts()
    (once,), _ = second_round([contract])
    found = without_titles(once.schema)

    assert found["properties"]["site"] == {"type": "string", "format": "uri"}
    assert found["properties"]["note"] == {"type": "string"}
    assert found["properties"]["state"] == contract.schema["properties"]["state"]  # type: ignore[index]
    assert sorted(found["required"]) == contract.schema["required"]


def without_titles(value: Any) -> Any:  # noqa: ANN401  any JSON
    """A schema without titles, names of definitions, and the order of what has none."""
    text = json.dumps(value)
    for name in value.get("$defs", ()):
        text = text.replace(f'"{name}"', '"D"').replace(f"#/$defs/{name}", "#/$defs/D")
    return _without_titles(json.loads(text))


def _without_titles(value: Any) -> Any:  # noqa: ANN401  any JSON
    if isinstance(value, list):
        return [_without_titles(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_titles(member)
        for name, member in value.items()
        if not (name == "title" and isinstance(member, str))
    }


def test_published_contracts_of_real_events_come_to_rest(shared: Path) -> None:
    text = (shared / "events/github_webhooks.schema.json").read_text("utf-8")
    schema = json.loads(text)
    names = ["issues$labeled", "release$published", "star$created", "ping$event", "push$event"]
    contracts = [Contract("github.com", name, 1, alone(schema, name)) for name in names]
    once, twice = second_round(contracts)
    assert once == twice
