"""From a message to the event and the headers that it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from eventroute.envelope import Event
from eventroute.errors import EventRouteError
from eventroute.port import NO_HEADERS
from eventroute_aws.eventbridge.published import published
from eventroute_aws.message_attributes import CLAIM, HEADERS, read_headers
from eventroute_aws.queues.foreign import convert, split, unwrap, with_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.port import Headers
    from eventroute_aws.queues.message import Message

__all__ = ["Reading", "read"]

_CLAIM: Final = CLAIM.encode()
_OURS: Final = "eventroute-"
_SHOWN: Final = 100
_MARK: Final = "detail-type"
_MEMBERS: Final = frozenset({_MARK, "source"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message carries.

    :ivar body: the envelope; the message's body as it is, where it carries no event.
    :ivar claim: pointer to the whole event, if the envelope is without its detail.
    :ivar parts: bodies of messages with one event each, where the message tells of several.
    :ivar unreadable: as in :class:`eventroute.port.Delivery`.
    """

    body: bytes
    headers: Headers = field(default_factory=lambda: NO_HEADERS)
    claim: str | None = None
    parts: Sequence[str] = ()
    unreadable: str = ""


def read(message: Message) -> Reading:
    """Find the event in a message: as it is, in a notification of SNS, or told by an AWS service.

    What EventBridge delivers is as it was published.
    Headers are those of eventroute; where there are none, and eventroute did not send the message,
    its attributes. What somebody wrote as an event without an id gets that of its message. Nothing
    is refused: what is no event is handed on, and becomes a dead letter.
    """
    body = message.body.encode(errors="surrogatepass")
    # What our publishers send to SNS has attributes, and its detail may have any member.
    by_bus = None if _MARK in message.attributes else published(body)
    if by_bus is not None:
        return Reading(by_bus.body, by_bus.headers, by_bus.claim)
    if _is_event(body):
        claim = _claim_of(body, message.text(CLAIM))
        return Reading(body, read_headers(message.text(HEADERS)), claim)
    texts = {name: message.text(name) for name in message.attributes}
    notification = unwrap(body)
    inner, identity, time = body, message.id, _written(message.sent)
    if notification is not None:
        inner = notification.message.encode(errors="surrogatepass")
        identity, time = notification.id, notification.timestamp
        texts.update(notification.attributes)
        by_bus = None if _MARK in notification.attributes else published(inner)
        if by_bus is not None:
            return Reading(by_bus.body, by_bus.headers, by_bus.claim)
    inner = with_id(inner, identity, time) or inner
    problem = _problem(inner)
    is_event = problem is None
    headers = {
        name: text
        for name, text in texts.items()
        if text is not None and not name.startswith(_OURS) and not (is_event and name in _MEMBERS)
    }
    ours = texts.get(HEADERS)
    if ours is not None:
        headers = dict(read_headers(ours))
    if is_event:
        return Reading(inner, headers, _claim_of(inner, texts.get(CLAIM)))
    event = convert(inner)
    if event is not None:
        return Reading(event.to_json(), headers)
    unreadable = str(problem)
    if notification is not None:
        text = notification.message[:_SHOWN]
        unreadable = f"a notification of SNS with the text {text!r}, which is no event: {problem}"
    return Reading(body, headers, parts=split(inner), unreadable=unreadable)


def _claim_of(body: bytes, attribute: str | None) -> str | None:
    """The pointer that an envelope without its detail names; what is none is refused later."""
    if _CLAIM not in body:
        return attribute
    document = Event.from_trusted_json(body).document
    return str(document[CLAIM]) if CLAIM in document else attribute


def _is_event(body: bytes) -> bool:
    return _problem(body) is None


def _problem(body: bytes) -> EventRouteError | None:
    try:
        Event.from_trusted_json(body)
    except EventRouteError as error:
        return error
    return None


def _written(sent: float | None) -> str | None:
    return None if sent is None else f"{datetime.fromtimestamp(sent, UTC):%Y-%m-%dT%H:%M:%SZ}"
