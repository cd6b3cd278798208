"""What is said of an application, before it is written in any format."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute import Event, EventBus, Router
from eventroute.documents import Described, describe
from eventroute.documents.catalogue_page.fields import fields_of
from eventroute.documents.reach import named_types, reach_of
from eventroute.documents.wording import alternatives
from eventroute.errors import ContractError
from eventroute.pattern import Pattern
from eventroute.registry import Contract

from .conftest import FIRST_ORDER, OrderPlaced, ParcelMoved, add_route, ignore


def test_types_are_those_declared_those_a_pattern_names_and_those_registered(
    described: Described,
) -> None:
    assert [one.key for one in described.types] == [
        ("aws.s3", "Object Created"),
        ("shop.orders", "OrderPlaced"),
        ("shop.payments", "Refunded"),
        ("shop.tracking", "ParcelMoved"),
    ]


def test_the_registry_adds_versions_to_those_of_the_models(described: Described) -> None:
    order = described.types[1]
    assert [(one.number, one.declared, one.registered) for one in order.versions] == [
        (1, False, True),
        (2, True, False),
    ]


def test_a_registered_schema_counts_more_than_that_of_the_model(bus: EventBus) -> None:
    registered = type(FIRST_ORDER)("shop.orders", "OrderPlaced", 2, {"type": "object"})
    order = next(one for one in describe(bus, [registered]).types if one.name == "OrderPlaced")
    assert order.versions[0].schema == {"type": "object"}
    assert order.versions[0].declared


def test_publishers_are_the_routers_that_say_so(described: Described) -> None:
    assert {one.name: one.publishes for one in described.publishers} == {
        "billing": (("shop.orders", "OrderPlaced", 2),),
        "tracking": (("shop.tracking", "ParcelMoved", 1),),
    }


def test_a_type_that_a_pattern_names_is_known_without_a_contract(described: Described) -> None:
    assert described.types[0].versions == ()
    assert [one.name for one in described.consumers_of(("aws.s3", "Object Created"))] == [
        "tracking.uploads"
    ]


def test_a_pattern_with_an_open_topic_receives_what_it_may_match(described: Described) -> None:
    everything = next(one for one in described.subscriptions if one.name == "tracking.everything")
    assert [name for _, name in everything.reach.types] == [
        "OrderPlaced",
        "Refunded",
        "ParcelMoved",
    ]
    assert everything.reach.any_topic


def test_a_type_whose_events_can_never_match_is_left_out() -> None:
    router = Router("billing")
    router.publishes(OrderPlaced, ParcelMoved)
    pattern = {"source": [{"prefix": "shop."}], "detail": {"total": [{"numeric": ["<", 0]}]}}
    router.subscribe(pattern, name="refunds")(ignore)
    bus = EventBus("memory")
    bus.include(router)
    (refunds,) = describe(bus).subscriptions
    assert ("shop.orders", "OrderPlaced") not in refunds.reach.types


def test_how_deliveries_are_made_is_told(described: Described) -> None:
    by_name = {one.name: one for one in described.subscriptions}
    invoice, review = by_name["billing.invoice"], by_name["billing.review"]
    assert (invoice.retry.attempts, invoice.idempotency) == (3, "the event's id")
    assert (review.ordered_by, review.idempotency) == ("order_id", None)
    assert invoice.reads == ("shop.orders", "OrderPlaced", 2)
    assert invoice.description == "Do nothing."


def test_routes_are_told_with_their_targets(described: Described) -> None:
    (route,) = described.routes
    assert (route.kind, route.reach.types) == (
        "lambda-function",
        (("shop.tracking", "ParcelMoved"),),
    )
    assert route.dead_letter_queue == "arn:aws:sqs:eu-west-1:111122223333:lost"


def test_only_what_is_published_received_or_routed_is_used(bus: EventBus) -> None:
    contract = type(FIRST_ORDER)("bank.accounts", "Opened", 1, {"type": "object"})
    described = describe(bus, [contract])
    assert ("bank.accounts", "Opened") in {one.key for one in described.types}
    assert ("bank.accounts", "Opened") not in {one.key for one in described.used_types}


def test_an_application_that_declares_nothing_can_be_described() -> None:
    described = describe(EventBus("memory"))
    assert (described.types, described.consumers, described.backend) == ((), (), "memory")


def test_the_order_of_declarations_does_not_count(bus: EventBus) -> None:
    turned = EventBus("memory")
    turned.include(*reversed(bus.routers))
    add_route(turned)
    assert describe(turned) == describe(bus)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ({"source": ["a"], "detail-type": ["b"]}, [()]),
        ({"detail": {"total": [{"numeric": [">=", 1000]}]}}, [("total ≥ 1000",)]),
        ({"detail": {"n": [{"numeric": [">", 0, "<=", 5]}]}}, [("n > 0 and ≤ 5",)]),
        ({"detail": {"country": ["KR", "JP"]}}, [('country is "KR" or "JP"',)]),
        ({"source": ["a", "b"]}, [('source is "a" or "b"',)]),
        ({"detail": {"a": {"b": [{"exists": False}]}}}, [("a.b is absent",)]),
        ({"detail": {"a": [{"exists": True}]}}, [("a is present",)]),
        ({"detail": {"a": [None, {"prefix": "x"}]}}, [('a is null or begins with "x"',)]),
        ({"detail": {"a": [{"anything-but": ["x", "y"]}]}}, [('a is not "x" or "y"',)]),
        ({"detail": {"a": [{"suffix": ".png"}]}}, [('a ends with ".png"',)]),
        ({"detail": {"a": [{"wildcard": "x*y"}]}}, [('a looks like "x*y"',)]),
        ({"detail": {"a": [{"cidr": "10.0.0.0/8"}]}}, [("a is in 10.0.0.0/8",)]),
        ({"detail": {"a": [{"equals-ignore-case": "x"}]}}, [('a is "x" in any case',)]),
        (
            {"detail": {"a": [{"anything-but": {"prefix": "x"}}]}},
            [('a passes {"anything-but": {"prefix": "x"}}',)],
        ),
        (
            {"$or": [{"detail": {"a": [1]}}, {"detail": {"b": [2]}}], "source": ["s"]},
            [("a is 1",), ("b is 2",)],
        ),
    ],
)
def test_a_pattern_is_put_into_words(pattern: dict[str, Any], said: list[tuple[str, ...]]) -> None:
    assert list(alternatives(Pattern(pattern))) == said


def test_only_types_that_are_named_letter_by_letter_are_named() -> None:
    pattern = Pattern({"source": ["a", "b"], "detail-type": ["x"], "detail": {"n": [1]}})
    assert named_types(pattern) == {("a", "x"), ("b", "x")}
    assert named_types(Pattern({"source": ["a"], "detail-type": [{"prefix": "x"}]})) == frozenset()
    assert named_types(Pattern({"source": ["a"]})) == frozenset()


def test_a_topic_without_a_type_is_open() -> None:
    reach = reach_of(Pattern({"source": ["aws.s3"]}), [])
    assert (reach.types, reach.open_topics, reach.any_topic) == ((), ("aws.s3",), False)


def test_a_handler_that_takes_events_reads_no_type() -> None:
    router = Router("all")

    @router.subscribe({"source": ["a"]})
    def handle(event: Event) -> None: ...

    bus = EventBus("memory")
    bus.include(router)
    assert describe(bus).subscriptions[0].reads is None


def test_a_contract_that_refers_to_another_is_shown_with_it() -> None:
    address = Contract("shop", "Address", 1, {"$defs": {"zip": {"type": "string"}}})
    order = Contract(
        "shop", "Order", 1, {"properties": {"zip": {"$ref": "/shop/Address/1#/$defs/zip"}}}
    )
    described = describe(EventBus("memory"), [address, order])
    (version,) = next(one.versions for one in described.types if one.name == "Order")
    assert [(one.path, one.type) for one in fields_of(version.schema)] == [("zip", "string")]


def test_a_contract_that_refers_to_none_that_is_there_is_refused() -> None:
    order = Contract("shop", "Order", 1, {"properties": {"a": {"$ref": "/shop/Gone/1"}}})
    with pytest.raises(ContractError, match="Gone"):
        describe(EventBus("memory"), [order])
