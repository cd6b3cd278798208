"""The events in a message, and what travels beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from eventroute.envelope import Event
from eventroute.errors import EventError
from eventroute.port import VERSION, version_in
from eventroute_aws.message_attributes import CLAIM
from eventroute_aws.queues.foreign import convert
from eventroute_aws.queues.message import Message
from eventroute_aws.queues.reading import read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from eventroute_aws.push.notification import PushedMessage
    from eventroute_aws.queues.reading import Reading

__all__ = ["Contents", "contents_of", "contents_of_raw"]

logger: Final = getLogger("eventroute.aws")

_OURS: Final = "detail-type"
_HEADER: Final = re.compile(r"(?!eventroute-)[A-Za-z0-9_.-]{1,256}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be published.

    :ivar events: know the version that they name.
    :ivar headers: of each of the events.
    """

    events: tuple[Event, ...]
    headers: Mapping[str, str]


async def contents_of(pushed: PushedMessage, fetch: Callable[[str], Awaitable[bytes]]) -> Contents:
    """Read a notification as a queue's consumer would read it.

    :param fetch: gets the whole of an event that lies elsewhere.
    :raises EventError: there is no event in it. Also for what lies elsewhere and is another event.
    """
    # Made anew of what was signed: a member that somebody added must not be taken for the event.
    body: dict[str, Any] = {
        "Type": pushed.kind,
        "MessageId": pushed.id,
        "TopicArn": pushed.topic,
        "Message": pushed.message,
        "Timestamp": pushed.timestamp,
        "MessageAttributes": pushed.attributes or {},
    }
    reading = read(_message(pushed.id, json.dumps(body, ensure_ascii=False)))
    # What eventroute publishes to a topic names no version where that is 1.
    unnamed = 1 if _OURS in body["MessageAttributes"] else None
    return await _contents(reading, pushed.message.encode(), fetch, unnamed)


async def contents_of_raw(
    identity: str, body: str, fetch: Callable[[str], Awaitable[bytes]]
) -> Contents:
    """Read a message that was delivered raw: as it was published, without its attributes."""
    return await _contents(read(_message(identity, body)), body.encode(), fetch)


def _message(identity: str, body: str) -> Message:
    return Message(identity, "", body, {}, receives=1, sent=None, group=None)


async def _contents(
    reading: Reading,
    message: bytes,
    fetch: Callable[[str], Awaitable[bytes]],
    unnamed: int | None = None,
) -> Contents:
    others = {name: value for name, value in reading.headers.items() if name != VERSION}
    headers = dict(filter(_is_carried, others.items()))
    if reading.parts:
        told = [convert(part.encode()) for part in reading.parts]
        events = tuple(event for event in told if event is not None)
        if len(events) == len(told):
            return Contents(events, headers)
    try:
        event = Event.from_json(reading.body)
    except EventError:
        Event.from_json(message)  # says what is wrong with what the publisher sent
        raise
    if reading.claim is not None:
        event = _checked(Event.from_json(await fetch(reading.claim)), event)
    event.contract_version = version_in(reading.headers) or unnamed
    return Contents((event,), headers)


def _checked(whole: Event, envelope: Event) -> Event:
    """What lies elsewhere is not signed, nor is a claim that is an attribute; the envelope is."""
    signed = {name: value for name, value in envelope.document.items() if name != CLAIM}
    if {**whole.document, "detail": {}} != signed:
        raise EventError(f"what lies elsewhere for the event {envelope.id} is another one")
    return whole


def _is_carried(header: tuple[str, str]) -> bool:
    name, value = header
    if _HEADER.fullmatch(name) and value and value.isascii() and value.isprintable():
        return True
    logger.warning("the message attribute %.100r cannot travel as a header, and does not", name)
    return False
