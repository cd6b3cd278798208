"""How a dead letter tells why it died, and becomes what it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from eventroute.port import Bury, Delivery
from eventroute_aws.limits import LARGEST_BATCH
from eventroute_aws.queues.batches import Parcel
from eventroute_aws.queues.letters import burial, death_of, revival
from eventroute_aws.queues.message import Message
from tests.aws.consume.station import text

if TYPE_CHECKING:
    from types_aiobotocore_sqs.type_defs import MessageAttributeValueTypeDef


def message(body: str = "{}", **attributes: MessageAttributeValueTypeDef) -> Message:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Message("id-1", "handle", body, named, 3, None, "group")


def bury(error: str = "ValueError: no", traceback: str = "f.py:7 in f") -> Bury:
    return Bury(Delivery("q", b"{}", 2, 0.0, None), "rejected", error, traceback)


def arrived(parcel: Parcel) -> Message:
    return Message("id-2", "handle", parcel.body, parcel.attributes, 1, None, parcel.group)


def test_a_letter_tells_why_and_when_it_died() -> None:
    before = datetime.now(UTC)
    death = death_of(arrived(burial(bury(), message(), fifo=False)), 1_000)
    assert (death.reason, death.error, death.traceback, death.attempts) == (
        "rejected",
        "ValueError: no",
        "f.py:7 in f",
        2,
    )
    assert death.died is not None
    assert before <= death.died <= datetime.now(UTC)


def test_a_revived_message_is_what_it_was() -> None:
    one = message("body", eventroute_headers=text('{"a":"b"}'), source=text("s"))
    parcel = revival(arrived(burial(bury(), one, fifo=False)), fifo=False)
    assert (parcel.body, parcel.attributes) == ("body", one.attributes)


def test_more_attributes_than_a_message_may_have_are_kept_as_well() -> None:
    many: dict[str, MessageAttributeValueTypeDef] = {f"a{n}": text(str(n)) for n in range(8)}
    binary: MessageAttributeValueTypeDef = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
    many |= {"z": binary, "eventroute-headers": text("{}")}
    one = Message("id-1", "handle", "{}", many, 3, None, "group")
    parcel = burial(bury(), one, fifo=False)
    assert len(parcel.attributes) == 10
    assert "eventroute-headers" in parcel.attributes
    assert dict(revival(arrived(parcel), fifo=False).attributes) == dict(one.attributes)


def test_a_letter_is_cut_to_fit_beside_a_large_event() -> None:
    one = message("x" * (LARGEST_BATCH - 400))
    parcel = burial(bury("é" * 1_000, "t" * 5_000), one, fifo=False)
    death = death_of(arrived(parcel), 1_000)
    assert parcel.size <= LARGEST_BATCH
    assert death.reason == "rejected"
    assert death.error.startswith("é")
    assert death.traceback == ""


@pytest.mark.parametrize("room", [*range(0, 60, 3), 61, 200])
def test_the_event_is_never_cut(room: int) -> None:
    one = message("x" * (LARGEST_BATCH - room))
    parcel = burial(bury(), one, fifo=False)
    assert parcel.body == one.body
    assert parcel.size <= LARGEST_BATCH


def test_an_error_may_hold_what_is_no_unicode() -> None:
    death = death_of(arrived(burial(bury("\udc80\x00"), message(), fifo=False)), 1_000)
    assert death.error == "\udc80\x00"


def test_a_letter_without_a_story_was_received_too_often() -> None:
    assert death_of(message(), 77).reason == "max-receive-count"
    assert death_of(message(), 77).attempts == 77


def test_a_letter_that_could_not_be_delivered_says_so() -> None:
    undelivered = Message(
        "id",
        "h",
        "{}",
        {"ERROR_CODE": text("NO_PERMISSIONS"), "ERROR_MESSAGE": text("no")},
        1,
        None,
        None,
    )
    death = death_of(undelivered, 1_000)
    assert (death.reason, death.error) == ("undeliverable", "NO_PERMISSIONS: no")


def undelivered(**more: str) -> Message:
    """What EventBridge puts into the dead-letter queue of a target."""
    told = {
        "RULE_ARN": "arn:rule",
        "TARGET_ARN": "arn:queue",
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "no",
        "RETRY_ATTEMPTS": "3",
        **more,
    }
    attributes = {name: text(value) for name, value in told.items()}
    return Message("id", "h", "{}", attributes, 1, 1_800_000_000.5, None)


def test_what_eventbridge_could_not_deliver_tells_its_rule_and_how_often_it_was_tried() -> None:
    death = death_of(undelivered(EXHAUSTED_RETRY_CONDITION="MaximumRetryAttempts"), 1_000)
    assert death.reason == "undeliverable"
    assert death.error == (
        "NO_PERMISSIONS: no (arn:rule could not reach arn:queue; EventBridge gave up after 3 "
        "retries, by MaximumRetryAttempts)"
    )
    assert death.attempts == 0
    assert death.died == datetime.fromtimestamp(1_800_000_000.5, UTC)
    assert "gave up after 3 retries)" in death_of(undelivered(), 1_000).error


def test_what_was_not_delivered_is_sent_again_without_its_story() -> None:
    assert revival(undelivered(mine="1"), fifo=False).attributes == {"mine": text("1")}


def test_an_attribute_of_such_a_name_is_kept_where_a_worker_buried_the_event() -> None:
    one = Message("id-1", "handle", "{}", {"ERROR_CODE": text("7")}, 3, None, None)
    letter = arrived(burial(bury(), one, fifo=False))
    assert death_of(letter, 5).reason == "rejected"
    assert revival(letter, fifo=False).attributes == one.attributes


@pytest.mark.parametrize("story", ["", "[]", "{", "7", "[" * 100_000])
def test_a_story_that_cannot_be_read_is_none(story: str) -> None:
    assert death_of(message(eventroute_dead=text(story)), 5).reason == "max-receive-count"


@pytest.mark.parametrize("died", [7, "yesterday", "2026-01-02T03:04:05", None])
def test_a_moment_that_cannot_be_read_is_none(died: object) -> None:
    story = json.dumps({"reason": "r", "died": died, "attempts": "many"})
    death = death_of(message(eventroute_dead=text(story)), 5)
    assert (death.reason, death.died, death.attempts) == ("r", None, 0)


@pytest.mark.parametrize("packed", [7, {"a": 7}, {"a": ["String"]}, {"a": ["Binary", "!"]}])
def test_attributes_that_cannot_be_read_do_not_stop_a_revival(packed: object) -> None:
    story = json.dumps({"reason": "r", "attributes": packed})
    one = message("body", eventroute_dead=text(story), kept=text("k"))
    assert revival(one, fifo=False).attributes == {"kept": text("k")}


def test_the_second_burial_of_a_fifo_message_is_not_taken_for_the_first() -> None:
    first = burial(bury(), message(), fifo=True)
    later = burial(bury(), Message("id-1", "h", "{}", {}, 4, None, "group"), fifo=True)
    assert first.once != later.once


def test_a_letter_has_a_group_of_its_own_and_goes_back_into_the_events() -> None:
    first = burial(bury(), message(), fifo=True)
    other = burial(bury(), Message("id-9", "h", "{}", {}, 1, None, "group"), fifo=True)
    assert len({"group", first.group, other.group}) == 3
    assert revival(arrived(first), fifo=True).group == "group"


@pytest.mark.parametrize("room", range(0, 200, 7))
def test_a_group_is_never_lost(room: int) -> None:
    one = message("x" * (LARGEST_BATCH - room))
    assert revival(arrived(burial(bury(), one, fifo=True)), fifo=True).group == "group"


def test_a_letter_that_sqs_wrote_itself_goes_back_into_its_group() -> None:
    assert revival(message(), fifo=True).group == "group"


def test_a_letter_is_cut_to_fit_into_a_dead_letter_queue_that_takes_less() -> None:
    parcel = burial(bury("é" * 1_000, "t" * 5_000), message("x" * 700), fifo=False, room=1_024)
    assert parcel.size <= 1_024
    assert death_of(arrived(parcel), 1_000).error.startswith("é")
