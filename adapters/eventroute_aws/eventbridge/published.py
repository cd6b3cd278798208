"""From what EventBridge wrote into a queue back to what was published."""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from eventroute.envelope import Event
from eventroute.errors import EventRouteError
from eventroute.port import NO_HEADERS, REPLAYED
from eventroute_aws.eventbridge.archive.names import moment_of
from eventroute_aws.eventbridge.member import MEMBER, Envelope, Member, restored, write_json
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


def _envelope(delivered: _Delivered, member: Member) -> bytes:
    if member.claim:
        detail = b"{}"
    elif member.detail is not None:
        detail = member.detail.encode()
    else:
        detail, exact = restored(delivered.detail, member)
        if not exact:
            logger.warning("the detail of the event %.200s was changed on its way", member.id)
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
        raise EventRouteError("the envelope is of another source")
    return text
