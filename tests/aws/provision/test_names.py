"""Names are readable where they can be, within the limits, and never shared."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute_aws.provisioning.names import Names, Place

NAMES = Names("eventroute")


def test_a_dotted_name_stays_readable() -> None:
    assert NAMES.queue("billing.invoice", fifo=False) == "eventroute-billing-invoice"
    assert NAMES.dead("billing.invoice", fifo=True) == "eventroute-billing-invoice-dead.fifo"
    assert NAMES.topic("shop.orders", fifo=True) == "eventroute-shop-orders.fifo"


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b", "a-b"), ("a b", "a-b"), ("ä", "ö"), ("a.b", "a..b"), ("A", "a"), ("", "-")],
)
def test_names_that_would_be_the_same_are_told_apart(one: str, other: str) -> None:
    assert NAMES.topic(one, fifo=False) != NAMES.topic(other, fifo=False)


def test_a_rule_has_the_name_of_the_queue() -> None:
    assert NAMES.rule("billing.invoice") == "eventroute-billing-invoice"


def test_a_rule_whose_name_would_be_too_long_ends_with_a_hash() -> None:
    one, other = NAMES.rule("billing." + "a" * 60), NAMES.rule("billing." + "a" * 61)
    assert re.fullmatch(r"eventroute-billing-a+-[0-9a-f]{8}", one)
    assert one != other


def test_a_subscription_named_dead_is_not_anothers_dead_letter_queue() -> None:
    assert NAMES.queue("a.dead", fifo=False) != NAMES.dead("a", fifo=False)


def test_a_source_named_any_is_not_the_topic_for_every_source() -> None:
    assert NAMES.topic("any", fifo=False) != NAMES.any


def test_a_name_that_ends_like_a_hash_gets_one_of_its_own() -> None:
    hashed = NAMES.topic("a-b", fifo=False)
    alike = hashed.removeprefix("eventroute-").replace("-", ".")
    assert NAMES.topic(alike, fifo=False) != hashed


def test_without_a_prefix_names_begin_with_themselves() -> None:
    assert Names("").queue("a.b", fifo=False) == "a-b"


@given(st.text(max_size=400), st.sampled_from(["", "eventroute", "p" * 30]), st.booleans())
def test_every_name_is_within_the_limits(name: str, prefix: str, fifo: bool) -> None:
    names = Names(prefix)
    allowed = r"[A-Za-z0-9_-]+" + (r"\.fifo" if fifo else "")
    for queue in (names.queue(name, fifo=fifo), names.dead(name, fifo=fifo)):
        assert len(queue) <= 80
        assert re.fullmatch(allowed, queue)
    topic = names.topic(name, fifo=fifo)
    assert len(topic) <= 256
    assert re.fullmatch(allowed, topic)
    rule = names.rule(name)
    assert len(rule) <= 64
    assert re.fullmatch(r"[A-Za-z0-9_-]+", rule)


@given(st.lists(st.text("ab.-_", max_size=5), unique=True))
def test_different_names_stay_different(names: list[str]) -> None:
    everything = [NAMES.queue(one, fifo=False) for one in names]
    everything += [NAMES.dead(one, fifo=False) for one in names]
    assert len(set(everything)) == len(everything)


def test_an_arn_names_a_topic_as_well() -> None:
    place = Place("aws-cn", "cn-north-1", "123456789012")
    arn = "arn:aws:sns:eu-west-1:210987654321:theirs"
    assert place.topic("a") == "arn:aws-cn:sns:cn-north-1:123456789012:a"
    assert place.topic(arn) == arn


def test_a_rule_on_the_default_bus_does_not_name_it() -> None:
    place = Place("aws", "eu-west-1", "123456789012")
    assert place.bus("shop") == "arn:aws:events:eu-west-1:123456789012:event-bus/shop"
    assert place.rule("a", "shop") == "arn:aws:events:eu-west-1:123456789012:rule/shop/a"
    assert place.rule("a", "default") == "arn:aws:events:eu-west-1:123456789012:rule/a"


@pytest.mark.parametrize(
    "bus", ["default", "orders-dead", "dead", "a.b", "aws.partner/x/y", "b" * 99]
)
def test_what_waits_for_a_bus_has_a_queue_that_is_no_others(bus: str) -> None:
    names = Names("p" * 30)
    queue = names.delayed(bus)
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", queue)
    others = [names.delayed(), names.delayed_dead(), names.delayed("orders")]
    others += [names.delayed_dead("orders"), names.queue(f"delayed.{bus}", fifo=False)]
    assert not {queue, names.delayed_dead(bus)} & set(others)


def test_a_queue_of_what_waits_has_the_name_of_its_bus() -> None:
    assert Names("shop").delayed_dead("orders-eu") == "shop-delayed-orders-eu-dead"
