"""What a message says of an event that lies elsewhere."""

from __future__ import annotations

import json

import pytest

from eventroute_aws.message_attributes import CLAIM
from eventroute_aws.queues.message import Message
from eventroute_aws.queues.reading import read
from tests.aws.consume.station import event, text

POINTER = "s3://payloads/eventroute/2026/01/02/1"


def message(marker: object = None, attribute: str | None = None, **detail: object) -> Message:
    document = {**event(1).document, "detail": detail}
    if marker is not None:
        document[CLAIM] = marker
    attributes = {} if attribute is None else {CLAIM: text(attribute)}
    return Message("id", "handle", json.dumps(document), attributes, 1, None, None)


def test_an_envelope_without_its_detail_says_so_itself() -> None:
    assert read(message(POINTER)).claim == POINTER


def test_an_attribute_says_it_where_an_older_publisher_sent_it() -> None:
    assert read(message(attribute=POINTER)).claim == POINTER


def test_the_envelope_has_the_last_word() -> None:
    assert read(message(POINTER, "s3://payloads/eventroute/other")).claim == POINTER


@pytest.mark.parametrize("marker", ["", 7, True, {}, [POINTER]])
def test_a_pointer_that_is_none_is_not_overlooked(marker: object) -> None:
    assert read(message(marker)).claim is not None


def test_a_detail_may_speak_of_pointers() -> None:
    assert read(message(note={CLAIM: POINTER})).claim is None
    assert read(message(**{CLAIM: POINTER})).claim is None


def test_a_notification_of_sns_that_lost_its_attributes_says_it_as_well() -> None:
    body = {"Type": "Notification", "MessageId": "m", "TopicArn": "t", "Message": ""}
    body["Message"] = message(POINTER).body
    wrapped = Message("id", "handle", json.dumps(body), {}, 1, None, None)
    assert read(wrapped).claim == POINTER
