"""From what EventBridge wrote into a queue back to what was published."""

from __future__ import annotations

from logging import getLogger
from math import inf
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from eventroute.envelope import Event
from eventroute.errors import EventRouteError
from eventroute.port import NO_HEADERS, REPLAYED
from eventroute_aws.eventbridge.archive.names import moment_of
from eventroute_aws.eventbridge.member import MEMBER, Envelope, Member, clean, restored, write_json
from eventroute_aws.message_attributes import read_headers

if TYPE_CHECKING:
    from eventroute.port import Headers

__all__ = ["Published", "published"]

logger: Final = getLogger("eventroute.aws")

_MEMBER: Final = f'"{MEMBER}"'.encode()
_REPLAY: Final = b'"replay-name"'


class Published(NamedTuple):
    """An event as it was published.

    :ivar claim: pointer to the whole event, if the envelope is without its detail.
    """

    body: bytes
    headers: Headers
    claim: str | None = None


class _Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What EventBridge writes: of our own, the detail has the reserved member."""

    detail_type: str = msgspec.field(name="detail-type")
    source: str
    resources: tuple[str, ...] = ()
    detail: dict[str, Any]
    replay_name: str = msgspec.field(name="replay-name", default="")


_read: Final = msgspec.json.Decoder(_Delivered).decode
_read_detail: Final = msgspec.json.Decoder().decode


def published(body: bytes) -> Published | None:
    """The event that EventBridge delivers in this text.

    A replayed one has the header `REPLAYED`: when the replay was asked for, as its name tells, or
    the name of one that others started. What others published, such as AWS services, has the text
    in which it came.

    :returns: ``None`` where there is nothing that the text would not say by itself.
    """
    if _MEMBER not in body and _REPLAY not in body:
        return None
    try:
        delivered = _read(body)
        member = msgspec.convert(delivered.detail.pop(MEMBER, None), Member | None)
        if member is None:
            return _foreign(body, delivered)
        envelope = _envelope(delivered, member)
        if envelope is None:
            return Published(_without_member(body), NO_HEADERS)
    except (msgspec.MsgspecError, EventRouteError, UnicodeDecodeError, RecursionError):
        return None  # it only looks like one
    headers = read_headers(member.headers)
    if delivered.replay_name:
        headers = {**headers, REPLAYED: _asked(delivered.replay_name)}
    return Published(envelope, headers, member.claim or None)


def _foreign(body: bytes, delivered: _Delivered) -> Published | None:
    if not delivered.replay_name:
        return None
    return Published(body, {**NO_HEADERS, REPLAYED: _asked(delivered.replay_name)})


def _asked(replay: str) -> str:
    moment = moment_of(replay)
    return replay if moment is None else moment.isoformat()


def _envelope(delivered: _Delivered, member: Member) -> bytes | None:
    """The envelope as it was published; ``None`` where our member stands in another detail.

    A target that publishes again what it was given, changed, does that: an event of its own.
    """
    if member.claim:
        detail = b"{}"
        if delivered.detail:
            return None
    elif member.detail is not None:
        detail = member.detail.encode()
        if not _alike(_read_detail(detail), delivered.detail):
            return None
    else:
        detail, exact = restored(delivered.detail, member)
        if not exact:
            return None
    if member.around is None:
        return write_json(
            Envelope(
                id=member.id,
                detail_type=delivered.detail_type,
                source=delivered.source,
                account=member.account,
                time=member.time,
                region=member.region,
                resources=delivered.resources,
                detail=msgspec.Raw(detail),
            )
        )
    text = member.around[0].encode() + detail + member.around[1].encode()
    event = Event.from_trusted_json(text)
    # A bus may let somebody publish some sources only: the member must not name another one.
    if (event.source, event.detail_type) != (delivered.source, delivered.detail_type):
        return None
    return text


def _without_member(body: bytes) -> bytes:
    logger.info("an event has the member %s of another one, which is left out", MEMBER)
    envelope = msgspec.json.decode(body)
    del envelope["detail"][MEMBER]
    return write_json(envelope)


def _alike(one: Any, other: Any) -> bool:  # noqa: ANN401  any JSON value
    """Whether two values differ only by what EventBridge, or a publisher for it, may change.

    That is how numbers are written, and characters that SQS does not take.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        sent = {clean(name): value for name, value in one.items()}
        came = {clean(name): value for name, value in other.items()}
        return sent.keys() == came.keys() and all(_alike(sent[name], came[name]) for name in sent)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, str) and isinstance(other, str):
        return clean(one) == clean(other)
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if numbers and not isinstance(one, bool) and not isinstance(other, bool):
        return _double(one) == _double(other)
    return type(one) is type(other) and one == other


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf
