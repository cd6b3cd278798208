"""Messages that EventBridge sent, directly or through a topic: pure rules."""

from __future__ import annotations

import json

from eventroute.envelope import Event
from eventroute.port import REPLAYED
from eventroute_aws.eventbridge.message import compose_message
from eventroute_aws.queues.message import Message
from eventroute_aws.queues.reading import Reading, read
from tests.aws.eventbridge.rewriting import Writer, delivered

EVENT = Event("shop.orders", "OrderPlaced", {"n": 1.5, "a": "é"}, id="1")
BODY = delivered(compose_message(EVENT, {"h": "1"}, "bus"), Writer(space=" ", order=sorted))


def arrived(body: bytes, **attributes: str) -> Reading:
    given = {name: {"DataType": "String", "StringValue": one} for name, one in attributes.items()}
    return read(Message("m", "h", body.decode(), given, 1, None, None))  # type: ignore[arg-type]  # of a TypedDict


def test_a_message_of_eventbridge_carries_what_was_published() -> None:
    assert arrived(BODY) == Reading(EVENT.to_json(), {"h": "1"})


def test_so_does_one_that_a_topic_passed_on() -> None:
    notification = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:t",
        "Message": BODY.decode(),
    }
    assert arrived(json.dumps(notification).encode()) == Reading(EVENT.to_json(), {"h": "1"})


def test_a_replayed_event_of_others_has_the_header() -> None:
    body = b'{"id":"1","source":"aws.s3","detail-type":"t","detail":{ },"replay-name":"r"}'
    assert arrived(body) == Reading(body, {REPLAYED: "r"})


def test_an_event_that_our_publisher_sent_to_a_topic_may_have_any_member() -> None:
    marks = {"source": "shop.orders", "detail-type": "OrderPlaced"}
    assert arrived(BODY, **marks) == Reading(BODY)


def test_a_claim_comes_with_the_headers() -> None:
    message = compose_message(EVENT, {"h": "1"}, "bus", "s3://b/k")
    found = arrived(delivered(message))
    assert (found.claim, found.headers) == ("s3://b/k", {"h": "1"})
