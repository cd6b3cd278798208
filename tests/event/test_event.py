from __future__ import annotations

import pickle
from copy import copy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute import Event
from eventroute.errors import EventError, JSONTextError, LimitExceededError

ENVELOPE = b'{"version":"0","id":"1","detail-type":"T","source":"s","detail":{"a":1}}'

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def test_what_was_read_is_written_byte_for_byte() -> None:
    text = (
        b'{ "id" : "1",\n"source":"s","detail-type":"T","x-unknown":[1.0, 1e3, 0.10],'
        b'"detail":{"big":12345678901234567890,"e":"\\u00e9"},"time":"2026-01-02T03:04:05Z"}'
    )
    assert Event.from_json(text).to_json() == text


def test_the_detail_is_written_as_it_was_sent() -> None:
    event = Event.from_json('{"id":"1","source":"s","detail-type":"T","detail":{ "n": 1.50 }}')
    assert event.detail_json == b'{ "n": 1.50 }'
    assert event.detail == {"n": 1.5}


def test_every_real_webhook_round_trips(shared: Path) -> None:
    lines = (shared / "events" / "github_webhooks.jsonl").read_bytes().splitlines()
    assert len(lines) == 329
    assert [Event.from_json(line).to_json() for line in lines] == lines


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_a_new_event_reads_back_as_it_was_made(detail: dict[str, object]) -> None:
    event = Event("shop", "Made", detail)
    again = Event.from_json(event.to_json())
    assert again == event
    assert again.detail == detail


def test_a_new_event_has_the_shape_of_eventbridge() -> None:
    event = Event(
        "shop.orders",
        "OrderPlaced",
        {"order_id": "7"},
        id="e-1",
        time=datetime(2026, 1, 2, 3, 4, 5, 999_000, tzinfo=UTC),
        resources=("arn:aws:s3:::bucket",),
    )
    assert event.to_json() == (
        b'{"version":"0","id":"e-1","detail-type":"OrderPlaced","source":"shop.orders",'
        b'"account":"","time":"2026-01-02T03:04:05Z","region":"",'
        b'"resources":["arn:aws:s3:::bucket"],"detail":{"order_id":"7"}}'
    )


def test_members_are_readable_as_attributes() -> None:
    event = Event.from_json(ENVELOPE)
    assert (event.id, event.source, event.detail_type) == ("1", "s", "T")
    assert (event.account, event.region, event.resources, event.time) == ("", "", (), None)


def test_two_new_events_have_different_ids() -> None:
    assert Event("s", "T", {}).id != Event("s", "T", {}).id


def test_a_new_event_has_a_random_uuid_of_version_4() -> None:
    for _ in range(100):
        name = UUID(Event("s", "T", {}).id)
        assert (name.version, name.variant) == (4, RFC_4122)


def test_a_decimal_is_written_as_a_number() -> None:
    assert Event("s", "T", {"total": Decimal("12.50")}).detail_json == b'{"total":12.50}'


def test_an_event_can_be_pickled() -> None:
    event = Event.from_json(ENVELOPE)
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301  our own bytes


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(EventError, match=r"/time: .* is no time with a time zone"):
        Event("s", "T", {}, time=datetime(2026, 1, 2))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_json_is_refused_with_its_place(value: float) -> None:
    with pytest.raises(EventError, match=r"at /detail/lines/1/price: (nan|inf) is not JSON"):
        Event("s", "T", {"lines": [{"price": 1.0}, {"price": value}]})


def test_a_detail_that_contains_itself_is_refused() -> None:
    detail: dict[str, Any] = {}
    detail["lines"] = [{"of": detail}]
    with pytest.raises(EventError, match=r"cannot be written as JSON: .*recursion"):
        Event("s", "T", detail)


def test_a_detail_that_json_cannot_carry_is_refused() -> None:
    with pytest.raises(EventError, match="cannot be written as JSON"):
        Event("s", "T", {"socket": object()})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"source":"s","detail-type":"T","detail":{}}', "missing required field `id`"),
        ('{"id":"1","detail-type":"T","detail":{}}', "missing required field `source`"),
        ('{"id":"1","source":"s","detail":{}}', "missing required field `detail-type`"),
        ('{"id":"1","source":"s","detail-type":"T"}', "missing required field `detail`"),
        ('{"id":"1","source":"s","detail-type":"T","detail":[]}', "/detail: must be a JSON object"),
        ('{"id":"","source":"s","detail-type":"T","detail":{}}', "/id: must not be empty"),
        ('{"id":"1","source":"","detail-type":"T","detail":{}}', "/source: must not be empty"),
        ('{"id":1,"source":"s","detail-type":"T","detail":{}}', "at /id: Expected `str`"),
        (
            '{"id":"1","source":"s","detail-type":"T","detail":{},"resources":["a",2]}',
            "at /resources/1: Expected `str`",
        ),
        ("[]", "Expected `object`"),
    ],
)
def test_json_of_another_shape_is_refused_with_the_member(text: str, message: str) -> None:
    with pytest.raises(EventError) as caught:
        Event.from_json(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "not JSON at line 1, column 1: it is empty"),
        (b" \n", "it is empty"),
        (b"\xef\xbb\xbf{}", "it begins with a byte order mark (BOM); save it as UTF-8 without"),
        (b"{", "not JSON"),
        (b'{"id":"\xff"}', "byte 7 (0xff) is not UTF-8"),
        (b'{"id":"1","id":"2"}', "the member 'id' stands twice"),
        (b'{"detail":{"x":NaN}}', "NaN is not JSON"),
        (b'{"detail":{"x":-Infinity}}', "-Infinity is not JSON"),
        (b'{"detail":{"x":1e999}}', "the number 1e999 does not fit a double"),
        (b'{"detail":{"x":' + b"9" * 400 + b"}}", "an integer has 400 digits"),
        (b'{"detail":{"x":"\\ud800"}}', "lone surrogate U+D800"),
        (b'{"detail":' + b"[" * 200 + b"]" * 200 + b"}", "nested more than 128 levels"),
        (b'{"detail":"' + b"x" * (10 << 20) + b'"}', "at most 1,048,576 are read"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_hostile_text_is_refused_with_its_place(text: bytes, message: str) -> None:
    with pytest.raises(JSONTextError) as caught:
        Event.from_json(text)
    assert message in str(caught.value)


def test_brackets_inside_strings_are_no_nesting() -> None:
    text = '{"id":"1","source":"s","detail-type":"T","detail":{"x":"%s"}}' % ("[{" * 500)
    assert Event.from_json(text).detail == {"x": "[{" * 500}


def test_128_levels_are_read() -> None:
    text = '{"id":"1","source":"s","detail-type":"T","detail":{"x":%s}}' % ("[" * 126 + "]" * 126)
    assert Event.from_json(text).detail_type == "T"


def test_a_string_without_end_is_refused_in_linear_time() -> None:
    with pytest.raises(JSONTextError, match="not JSON"):
        Event.from_json(b"[]" * 130 + b'"' + rb"\"" * 500_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"detail": {"n": Decimal("1E+400")}}, "/detail/n: the decimal 1E"),
        ({"detail": {"a": [{1: "x", "1": "y"}]}}, "/detail/a/0: the member name 1 is not a"),
        ({"resources": "arn:x"}, "/resources: takes a tuple"),
        ({"time": "2026-01-02"}, "/time: '2026-01-02' is no time"),
        ({"source": "\ud800"}, "cannot be written as JSON"),
        ({"detail_type": 7}, "/detail-type: Expected `str`"),
    ],
)
def test_a_new_event_of_wrong_parts_is_refused_with_the_part(
    arguments: dict[str, Any], message: str
) -> None:
    parts: dict[str, Any] = {"source": "s", "detail_type": "T", "detail": {}} | arguments
    with pytest.raises(EventError) as caught:
        Event(**parts)
    assert message in str(caught.value)


def test_an_event_larger_than_any_may_be_is_named_when_it_is_made() -> None:
    with pytest.raises(
        LimitExceededError, match=r"the event 7 \(shop, Placed\) has 1,1\d\d,\d{3} b"
    ):
        Event("shop", "Placed", {"x": "y" * 1_100_000}, id="7")


def test_the_version_of_its_contract_is_copied_with_an_event_and_is_no_part_of_it() -> None:
    plain, second = Event.from_json(ENVELOPE), Event.from_json(ENVELOPE)
    second.contract_version = 2
    for twin in (copy(second), pickle.loads(pickle.dumps(second))):  # noqa: S301  our own
        assert (twin, twin.contract_version) == (second, 2)
    assert (plain, copy(plain).contract_version) == (second, None)
