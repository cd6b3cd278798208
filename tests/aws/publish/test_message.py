"""What SNS is given for an event: pure rules."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.envelope import Event
from eventroute.errors import ConfigurationError
from eventroute.pattern import Pattern
from eventroute.port import NO_HEADERS
from eventroute.topology import Subscription
from eventroute_aws.layout import Topic
from eventroute_aws.message_attributes import read_headers, write_headers
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.message import Composer, Message, group_of

ARN = "arn:aws:sns:us-east-1:000000000000:t"
PLAIN, FIFO = Topic("s", ARN), Topic("s", ARN + ".fifo", ordered_by="order.customer")


def composed(event: Event, topic: Topic = PLAIN, **options: object) -> Message:
    return Composer(SnsOptions.model_validate(options)).message(event, NO_HEADERS, topic)


def keyed(key: object) -> Event:
    return Event("s", "t", {"order": {"customer": key}})


@given(st.dictionaries(st.text("abc-._", min_size=1), st.text(st.characters(codec="ascii"))))
def test_headers_are_read_as_they_were_written(headers: dict[str, str]) -> None:
    written = write_headers(headers)
    assert read_headers(written) == headers
    assert written.isascii()
    assert written.isprintable()


@pytest.mark.parametrize("text", [None, "", "{", "[]", "3", '"x"', "[" * 100_000])
def test_what_others_wrote_where_headers_belong_is_none(text: str | None) -> None:
    assert read_headers(text) == {}


def test_a_header_of_others_that_is_no_text_is_left_out() -> None:
    assert read_headers('{"a": 1, "b": "x"}') == {"b": "x"}


@given(st.text(max_size=300), st.dictionaries(st.text(max_size=5), st.text(), max_size=3))
def test_the_size_is_that_of_body_and_attributes_in_utf8(
    text: str, headers: dict[str, str]
) -> None:
    event = Event("söurce", text or "t", {"member": text, "more": "\uffff"})
    options = SnsOptions(attributes={"detail.member": "member"})
    message = Composer(options).message(event, headers, PLAIN)
    counted = len(message.body.encode())
    for name, value in message.attributes.items():
        counted += len(f"{name}{value['DataType']}{value.get('StringValue')}".encode())
    assert message.size == counted


@given(st.text())
def test_the_body_is_the_event_and_only_what_sqs_accepts(text: str) -> None:
    event = Event("s", "t", {"text": text})
    message = composed(event)
    assert json.loads(message.body) == json.loads(event.to_json())
    assert not any(ord(one) in {0xFFFE, 0xFFFF} or ord(one) < 0x20 for one in message.body)


def test_a_name_that_is_no_attribute_text_is_sent_as_a_list() -> None:
    message = composed(Event("s", "line\x01", {}))
    assert message.attributes["detail-type"] == {
        "DataType": "String.Array",
        "StringValue": '["line\\u0001"]',
    }


def test_an_attribute_that_the_event_has_not_is_not_sent() -> None:
    assert set(composed(Event("s", "t", {}), attributes={"detail.n": "n"}).attributes) == {
        "source",
        "detail-type",
    }


def test_a_standard_topic_has_neither_group_nor_deduplication() -> None:
    message = composed(Event("s", "t", {}))
    assert (message.key, message.deduplication_id) == (None, None)


@pytest.mark.parametrize(
    ("key", "group"),
    [
        ("c-1", "c-1"),
        ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}z", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}z"),
        ("x" * 128, "x" * 128),
        (17, "17"),
        ("", "~none"),
    ],
)
def test_the_message_group_is_the_ordering_key(key: object, group: str) -> None:
    assert composed(keyed(key), FIFO).key == group


@pytest.mark.parametrize("key", ["x" * 129, "a b", "é", "~none", "~", "line\n"])
def test_a_key_that_sqs_refuses_or_that_could_be_taken_for_another_is_hashed(key: str) -> None:
    group = group_of(keyed(key), "order.customer")
    assert group.startswith("~")
    assert len(group) == 65
    assert group != group_of(keyed(key + "x"), "order.customer")


@pytest.mark.parametrize("detail", [{}, {"order": {}}, {"order": 3}, {"order": []}])
def test_events_without_the_member_share_a_group(detail: dict[str, object]) -> None:
    assert group_of(Event("s", "t", detail), "order.customer") == "~none"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
        lambda inner: st.dictionaries(st.sampled_from(["a", "b"]), inner),
    )
)
def test_events_of_one_ordering_key_share_a_group_and_others_do_not(value: object) -> None:
    subscription = Subscription("name", Pattern({"source": ["s"]}), ordered_by="a.b")
    events = [Event("s", "t", {"a": one}) for one in (value, {"b": value}, {"b": "x"}, {})]
    for one in events:
        for other in events:
            same = subscription.ordering_key(one) == subscription.ordering_key(other)
            assert (group_of(one, "a.b") == group_of(other, "a.b")) is same


@pytest.mark.parametrize(
    ("name", "fits"), [("1", True), ("x" * 128, True), ("x" * 129, False), ("é", False)]
)
def test_the_deduplication_id_is_the_event_id_where_it_fits(name: str, fits: bool) -> None:
    message = composed(Event("s", "t", {}, id=name), FIFO)
    assert (message.deduplication_id == name) is fits
    assert message.deduplication_id is not None
    assert len(message.deduplication_id) <= 128


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"attributes": {f"detail.{n}": f"n{n}" for n in range(8)}}, "10 attributes at most"),
        ({"attributes": {"detail.a": "source"}}, "two paths are sent as the attribute 'source'"),
        ({"attributes": {"detail.a": "AWS.a"}}, "cannot name a message attribute"),
        ({"attributes": {"detail.a": "eventroute-headers"}}, "eventroute's own"),
    ],
)
def test_attributes_that_cannot_be_sent_are_refused_before_anything_is(
    options: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as raised:
        Composer(SnsOptions.model_validate(options))
    assert str(raised.value).startswith("sns.attributes: ")


def test_with_the_claim_check_one_attribute_fewer_is_left() -> None:
    attributes = {f"detail.{n}": f"n{n}" for n in range(7)}
    Composer(SnsOptions(attributes=attributes))
    with pytest.raises(ConfigurationError, match="eventroute-claim are 11"):
        Composer(
            SnsOptions.model_validate({"attributes": attributes, "claim_check": {"bucket": "abc"}})
        )
