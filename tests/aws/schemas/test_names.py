"""Names of schemas: AWS's own convention, and one for each topic and type."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventroute_aws.schemas.names import LONGEST, prefix_of, schema_name

NAMES = st.text(min_size=1, max_size=400) | st.text("ab@ -_.", min_size=1, max_size=6)


@given(NAMES, NAMES)
def test_every_name_is_one_that_aws_takes(topic: str, type_: str) -> None:
    assert re.fullmatch(rf"[A-Za-z0-9_.@-]{{1,{LONGEST}}}", schema_name(topic, type_))


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_event_types_never_share_a_name(a: str, b: str, c: str, d: str) -> None:
    assume((a, b) != (c, d))
    assert schema_name(a, b) != schema_name(c, d)


@given(NAMES, NAMES)
def test_a_name_begins_as_those_of_its_topic(topic: str, type_: str) -> None:
    prefix = prefix_of(topic)
    assert prefix is None or schema_name(topic, type_).startswith(prefix)


@pytest.mark.parametrize(
    ("topic", "type_", "name"),
    [
        ("shop.orders", "OrderPlaced", "shop.orders@OrderPlaced"),
        ("shop.orders", "order placed", "shop.orders@orderPlaced-"),
        ("a/b", "T", "aB@T-"),
    ],
)
def test_a_name_is_readable(topic: str, type_: str, name: str) -> None:
    assert re.fullmatch(
        re.escape(name) + ("[0-9a-f]{10}" * name.endswith("-")), schema_name(topic, type_)
    )


def test_a_type_that_ends_like_a_mark_gets_one() -> None:
    marked = schema_name("t", "a b")
    assert schema_name(*marked.split("@")) != marked
