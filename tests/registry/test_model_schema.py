from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

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


def test_a_field_that_json_schema_cannot_describe_is_refused() -> None:
    @event("shop", "Called")
    class Called(BaseModel):
        back: Callable[[], None]

    with pytest.raises(DeclarationError, match="Called has no JSON Schema"):
        as_contract(Called)
