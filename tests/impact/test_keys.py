"""What a changed contract does to ordering keys, idempotency keys and inputs of routes."""

from __future__ import annotations

import pytest

from eventroute import Event, Router
from eventroute.idempotency import Idempotency
from eventroute.impact import Severity
from eventroute.targets import InputTransformer, LambdaFunction

from .kit import NUMBER, TEXT, TOPIC, change, fields, only, ruled

ORDERED = fields("order_id", order_id=TEXT, total=NUMBER)


def test_an_ordering_key_that_is_gone_breaks_the_order() -> None:
    effect = only(change(ORDERED, fields(total=NUMBER), ruled(ordered_by="order_id")))
    assert (effect.kind, effect.severity) == ("order-lost", Severity.BREAKS)
    assert effect.reason == (
        "ordered_by='order_id': the contract declares no \"detail.order_id\" any more; events "
        "without it share one key, and are handled one after the other"
    )
    assert effect.schema_pointer == "/properties/order_id"


def test_an_ordering_key_that_may_be_missing_is_warned_of() -> None:
    new = fields(order_id=TEXT, total=NUMBER)
    effect = only(change(ORDERED, new, ruled(ordered_by="order_id")))
    assert (effect.kind, effect.severity) == ("order-lost", Severity.WARNS)


def test_an_ordering_key_that_lies_in_an_array_now_is_gone() -> None:
    old = fields("order", order=fields("id", id=TEXT))
    new = fields("order", order={"type": "array", "items": fields("id", id=TEXT)})
    effect = only(change(old, new, ruled(ordered_by="order.id")))
    assert effect.severity is Severity.BREAKS


def test_an_ordering_key_that_stays_is_not_told() -> None:
    new = fields("order_id", order_id=NUMBER, note=TEXT)
    assert change(ORDERED, new, ruled(ordered_by="order_id")).unaffected == ("billing.one",)


def test_a_key_that_was_never_declared_is_not_lost() -> None:
    rule = ruled(ordered_by="customer")
    assert change(ORDERED, fields("order_id", order_id=TEXT), rule).effects == ()


def test_an_idempotency_key_that_is_gone_breaks_what_it_promises() -> None:
    rule = ruled(idempotent=Idempotency("order_id"))
    effect = only(change(ORDERED, fields(total=NUMBER), rule))
    assert (effect.kind, effect.severity) == ("key-lost", Severity.BREAKS)
    assert effect.reason.endswith("events without it are told apart by their ids alone")


def test_an_idempotency_key_that_may_be_null_is_warned_of() -> None:
    new = fields("order_id", order_id={"type": ["string", "null"]}, total=NUMBER)
    effect = only(change(ORDERED, new, ruled(idempotent=Idempotency("order_id"))))
    assert (effect.kind, effect.severity) == ("key-lost", Severity.WARNS)


def by_function(event: Event) -> str:
    return str(event.detail["order_id"])


@pytest.mark.parametrize("key", [None, by_function])
def test_a_key_that_is_no_path_is_not_looked_at(key: None) -> None:
    rule = ruled(idempotent=Idempotency(key))
    assert change(ORDERED, fields(total=NUMBER), rule).effects == ()


def routed(transformer: InputTransformer | None = None, **detail: object) -> Router:
    router = Router("billing")
    router.route(
        {"source": [TOPIC], "detail": detail} if detail else {"source": [TOPIC]},
        to=LambdaFunction("arn:aws:lambda:us-east-1:123456789012:function:invoice"),
        input=transformer,
    )
    return router


def test_the_rule_of_a_route_breaks_as_any_other() -> None:
    effect = only(change(fields(country=TEXT), fields(total=TEXT), routed(country=["KR"])))
    assert (effect.subscription, effect.kind) == ("billing.invoice", "field-gone")


def test_a_route_that_is_not_affected_is_listed() -> None:
    found = change(fields(country=TEXT), fields(total=TEXT), routed())
    assert found.unaffected == ("billing.invoice",)


def test_a_route_of_other_events_is_unconcerned() -> None:
    router = Router("billing")
    function = LambdaFunction("arn:aws:lambda:us-east-1:123456789012:function:invoice")
    router.route({"source": ["shop.tracking"]}, to=function)
    assert change(fields(country=TEXT), fields(), router).unconcerned == ("billing.invoice",)


def test_the_input_of_a_route_that_reads_a_field_that_is_gone_breaks() -> None:
    transformer = InputTransformer('{"order": <id>}', {"id": "$.detail.order_id"})
    effect = only(change(ORDERED, fields(total=NUMBER), routed(transformer)))
    assert (effect.kind, effect.severity) == ("input-lost", Severity.BREAKS)
    assert effect.reason == (
        "the input's id='$.detail.order_id': the contract declares no \"detail.order_id\" any "
        "more; the target is given nothing for it"
    )


def test_inputs_from_the_envelope_stay() -> None:
    transformer = InputTransformer('{"order": <id>}', {"id": "$.id"})
    assert change(ORDERED, fields(), routed(transformer)).unaffected == ("billing.invoice",)
