"""An event as PutEvents takes it, and how many bytes that is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import msgspec

from eventroute.errors import EventError, LimitExceededError
from eventroute.jsontext import pointer
from eventroute_aws.eventbridge.member import MEMBER, Envelope, Member, clean, orders_of, write_json
from eventroute_aws.message_attributes import write_headers

if TYPE_CHECKING:
    from types_aiobotocore_events.type_defs import PutEventsRequestEntryTypeDef

    from eventroute.envelope import Event
    from eventroute.port import Headers

__all__ = ["Message", "compose_message"]

_LONGEST_TYPE: Final = 128
_LONGEST_RESOURCE: Final = 2_048
_TIME_BYTES: Final = 14
# EventBridge refuses larger integers than 64 bits hold, and its rules compare none that a double
# cannot hold: https://github.com/aws/event-ruler, ComparableNumber.
_INTEGERS: Final = range(-(2**53), 2**53 + 1)
_MAY_HAVE_LARGER: Final = re.compile(rb"[0-9]{16}").search

# SQS, to which EventBridge writes, takes the characters of XML 1.0; the control characters cannot
# stand in JSON anyway. They are escaped in what is kept, and replaced in what rules see.
_ESCAPED: Final = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}

_read_envelope: Final = msgspec.json.Decoder(Envelope).decode


@dataclass(frozen=True, slots=True)
class Message:
    """An entry of PutEvents.

    :ivar size: bytes as EventBridge counts them, which leaves out the bus and the request.
    :ivar key: none: EventBridge keeps no order.
    """

    entry: PutEventsRequestEntryTypeDef
    size: int
    key: str | None = None


def compose_message(event: Event, headers: Headers, bus: str, claim: str | None = None) -> Message:
    """The entry of an event.

    :param claim: pointer to the event, whose detail the entry leaves out then.
    :raises EventError: EventBridge or the reserved member does not allow this event.
    :raises LimitExceededError: the detail-type is too long, or a resource.
    """
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
    size = _size_of_type(event.source, event.detail_type)
    try:
        detail = _detail(event, headers, claim)
    except UnicodeDecodeError as error:
        raise EventError(f"EventBridge carries text, and this is not UTF-8: {error}") from None
    except OverflowError:
        raise EventError("has a number that does not fit a double", pointer="/detail") from None
    size += len(detail) if detail.isascii() else len(detail.encode())
    entry: PutEventsRequestEntryTypeDef = {
        "Source": event.source,
        "DetailType": event.detail_type,
        "Detail": detail,
        "EventBusName": bus,
    }
    if event.resources:
        _check_resources(event.resources)
        entry["Resources"] = [clean(one) for one in event.resources]
        size += sum(len(one.encode()) for one in event.resources)
    time = _moment(event)
    if time is not None:
        entry["Time"] = time
        size += _TIME_BYTES
    return Message(entry, size)


@lru_cache(1024)
def _size_of_type(source: str, detail_type: str) -> int:
    """The bytes of both, which EventBridge must take."""
    if source.startswith("aws."):
        raise EventError(
            f"EventBridge refuses {source!r} of applications: sources that begin with 'aws.' are "
            "those of AWS services; rename it",
            pointer="/source",
        )
    if len(detail_type) > _LONGEST_TYPE:
        raise LimitExceededError(
            f"the detail-type {detail_type[:40]!r}... has {len(detail_type):,} characters; "
            f"EventBridge takes {_LONGEST_TYPE}. Shorten it"
        )
    for name, text in (("source", source), ("detail-type", detail_type)):
        if text != clean(text):
            raise EventError(
                f"{text!r} has U+FFFE or U+FFFF, which no queue of SQS takes; leave it out",
                pointer=pointer(name),
            )
    return len(source.encode()) + len(detail_type.encode())


def _check_resources(resources: tuple[str, ...]) -> None:
    """EventBridge refuses the whole request, with the events of others."""
    for index, one in enumerate(resources):
        if len(one) > _LONGEST_RESOURCE:
            raise LimitExceededError(
                f"the resource {index} ({one[:40]!r}...) has {len(one):,} characters; EventBridge "
                f"takes {_LONGEST_RESOURCE:,}. Shorten it"
            )


def _detail(event: Event, headers: Headers, claim: str | None) -> str:
    """The detail with its reserved member."""
    text, detail = event.to_json(), event.detail
    if MEMBER in detail:
        raise EventError(
            f"EventBridge carries what is eventroute's own in a member {MEMBER!r}; rename it",
            pointer=pointer("detail", MEMBER),
        )
    envelope = _read_envelope(text)
    told: dict[str, Any] = {"headers": write_headers(headers)} if headers else {}
    if claim is not None:
        told["claim"] = claim
        return _written(b"{}", _member(envelope, told))
    plain = text.isascii() or (b"\xef\xbf\xbe" not in text and b"\xef\xbf\xbf" not in text)
    sent = bytes(envelope.detail)
    orders = orders_of(detail, sent) if plain else None
    if orders is not None:
        told["crc"] = crc32(sent)
        told["orders"] = orders
    else:
        told["detail"] = _kept(sent, plain)
    if not plain or write_json(envelope) != text:
        before, _, after = text.partition(sent)
        told["around"] = (_kept(before, plain), _kept(after, plain))
    if orders is None:
        sent = write_json(_narrowed(detail) if _MAY_HAVE_LARGER(sent) else detail)
    return _written(sent, _member(envelope, told))


def _kept(text: bytes, plain: bool) -> str:
    return text.decode() if plain else text.decode().translate(_ESCAPED)


def _member(envelope: Envelope, told: dict[str, Any]) -> bytes:
    return write_json(
        Member(
            envelope.id,
            envelope.time,
            envelope.account,
            envelope.region,
            **told,
        )
    )


def _written(detail: bytes, member: bytes) -> str:
    comma = b"" if detail == b"{}" else b","
    return clean((b'%s%s"%s":%s}' % (detail[:-1], comma, MEMBER.encode(), member)).decode())


def _narrowed(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """The same without integers that no rule would compare; no event is too deep for it."""
    match value:
        case dict():
            return {name: _narrowed(item) for name, item in value.items()}
        case list():
            return [_narrowed(item) for item in value]
        case int() if value not in _INTEGERS:
            return float(value)
        case _:
            return value


def _moment(event: Event) -> datetime | None:
    """When it happened, in UTC: botocore overlooks other zones. The member has what it says."""
    try:
        time = event.time
        if time is None or time.tzinfo is UTC:
            return time
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (EventError, OverflowError):
        return None
