"""What SNS posts to an HTTP endpoint, read but not yet believed.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import EventError
from eventroute.jsontext import parse, pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONFIRMATION", "KINDS", "NOTIFICATION", "UNSUBSCRIBED", "PushedMessage", "read_pushed"]

NOTIFICATION: Final = "Notification"
CONFIRMATION: Final = "SubscriptionConfirmation"
UNSUBSCRIBED: Final = "UnsubscribeConfirmation"
KINDS: Final = frozenset({NOTIFICATION, CONFIRMATION, UNSUBSCRIBED})


@dataclass(frozen=True, slots=True)
class PushedMessage:
    """One message. The signature covers all but ``attributes``.

    :ivar kind: one of `KINDS`.
    :ivar timestamp: when it was published, as SNS wrote it.
    :ivar time: the same, with its time zone.
    :ivar token: confirms a subscription; absent in notifications, as is ``subscribe_url``.
    :ivar attributes: message attributes as they came.
    """

    kind: str
    id: str
    topic: str
    message: str
    timestamp: str
    time: datetime
    signature: str
    signature_version: str
    certificate_url: str
    subject: str | None = None
    token: str | None = None
    subscribe_url: str | None = None
    attributes: Mapping[str, Any] | None = None


def read_pushed(body: bytes) -> PushedMessage:
    """Read the body of a request.

    :raises JSONTextError: it is not JSON, or too much of it.
    :raises EventError: it is JSON, but no message of SNS; names the member.
    """
    document = parse(body, max_bytes=len(body))  # its size was checked on its way in
    if not isinstance(document, dict):
        raise EventError("a message of SNS is a JSON object")
    kind = _text(document, "Type")
    if kind not in KINDS:
        raise EventError(f"{kind[:100]!r} is none of {', '.join(sorted(KINDS))}", pointer="/Type")
    timestamp = _text(document, "Timestamp")
    attributes = document.get("MessageAttributes")
    subject = document.get("Subject")
    confirms = kind != NOTIFICATION
    return PushedMessage(
        kind,
        _text(document, "MessageId"),
        _text(document, "TopicArn"),
        _text(document, "Message"),
        timestamp,
        _moment(timestamp),
        _text(document, "Signature"),
        _text(document, "SignatureVersion"),
        _text(document, "SigningCertURL"),
        subject=None if subject is None else _text(document, "Subject"),
        token=_text(document, "Token") if confirms else None,
        subscribe_url=_text(document, "SubscribeURL") if confirms else None,
        attributes=attributes if isinstance(attributes, dict) else None,
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        what = "is missing" if value is None else "must be a string"
        raise EventError(what, pointer=pointer(name))
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise EventError(f"{text[:100]!r} is no time", pointer="/Timestamp") from None
    if moment.tzinfo is None:
        raise EventError(f"{text[:100]!r} has no time zone", pointer="/Timestamp")
    return moment
