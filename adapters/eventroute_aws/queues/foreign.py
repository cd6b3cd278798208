"""Messages that AWS services send in shapes of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import EventRouteError, JSONTextError
from eventroute.jsontext import parse
from eventroute_aws.queues import cloudwatch, s3

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.envelope import Event

__all__ = ["Notification", "convert", "split", "unwrap", "with_id"]

_NOTIFICATION: Final = ("Message", "MessageId", "TopicArn")
_EVENT: Final = frozenset({"source", "detail-type", "detail"})


@dataclass(frozen=True, slots=True)
class Notification:
    """What SNS delivers to a subscription without raw message delivery.

    :ivar id: that of SNS, the same for all subscriptions.
    :ivar attributes: those that are texts or numbers.
    :ivar timestamp: when it was published, as SNS wrote it; ``None`` where it does not say.
    """

    id: str
    message: str
    attributes: Mapping[str, str]
    timestamp: str | None


def unwrap(body: bytes) -> Notification | None:
    """Read a notification of SNS; ``None`` where the body is none.

    https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
    """
    if b'"TopicArn"' not in body:
        return None
    document = _object(body)
    if document is None or document.get("Type") != "Notification":
        return None
    if not all(isinstance(document.get(name), str) for name in _NOTIFICATION):
        return None
    attributes, timestamp = document.get("MessageAttributes"), document.get("Timestamp")
    return Notification(
        document["MessageId"],
        document["Message"],
        {
            name: value["Value"]
            for name, value in (attributes if isinstance(attributes, dict) else {}).items()
            if isinstance(value, dict)
            and isinstance(value.get("Value"), str)
            and not str(value.get("Type", "")).startswith("Binary")
        },
        timestamp if isinstance(timestamp, str) else None,
    )


def convert(body: bytes) -> Event | None:
    """The event that a service tells of, in the shape in which EventBridge would tell it.

    :returns: ``None`` where the body is no message of a service that is known.
    """
    document = _object(body)
    if document is None:
        return None
    try:
        return s3.convert(document, body) or cloudwatch.convert(document, body)
    except (EventRouteError, AttributeError, LookupError, TypeError, ValueError):
        return None  # it only looks like one


def with_id(body: bytes, identity: str, time: str | None) -> bytes | None:
    """What somebody wrote as an event, but without an id: with one, and otherwise as it is.

    :param identity: names the message.
    :param time: when it was sent, for what does not tell its own time.
    :returns: ``None`` where the body is nothing of the kind.
    """
    document = _object(body)
    if document is None or "id" in document or not document.keys() >= _EVENT:
        return None
    added = {"id": identity}
    if time is not None and "time" not in document:
        added["time"] = time
    text = json.dumps(added, separators=(",", ":")).encode()
    return text[:-1] + b"," + body.lstrip()[1:]


def split(body: bytes) -> Sequence[str]:
    """The bodies of one record each that a notification of S3 with several stands for.

    :returns: nothing, where there is nothing to split.
    """
    document = _object(body)
    records = None if document is None else s3.records(document)
    if records is None or len(records) < 2:
        return ()
    return [json.dumps({"Records": [record]}, separators=(",", ":")) for record in records]


def _object(body: bytes) -> dict[str, Any] | None:
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        document = parse(body)
    except JSONTextError:
        return None
    return document if isinstance(document, dict) else None
