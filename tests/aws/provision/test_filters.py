"""A filter policy lets through what publishers with other options send of an event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute import Event
from eventroute.pattern import Pattern
from eventroute.pattern.narrow import (
    SNS_MESSAGE_ATTRIBUTES,
    FilterPolicy,
    attributes_of,
    sns_matches,
)
from eventroute.port import Outgoing
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.filters import filter_of
from tests.pattern.narrow import test_laws as laws

from .account import LARGE, ORDERS, Account, topology
from .roles import adapter_of

COUNTRY = {"attributes": {"detail.country": "country"}}
CLAIMS = {"claim_check": {"bucket": "payloads"}}
KOREAN = ORDERS | {"detail": {"country": ["KR"], "total": [{"numeric": [">", 5]}]}}


def found(pattern: Mapping[str, Any], **options: object) -> FilterPolicy | None:
    return filter_of(Pattern(pattern), SnsOptions.model_validate(options))


@pytest.mark.parametrize("options", [{}, CLAIMS])
def test_an_envelope_whose_detail_is_in_s3_passes(options: dict[str, object]) -> None:
    one = found(KOREAN, **options)
    assert one is not None
    assert one.scope == "MessageBody"
    claim = {"detail": {}, "eventroute-claim": "s3://payloads/1"}
    assert sns_matches(one.policy, {"source": "shop.orders", **claim}, one.scope)
    assert not sns_matches(one.policy, {"source": "shop.stock", **claim}, one.scope)
    whole = {"source": "shop.orders", "detail": {"country": "KR", "total": 7}}
    assert sns_matches(one.policy, whole, one.scope)
    assert not sns_matches(one.policy, whole | {"detail": {}}, one.scope)


def test_of_a_pattern_of_the_detail_alone_every_such_envelope_passes() -> None:
    one = found({"detail": {"vip": [True]}})
    assert one is not None
    claim: dict[str, Any] = {"source": "shop.stock", "detail": {}, "eventroute-claim": "s3://p/1"}
    assert sns_matches(one.policy, claim, one.scope)
    del claim["eventroute-claim"]
    assert not sns_matches(one.policy, claim, one.scope)


def test_a_member_that_has_the_name_of_an_operator_is_left_to_the_worker() -> None:
    one = found(ORDERS | {"detail-type": ["T"], "detail": {"prefix": ["x"]}})
    assert one is not None
    claim = {"detail": {}, "eventroute-claim": "s3://payloads/1"}
    assert sns_matches(
        one.policy, {**claim, "source": "shop.orders", "detail-type": "T"}, one.scope
    )
    assert not sns_matches(one.policy, {**claim, "source": "shop.orders"}, one.scope)


def test_members_that_cannot_stand_beside_each_other_let_more_through() -> None:
    one = found({"detail": {"a": ["x"]}, "detail.a.b": ["y"]})
    assert one is not None
    assert sns_matches(one.policy, {"detail": {"a": "x"}}, one.scope)


def test_a_pattern_of_the_envelope_alone_is_a_policy_as_it_is() -> None:
    typed = ORDERS | {"detail-type": ["T"]}
    one = found(typed)
    assert one is not None
    assert json.loads(one.policy) == typed


def test_a_message_without_an_attribute_of_the_options_passes() -> None:
    attributes = {"detail.country": "country", "detail.vip": "vip"}
    nested = {"detail": {"country": ["KR"]}, "$or": [{"detail.vip": [True]}, ORDERS]}
    one = found(nested, attributes=attributes, **CLAIMS)
    assert one is not None
    assert one.scope == "MessageAttributes"
    source = {"source": {"DataType": "String", "StringValue": "shop.orders"}}
    assert sns_matches(one.policy, source, one.scope)
    german = {"country": {"DataType": "String", "StringValue": "DE"}}
    assert not sns_matches(one.policy, source | german, one.scope)


def test_an_attribute_that_must_only_be_there_is_left_to_the_worker() -> None:
    coupon = {"attributes": {"detail.coupon": "coupon"}, **CLAIMS}
    one = found(ORDERS | {"detail": {"coupon": [{"exists": True}]}}, **coupon)
    assert one is not None
    assert (one.scope, json.loads(one.policy)) == ("MessageAttributes", ORDERS)


async def test_a_large_event_reaches_a_subscriber_who_knows_of_no_claim_check(
    aws: Account,
) -> None:
    bucket = f"payloads-{aws.id}"
    await (await aws.clients.s3()).create_bucket(Bucket=bucket)
    await (await aws.provisioner()).open(topology(a=LARGE))
    async with AsyncExitStack() as stack:
        adapter = await adapter_of(aws, topology(), stack, claim_check={"bucket": bucket})
        detail = {"total": 5000, "text": "x" * 300_000}
        events = [
            Event("shop.orders", "T", detail, id="large"),
            Event("shop.orders", "T", {"total": 5}, id="small"),
        ]
        outcomes = await adapter.publish([Outgoing(one) for one in events], timeout=20)
        assert outcomes == [None, None]
        assert await aws.bodies("eventroute-a") == ["large"]


async def test_an_event_without_the_attributes_of_a_subscriber_reaches_him(aws: Account) -> None:
    pattern = ORDERS | {"detail": {"country": ["KR"]}}
    await (await aws.provisioner(**COUNTRY, **CLAIMS)).open(topology(a=pattern))
    scope, _ = await aws.filter("eventroute-shop-orders", "eventroute-a")
    assert scope == "MessageAttributes"
    await aws.publish("eventroute-shop-orders", Event("shop.orders", "T", {}, id="e1"))
    assert await aws.bodies("eventroute-a") == ["e1"]


@given(laws.patterns, st.data())
@settings(max_examples=60)
def test_no_event_that_matches_is_kept_away_nor_the_envelope_of_one(
    written: dict[str, Any], data: st.DataObject
) -> None:
    pattern = Pattern(written)
    event = data.draw(laws.made_for(pattern) | laws.events)
    one = found(written)
    if one is None or not pattern.matches(event):
        return
    if one.scope == "MessageAttributes":
        attributes = attributes_of(event, SNS_MESSAGE_ATTRIBUTES)
        assert sns_matches(one.policy, attributes, one.scope)
        return
    assert sns_matches(one.policy, event, one.scope)
    envelope = {**event, "detail": {}, "eventroute-claim": "s3://payloads/1"}
    assert sns_matches(one.policy, envelope, one.scope)
