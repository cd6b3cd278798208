from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterator
from dataclasses import FrozenInstanceError, replace
from typing import Annotated, Any, Self

import pytest
from pydantic import BaseModel

from eventroute import Delivery, Event, EventBus, Publisher, as_event, event
from eventroute.delivery import Handler
from eventroute.errors import DeclarationError


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str


@event("shop", "Cancelled")
class Cancelled(BaseModel):
    order_id: str


class Anything(BaseModel):
    pass


ORDER = Placed(order_id="7")
EVENT = as_event(ORDER)
DELIVERY = Delivery("shop.x", EVENT.to_json(), 1, 0.0, 1)


BUS: Publisher = EventBus()


def given_to(handler: Handler) -> tuple[list[object], dict[str, object]]:
    subject = EVENT if handler.payload is None else handler.validate(EVENT.detail_json)
    positional, keywords, _ = handler.arguments(DELIVERY, subject, BUS)
    return positional, keywords


def test_parameters_are_filled_by_annotation_in_any_order_and_under_any_name() -> None:
    async def handle(a: Delivery, b: Placed, c: Event, d: Publisher) -> None: ...

    assert given_to(Handler.of(handle, Placed)) == ([DELIVERY, ORDER, EVENT, BUS], {})


def test_a_handler_may_take_nothing() -> None:
    def handle() -> None: ...

    assert given_to(Handler.of(handle, Placed)) == ([], {})


def test_keyword_only_parameters_are_filled_by_name() -> None:
    def handle(order: Placed, *, attempt: Delivery) -> None: ...

    assert given_to(Handler.of(handle, Placed)) == ([ORDER], {"attempt": DELIVERY})


def test_parameters_with_defaults_keep_them() -> None:
    def handle(order: Placed, limit: int = 3, *, dry: bool = False) -> None: ...

    assert given_to(Handler.of(handle, Placed)) == ([ORDER], {})


def test_an_optional_or_annotated_payload_is_filled_all_the_same() -> None:
    def optional(order: Placed | None = None) -> None: ...

    def annotated(order: Annotated[Placed, "a note"]) -> None: ...

    for handle in (optional, annotated):
        assert given_to(Handler.of(handle, Placed)) == ([ORDER], {})


def test_a_parameter_may_ask_for_the_bus_itself() -> None:
    async def handle(bus: EventBus) -> None: ...

    assert given_to(Handler.of(handle, Placed)) == ([BUS], {})


def test_a_parameter_may_ask_for_a_base_class_of_the_event_type() -> None:
    class Express(Placed):
        pass

    def handle(order: Placed) -> None: ...

    assert Handler.of(handle, Express).payload is Placed


def test_a_pattern_subscription_may_read_any_model() -> None:
    def handle(payload: Anything) -> None: ...

    assert given_to(Handler.of(handle, None)) == ([Anything()], {})


def test_methods_and_partials_are_handlers() -> None:
    class Service:
        def handle(self, order: Placed) -> None: ...

    def two(order: Placed, limit: int) -> None: ...

    assert given_to(Handler.of(Service().handle, Placed)) == ([ORDER], {})
    assert given_to(Handler.of(functools.partial(two, limit=3), Placed)) == ([ORDER], {})


def test_objects_that_can_be_called_are_handlers() -> None:
    class Service:
        async def __call__(self, order: Placed) -> None: ...

    handler = Handler.of(Service(), Placed)
    assert handler.is_async
    assert given_to(handler) == ([ORDER], {})


def test_decorated_functions_keep_their_annotations() -> None:
    def handle(order: Placed) -> None: ...

    @functools.wraps(handle)
    def wrapper(*args: object) -> None: ...

    assert given_to(Handler.of(wrapper, Placed)) == ([ORDER], {})


def test_an_unknown_annotation_is_refused_with_the_choices() -> None:
    def handle(order: Placed, limit: int) -> None: ...

    with pytest.raises(DeclarationError) as caught:
        Handler.of(handle, Placed)
    assert "the parameter 'limit' asks for int" in str(caught.value)
    assert "annotate it with Placed, Event, Delivery or Publisher" in str(caught.value)


def test_a_missing_annotation_is_refused() -> None:
    def handle(order) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001

    with pytest.raises(DeclarationError, match="the parameter 'order' has no annotation"):
        Handler.of(handle, Placed)


def test_a_contradicting_payload_is_refused() -> None:
    def handle(order: Cancelled) -> None: ...

    with pytest.raises(
        DeclarationError, match="asks for Cancelled, but the subscription is to Placed"
    ):
        Handler.of(handle, Placed)


def test_two_payloads_are_refused() -> None:
    def handle(one: Placed, two: Placed) -> None: ...

    with pytest.raises(DeclarationError, match="'two' repeats one before it"):
        Handler.of(handle, Placed)


def test_an_annotation_that_cannot_be_resolved_is_named() -> None:
    def handle(order: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore

    with pytest.raises(DeclarationError, match="the annotation 'Nowhere' cannot be resolved"):
        Handler.of(handle, Placed)


def test_generators_are_refused() -> None:
    def plain(order: Placed) -> Iterator[None]:
        yield

    async def asynchronous(order: Placed) -> AsyncIterator[None]:
        yield

    for handle in (plain, asynchronous):
        with pytest.raises(DeclarationError, match="is a generator"):
            Handler.of(handle, Placed)


def test_a_model_that_reads_json_in_its_own_way_is_asked_to() -> None:
    class Loud(Placed):
        @classmethod
        def model_validate_json(cls, *given: Any, **options: Any) -> Self:  # noqa: ANN401  pydantic's
            return cls(order_id=super().model_validate_json(*given, **options).order_id + "!")

    def handle(order: Loud) -> None: ...

    assert given_to(Handler.of(handle, Loud)) == ([Loud(order_id="7!")], {})


def test_a_model_whose_base_reads_json_in_its_own_way_is_asked_to() -> None:
    class Loud(BaseModel):
        order_id: str

        @classmethod
        def model_validate_json(cls, *given: Any, **options: Any) -> Self:  # noqa: ANN401  pydantic's
            return cls(order_id=super().model_validate_json(*given, **options).order_id + "!")

    class Order(Loud):
        pass

    def handle(order: Order) -> None: ...

    assert given_to(Handler.of(handle, Order)) == ([Order(order_id="7!")], {})


def test_a_delivery_cannot_be_changed_and_another_one_can_be_made_of_it() -> None:
    with pytest.raises(FrozenInstanceError):
        DELIVERY.attempt = 2  # type: ignore[misc]  # what is tested
    again = replace(DELIVERY, attempt=2, headers={"trace": "1"})
    assert (again.attempt, again.headers, again.event) == (2, {"trace": "1"}, EVENT)
    assert again != DELIVERY
    assert replace(again, attempt=1, headers={}) == DELIVERY


@pytest.mark.parametrize("kind", [Publisher, EventBus])
def test_a_plain_function_cannot_publish(kind: type[Publisher]) -> None:
    def invoice(order: Placed, bus: kind) -> None: ...  # type: ignore[valid-type]  # pyright: ignore

    with pytest.raises(DeclarationError, match=r"invoice takes a .*; declare .* 'async def'"):
        Handler.of(invoice, Placed, {"kind": kind})
