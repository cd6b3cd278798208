"""A member that may be left out, and is never null."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from eventroute import event
from eventroute.event_type import as_event, event_type_of
from eventroute.omittable import Omittable
from eventroute.registry import MemoryRegistry, as_contract


class Address(BaseModel):
    street: Omittable[str] = None


@event("shop.orders", "Placed")
class Placed(BaseModel):
    note: Omittable[str] = None
    count: Omittable[Annotated[int, Field(ge=1)]] = None
    either: Omittable[int | str] = None
    total: Omittable[Decimal] = None
    address: Omittable[Address] = None
    class_: Annotated[Omittable[str], Field(alias="class")] = None
    plain: str | None = None


def schema() -> Any:  # noqa: ANN401  any JSON
    return as_contract(Placed).schema["properties"]


def test_what_is_none_is_not_sent() -> None:
    assert as_event(Placed()).detail == {"plain": None}


def test_what_is_given_is_sent_also_inside_another_model() -> None:
    placed = Placed(note="x", total=Decimal("1.5"), address=Address(street="y"))
    assert as_event(placed).detail == {
        "note": "x",
        "total": 1.5,
        "address": {"street": "y"},
        "plain": None,
    }
    assert as_event(Placed(address=Address())).detail["address"] == {}


@pytest.mark.parametrize("text", [b"{}", b'{"note": null}'])
def test_what_is_missing_or_null_is_read_as_none(text: bytes) -> None:
    assert event_type_of(Placed).decode(text) == Placed()


def test_the_contract_has_no_null_and_no_default() -> None:
    assert schema()["note"] == {"title": "Note", "type": "string"}
    assert schema()["count"] == {"title": "Count", "type": "integer", "minimum": 1}
    assert schema()["either"]["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    assert schema()["address"] == {"$ref": "#/$defs/Address"}
    assert schema()["class"] == {"title": "Class", "type": "string"}


def test_a_plain_optional_keeps_both() -> None:
    assert schema()["plain"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "default": None,
        "title": "Plain",
    }


def test_what_is_sent_fits_the_contract() -> None:
    registry = MemoryRegistry([Placed])
    registry.validate(as_event(Placed()))
    given = {"count": 2, "either": "x", "class": "y"}
    registry.validate(as_event(Placed.model_validate(given)))


def test_its_constraints_are_checked() -> None:
    with pytest.raises(ValidationError):
        Placed(count=0)
