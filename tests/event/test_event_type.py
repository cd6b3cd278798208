from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, field_serializer
from pydantic.dataclasses import dataclass as pydantic_dataclass

from eventroute import Event, as_event, event, event_type_of
from eventroute.errors import DeclarationError, EventError, JSONTextError, LimitExceededError


class Line(BaseModel):
    price: Decimal
    discount: Decimal | None = None


@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced(BaseModel):
    order_id: str
    placed_at: datetime = datetime(2026, 1, 2, tzinfo=UTC)
    lines: list[Line] = []
    weight: float | None = None
    notes: dict[str, Any] = {}


@event("shop.orders", "Renamed")
class Renamed(BaseModel):
    order_id: str = Field(alias="orderId")


def test_a_declared_model_names_its_topic_type_and_version() -> None:
    declared = event_type_of(OrderPlaced)
    assert (declared.topic, declared.name, declared.version) == ("shop.orders", "OrderPlaced", 2)


def test_a_payload_becomes_an_event_of_its_type() -> None:
    made = as_event(OrderPlaced(order_id="7"), id="e-1")
    assert (made.id, made.source, made.detail_type) == ("e-1", "shop.orders", "OrderPlaced")
    assert made.detail["order_id"] == "7"


def test_a_payload_reads_back_equal() -> None:
    order = OrderPlaced(order_id="7", lines=[Line(price=Decimal("12.50"))], weight=0.1)
    assert event_type_of(OrderPlaced).decode(as_event(order).detail_json) == order


def test_decimals_are_numbers_wherever_they_stand() -> None:
    order = OrderPlaced(
        order_id="7",
        lines=[Line(price=Decimal("12.50")), Line(price=Decimal(3), discount=Decimal("0.1"))],
        notes={"rate": Decimal("1.19")},
    )
    detail = as_event(order).detail
    assert detail["lines"] == [{"price": 12.5, "discount": None}, {"price": 3, "discount": 0.1}]
    assert detail["notes"] == {"rate": 1.19}


def test_aliases_are_the_names_on_the_wire() -> None:
    assert as_event(Renamed(orderId="7")).detail == {"orderId": "7"}


def test_a_decimal_with_too_many_digits_is_refused_with_its_place() -> None:
    order = OrderPlaced(order_id="7", lines=[Line(price=Decimal("0.1234567890123456789"))])
    with pytest.raises(EventError, match=r"at /detail/lines/0/price: .* round it"):
        as_event(order)


@pytest.mark.parametrize("weight", [float("nan"), float("-inf")])
def test_a_float_that_is_not_json_is_refused_with_its_place(weight: float) -> None:
    with pytest.raises(EventError, match=r"at /detail/weight: .* is not JSON"):
        as_event(OrderPlaced(order_id="7", weight=weight))


def test_a_number_that_pydantic_would_write_as_nan_is_refused_with_its_place() -> None:
    class Inner(BaseModel):
        model_config = ConfigDict(ser_json_inf_nan="constants")
        weight: float

    @event("shop.parcels", "Weighed")
    class Weighed(BaseModel):
        inner: Inner

    with pytest.raises(EventError, match=r"at /detail/inner/weight: .* is not JSON"):
        as_event(Weighed(inner=Inner(weight=float("nan"))))


def test_a_model_that_is_not_declared_is_refused_with_the_remedy() -> None:
    with pytest.raises(DeclarationError, match=r'decorate it with @event\("TOPIC", "Line"'):
        as_event(Line(price=Decimal(1)))


def test_a_subclass_is_a_type_of_its_own() -> None:
    class Express(OrderPlaced):
        pass

    with pytest.raises(DeclarationError, match="Express is not an event type"):
        as_event(Express(order_id="7"))


def test_a_class_that_is_no_model_cannot_be_declared() -> None:
    class Plain:
        pass

    with pytest.raises(DeclarationError, match="'Plain' is not a pydantic model"):
        event("shop", "Plain")(Plain)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("topic", "name", "version", "message"),
    [
        ("", "T", 1, "the topic must be a string of 1 to 256"),
        ("s", "", 1, "the name must be a string of 1 to 128"),
        ("s", "T" * 129, 1, "the name must be a string of 1 to 128"),
        ("s", "T", 0, "must be a whole number from 1 to 999,999,999, not 0"),
        ("s", "T", True, "must be a whole number from 1 to 999,999,999, not True"),
        ("s", "T", 202_601_021_530, "from 1 to 999,999,999, not 202601021530"),
    ],
)
def test_names_that_cannot_be_used_are_refused(
    topic: str, name: str, version: int, message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        event(topic, name, version=version)


def test_a_model_may_refer_to_one_that_is_declared_later() -> None:
    @event("shop", "Outer")
    class Outer(BaseModel):
        inner: Inner

    class Inner(BaseModel):
        price: Decimal

    Outer.model_rebuild(_types_namespace={"Inner": Inner})
    assert as_event(Outer(inner=Inner(price=Decimal("1.5")))).detail == {"inner": {"price": 1.5}}


def test_what_a_serializer_makes_of_a_decimal_is_kept() -> None:
    @event("shop", "Priced")
    class Priced(BaseModel):
        total: Decimal
        parts: deque[Decimal]

        @field_serializer("total", when_used="json")
        def in_words(self, value: Decimal) -> str:
            return f"EUR {value}"

    made = as_event(Priced(total=Decimal("12.5"), parts=deque([Decimal("1.5")])))
    assert made.detail == {"total": "EUR 12.5", "parts": [1.5]}


def test_a_pydantic_dataclass_cannot_be_declared() -> None:
    @pydantic_dataclass
    class Plain:
        order_id: str

    with pytest.raises(DeclarationError, match="'Plain' is not a pydantic model"):
        event("shop", "Plain")(Plain)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]


class Topic(StrEnum):
    ORDERS = "shop.orders"


def test_a_topic_that_is_a_member_of_an_enumeration_is_a_plain_text_in_events() -> None:
    @event(Topic.ORDERS, "Placed")
    class Placed(BaseModel):
        order_id: str

    made = as_event(Placed(order_id="7"))
    assert type(made.source) is str
    assert made.source == "shop.orders"


def test_what_a_models_own_writer_makes_must_be_json() -> None:
    @event("shop", "Placed")
    class Placed(BaseModel):
        def model_dump_json(self, **_options: object) -> str:
            return "{order"

    with pytest.raises(EventError, match="not JSON"):
        as_event(Placed())


def test_a_payload_that_is_no_object_is_refused() -> None:
    @event("shop", "Lines")
    class Lines(RootModel[list[int]]):
        pass

    with pytest.raises(EventError, match="must be a JSON object"):
        as_event(Lines([1]))


def test_a_payload_that_is_nested_too_deep_is_refused() -> None:
    @event("shop", "Tree")
    class Tree(BaseModel):
        below: Tree | None = None

    tree = Tree()
    for _ in range(200):
        tree = Tree(below=tree)
    with pytest.raises(JSONTextError, match="nested more than 128 levels deep"):
        as_event(tree)


def test_a_payload_larger_than_any_event_is_refused() -> None:
    @event("shop", "Long")
    class Long(BaseModel):
        text: str

    with pytest.raises(LimitExceededError, match="no event has more than 1,048,576"):
        as_event(Long(text="x" * 2**20))


def test_an_event_from_a_payload_reads_back_as_the_same() -> None:
    made = as_event(OrderPlaced(order_id="7", lines=[Line(price=Decimal("12.50"))]))
    again = Event.from_json(made.to_json())
    read = attrgetter("id", "source", "detail_type", "time", "resources", "detail_json", "document")
    assert read(made) == read(again)
