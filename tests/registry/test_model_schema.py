from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, PlainSerializer, computed_field

from eventroute.errors import DeclarationError
from eventroute.event_type import as_event, event
from eventroute.registry import MemoryRegistry, as_contract


@event("shop", "Priced")
class Priced(BaseModel):
    total: Annotated[Decimal, Field(ge=0, le=Decimal("99.5"))]
    currency: str = Field(default="KRW", serialization_alias="Currency")
    parts: dict[str, Decimal] = {}


def schema() -> dict[str, Any]:
    return dict(as_contract(Priced).schema)


def test_a_decimal_is_a_number_with_its_bounds() -> None:
    total = schema()["properties"]["total"]

    assert (total["type"], total["minimum"], total["maximum"]) == ("number", 0, 99.5)


def test_members_have_the_names_that_are_sent() -> None:
    assert set(schema()["properties"]) == {"total", "Currency", "parts"}


def test_a_member_with_a_default_is_not_required() -> None:
    assert schema()["required"] == ["total"]


def test_the_dialect_is_named() -> None:
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_what_a_model_sends_fits_its_contract() -> None:
    payload = Priced(total=Decimal("9.95"), parts={"vat": Decimal("1.5")})

    MemoryRegistry([Priced]).validate(as_event(payload))


class Colour(Enum):
    RED = "red"


class Line(BaseModel):
    model_config = ConfigDict(extra="allow")
    sku: str
    next: Line | None = None


@event("shop", "Everything")
class Everything(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)

    id: UUID = UUID(int=7)
    at: datetime = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    on: date = date(2026, 1, 2)
    took: timedelta = timedelta(seconds=90.5)
    colour: Colour = Colour.RED
    kind: Literal["a", 1] = 1
    either: int | str | None = None
    ratio: float = 1e-7
    large: int = 2**60
    tags: set[str] = {"x"}
    pair: tuple[int, str] = (1, "a")
    names: dict[str, list[Decimal]] = {"a": [Decimal("1.50")]}
    lines: list[Line] = [Line.model_validate({"sku": "s", "next": {"sku": "t"}, "more": [1]})]
    raw: bytes = b"abc"
    link: AnyUrl = AnyUrl("https://example.org/a")
    renamed: str = Field(default="x", alias="Re-named")
    shouted: Annotated[str, PlainSerializer(str.upper, return_type=str)] = "a"
    anything: Any = {"deep": [None, True, 1.5]}
    short: Annotated[str, Field(max_length=3, pattern="^a")] = "abc"

    @computed_field
    def size(self) -> int:
        return len(self.lines)


def test_what_pydantic_checked_fits_the_contract_of_its_model() -> None:
    MemoryRegistry([Everything]).validate(as_event(Everything()))


def test_a_field_that_json_schema_cannot_describe_is_refused() -> None:
    @event("shop", "Called")
    class Called(BaseModel):
        back: Callable[[], None]

    with pytest.raises(DeclarationError, match="Called has no JSON Schema"):
        as_contract(Called)
