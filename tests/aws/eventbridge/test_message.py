"""What PutEvents is given for an event, and how it comes back: pure rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.envelope import Event
from eventroute.errors import EventError, LimitExceededError
from eventroute.port import NO_HEADERS, REPLAYED, Headers
from eventroute_aws.eventbridge.message import Message, compose_message
from eventroute_aws.eventbridge.published import Published, published
from tests.aws.eventbridge.rewriting import Writer, delivered


def backwards(names: Iterable[str]) -> list[str]:
    return list(names)[::-1]


texts = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
details = st.dictionaries(texts, values, max_size=5)
headers_ = st.dictionaries(st.text("abc-._", min_size=1), texts, max_size=3)
writers = st.builds(
    Writer,
    order=st.sampled_from([tuple, sorted, backwards]),
    space=st.sampled_from(["", " ", "\n  "]),
    ascii=st.booleans(),
    doubles=st.booleans(),
    java=st.booleans(),
)


@st.composite
def envelopes(draw: st.DrawFn) -> bytes:
    """As others write them: more members, in any order, with any white space."""
    members: dict[str, Any] = {
        "id": draw(st.text("abc-", min_size=1)),
        "source": "s",
        "detail-type": "t",
        "detail": draw(details),
    }
    members |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "version": st.sampled_from(["0", "1"]),
                "time": st.sampled_from(["2026-01-02T03:04:05.678+09:00", "2026-01-02T03:04:05Z"]),
                "account": st.just("1"),
                "region": st.just("r"),
                "resources": st.lists(texts, max_size=2),
                "more": values,
            },
        )
    )
    names = draw(st.permutations(list(members)))
    text = json.dumps(
        {name: members[name] for name in names},
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1])),
        separators=draw(st.sampled_from([None, (",", ":")])),
    )
    return text.encode()


def composed(event: Event, headers: Headers = NO_HEADERS, claim: str | None = None) -> Message:
    return compose_message(event, headers, "bus", claim)


def back(event: Event, writer: Writer | None = None, headers: Headers = NO_HEADERS) -> Published:
    found = published(delivered(composed(event, headers), writer))
    assert found is not None
    return found


def member(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(composed(event).entry.get("Detail", ""))["_eventroute"]
    return found


def odd(text: str) -> bool:
    return "\ufffe" in text or "\uffff" in text


@given(details, headers_, writers)
def test_an_event_comes_back_byte_for_byte_however_its_detail_is_rewritten(
    detail: dict[str, Any], headers: dict[str, str], writer: Writer
) -> None:
    event = Event("shop.orders", "OrderPlaced", detail, resources=("arn:1",), account="a")
    found = back(event, writer, headers)
    if odd(event.to_json().decode()):
        assert json.loads(found.body) == json.loads(event.to_json())
    else:
        assert found.body == event.to_json()
    assert found.headers == headers
    assert found.claim is None


@given(envelopes(), writers)
def test_the_envelope_of_another_comes_back_byte_for_byte(text: bytes, writer: Writer) -> None:
    event = Event.from_trusted_json(text)
    found = back(event, writer)
    if odd(text.decode()):
        assert json.loads(found.body) == json.loads(text)
    else:
        assert found.body == text


@pytest.mark.parametrize(
    "detail",
    [
        '{"a":1.00}',
        '{"a":12345678901234567890123}',
        '{"a":9007199254740993}',
        '{"a":-0}',
        '{"a":1E5}',
        '{"a":0.1000000000000000055511151231257827}',
        '{"a":1,"a":2}',
        '{ "a" : 1 }',
        '{"a":"\\u00e9\\/"}',
        '[{"b":1,"a":2},{"a":1,"b":2}]'.join(['{"rows":', "}"]),
    ],
)
def test_a_spelling_that_rewriting_would_lose_travels_as_a_copy(detail: str) -> None:
    text = f'{{"id":"1","source":"s","detail-type":"t","detail":{detail}}}'.encode()
    for writer in (Writer(), Writer(order=sorted, doubles=True, java=True)):
        assert back(Event.from_trusted_json(text), writer).body == text


def test_a_decimal_keeps_its_zeros() -> None:
    event = Event("s", "t", {"total": Decimal("12.50")})
    assert back(event).body == event.to_json()
    assert b"12.50" in back(event).body


def test_an_event_of_eventroute_takes_little_more_than_its_id_and_its_time() -> None:
    event = Event("s", "t", {"a": 1, "b": [1.5, {"c": "é", "d": None}]})
    assert set(member(event)) == {"id", "time", "crc"}


def test_an_order_of_members_is_told_once_for_all_objects_that_have_it() -> None:
    rows = [{"sku": str(number), "price": 1.5} for number in range(100)]
    assert member(Event("s", "t", {"rows": rows}))["orders"] == [["sku", "price"]]


def test_rules_see_the_detail_as_it_is() -> None:
    event = Event("s", "t", {"b": [1, {"c": 2.5}], "a": "é"})
    detail = json.loads(composed(event).entry.get("Detail", ""))
    del detail["_eventroute"]
    assert detail == event.detail


def test_an_integer_that_rules_cannot_compare_is_a_double_for_them() -> None:
    event = Event("s", "t", {"a": [2**53, 2**53 + 1, 2**63, -(2**53) - 1]})
    detail = json.loads(composed(event).entry.get("Detail", ""))
    assert detail["a"] == [2**53, 2.0**53, 2.0**63, -(2.0**53)]
    assert [type(one) for one in detail["a"]] == [int, float, float, float]
    assert back(event).body == event.to_json()


@given(texts, details, headers_, st.lists(texts, max_size=2))
def test_the_size_is_what_eventbridge_counts(
    name: str, detail: dict[str, Any], headers: dict[str, str], resources: list[str]
) -> None:
    event = Event("söurce", "t" + name.replace("\ufffe", "").replace("\uffff", ""), detail)
    event = Event(event.source, event.detail_type, detail, resources=tuple(resources))
    message = composed(event, headers)
    entry: Any = message.entry
    counted = 14 + sum(len(entry[one].encode()) for one in ("Source", "DetailType", "Detail"))
    counted += sum(len(one.encode()) for one in entry.get("Resources", ()))
    assert message.size == counted


def test_an_event_without_a_time_has_none_in_its_entry_nor_in_its_size() -> None:
    timed = Event.from_json('{"id":"1","source":"s","detail-type":"t","detail":{}}')
    message = composed(timed)
    assert "Time" not in message.entry
    assert message.size == len("st" + message.entry.get("Detail", ""))


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+09:00", datetime(2026, 1, 1, 18, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("some day", None),
        ("0001-01-01T00:00:00+09:00", None),
    ],
)
def test_the_time_is_sent_in_utc_if_it_is_one(written: str, sent: datetime | None) -> None:
    text = f'{{"id":"1","source":"s","detail-type":"t","time":"{written}","detail":{{}}}}'.encode()
    event = Event.from_trusted_json(text)
    time = composed(event).entry.get("Time")
    assert time == sent
    assert sent is None or (isinstance(time, datetime) and time.tzinfo is UTC)
    assert back(event).body == text


def test_characters_that_sqs_refuses_travel_as_escapes() -> None:
    event = Event(
        "s", "t", {"text\uffff": "\ufffe\uffff\x00\x7f"}, id="\uffff", resources=("\uffff",)
    )
    message = composed(event, {"h": "\uffff"})
    found = published(delivered(message))
    assert not odd(delivered(message).decode())
    assert found is not None
    assert json.loads(found.body) == json.loads(event.to_json())
    assert found.headers == {"h": "\uffff"}


@pytest.mark.parametrize("name", ["source", "detail-type"])
def test_a_name_with_such_a_character_is_refused(name: str) -> None:
    members = {"source": "s", "detail-type": "t", name: "x\uffff"}
    with pytest.raises(EventError, match="leave it out") as caught:
        composed(Event(members["source"], members["detail-type"], {}))
    assert caught.value.pointer == f"/{name}"


def test_a_member_of_the_reserved_name_is_refused() -> None:
    with pytest.raises(EventError, match="rename it") as caught:
        composed(Event("s", "t", {"_eventroute": 1}))
    assert caught.value.pointer == "/detail/_eventroute"


def test_the_reserved_name_may_stand_anywhere_else() -> None:
    event = Event("s", "t", {"a": {"_eventroute": {"id": "x"}}, "b": '"_eventroute"'})
    assert back(event).body == event.to_json()


def test_a_source_of_aws_services_is_refused() -> None:
    with pytest.raises(EventError, match=r"begin with 'aws\.'"):
        composed(Event("aws.s3", "t", {}))


def test_a_detail_type_has_128_characters_at_most() -> None:
    assert composed(Event("s", "é" * 128, {})).entry.get("DetailType") == "é" * 128
    with pytest.raises(LimitExceededError, match=r"129 characters; EventBridge takes 128"):
        composed(Event("s", "t" * 129, {}))


def test_the_deepest_event_travels() -> None:
    detail = "[" * 126 + "]" * 126
    text = f'{{"id":"1","source":"s","detail-type":"t","detail":{{"a":{detail}}}}}'.encode()
    assert back(Event.from_json(text), Writer(space=" ")).body == text


@pytest.mark.parametrize(
    "text",
    [
        b'{"id":"1","source":"s","detail-type":"t","detail":{"a":"\xff"}}',
        b'{"id":"1","source":"s","detail-type":"t","more":"\xff","detail":{}}',
        b'{"id":"1","source":"s","detail-type":"t","detail":{"a":"\\ud800"}}',
        b'{"id":"1","source":"s","detail-type":"t","detail":{"a":1' + b"0" * 400 + b"}}",
    ],
)
def test_what_is_no_json_or_no_text_is_refused(text: bytes) -> None:
    with pytest.raises(EventError):
        composed(Event.from_trusted_json(text))


def test_a_claim_travels_instead_of_the_detail() -> None:
    event = Event("s", "t", {"much": "x" * 1000})
    message = composed(event, {"h": "1"}, "s3://b/k")
    assert message.size < 300
    found = published(delivered(message))
    assert found is not None
    assert found.claim == "s3://b/k"
    assert found.headers == {"h": "1"}
    assert json.loads(found.body) == {**event.document, "detail": {}}


def test_a_replayed_event_comes_back_as_it_was_with_a_header() -> None:
    event = Event("s", "t", {})
    found = published(delivered(composed(event, {"h": "1"}), replay_name="monday"))
    assert found == Published(event.to_json(), {"h": "1", REPLAYED: "monday"})


def test_a_replayed_event_of_an_aws_service_is_untouched_and_has_the_header() -> None:
    body = (
        b'{"version":"0", "id":"1","source":"aws.s3","detail-type":"t","detail":{"a":1.0},'
        b'"replay-name":"monday"}'
    )
    assert published(body) == Published(body, {REPLAYED: "monday"})


@pytest.mark.parametrize(
    "body",
    [
        b'{"version":"0","id":"1","source":"aws.s3","detail-type":"t","detail":{"a":1}}',
        b'{"id":"1","source":"s","detail-type":"t","detail":{"a":{"_eventroute":{"id":"2"}}}}',
        b'{"id":"1","source":"s","detail-type":"t","detail":{"_eventroute":"mine"}}',
        b'{"id":"1","source":"s","detail-type":"t","detail":{"_eventroute":{"id":2}}}',
        b'{"id":"1","source":"s","detail-type":"t","detail":{"_eventroute":null}}',
        b'{"detail":{"_eventroute":{"id":"2"}}}',
        b'{"_eventroute"',
        b'"_eventroute"',
        b'{"detail":' + b'{"_eventroute":' * 100_000,
        b'{"id":"1","source":"s","detail-type":"t","detail":{"replay-name":"mine"}}',
    ],
)
def test_what_eventroute_did_not_publish_is_left_as_it_is(body: bytes) -> None:
    assert published(body) is None


def test_a_member_cannot_give_an_event_another_source_than_the_bus_let_it_have() -> None:
    forged = '{"id":"1","source":"bank","detail-type":"t","detail":'
    body = {
        "source": "s",
        "detail-type": "t",
        "detail": {"_eventroute": {"id": "1", "detail": "{}", "around": [forged, "}"]}},
    }
    found = published(json.dumps(body).encode())
    assert found is not None
    assert json.loads(found.body) == {"source": "s", "detail-type": "t", "detail": {}}


@pytest.mark.parametrize("detail", ['{"a":1}', '{"a":1.50}', '{"a":25.0}'])
def test_what_a_target_changed_and_published_again_is_an_event_of_its_own(detail: str) -> None:
    event = Event.from_json(f'{{"id":"1","source":"s","detail-type":"t","detail":{detail}}}')
    again = json.loads(delivered(composed(event)))
    again["id"] = "another"
    again["detail"]["label"] = "cat"
    found = published(json.dumps(again).encode())
    assert found is not None
    read = Event.from_json(found.body)
    assert (read.id, dict(found.headers)) == ("another", {})
    assert read.detail == {**event.detail, "label": "cat"}


@pytest.mark.parametrize(
    ("detail", "rewritten"),
    [('{"a":25.0}', b'"a":25'), ('{"a":0.00001}', b'"a":1.0E-5'), ('{"a":1.50}', b'"a":1.5')],
)
def test_numbers_that_are_written_otherwise_on_the_way_come_back(
    detail: str, rewritten: bytes
) -> None:
    text = f'{{"id":"1","source":"s","detail-type":"t","detail":{detail}}}'.encode()
    body = delivered(composed(Event.from_json(text)))
    changed = re.sub(rb'"a":[0-9.e-]+', rewritten, body, count=1)
    found = published(changed)
    assert found is not None
    assert found.body == text


def test_a_resource_that_would_have_the_whole_request_refused_is_refused_before() -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html."""
    longest = Event("shop", "T", {}, resources=("r" * 2_048,))
    assert compose_message(longest, NO_HEADERS, "shop").entry.get("Resources") == ["r" * 2_048]
    longer = Event("shop", "T", {}, resources=("a", "r" * 2_049))
    with pytest.raises(LimitExceededError, match=r"resource 1 .* 2,049 characters"):
        compose_message(longer, NO_HEADERS, "shop")
