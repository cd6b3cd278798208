"""The envelope: an event in EventBridge's own JSON shape, kept byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from math import isfinite
from time import time as clock
from typing import Any, Final, Self, final

import msgspec

from eventroute.errors import EventError, LimitExceededError
from eventroute.event_ids import new_id
from eventroute.jsontext import MAX_BYTES, encode_utf8, guard, parse, pointer

__all__ = ["Event", "compose", "described", "exact_number", "wrap"]


class _Head(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The members of an envelope, in the order EventBridge writes them; ``detail`` unread."""

    version: str = "0"
    id: str
    detail_type: str = msgspec.field(name="detail-type")
    source: str
    account: str = ""
    time: str = ""
    region: str = ""
    resources: tuple[str, ...] = ()
    detail: msgspec.Raw


_BRACE: Final = ord("{")
_WRITTEN_AS_THEY_ARE: Final = frozenset({str, int, bool, type(None)})
_read_head: Final = msgspec.json.Decoder(_Head).decode
_read_json: Final = msgspec.json.Decoder().decode
_write_json: Final = msgspec.json.Encoder(decimal_format="number").encode


@final
class Event:
    """One event: ``id``, ``source``, ``detail-type``, ``time``, ``resources`` and ``detail``.

    An event *is* its JSON text. What was read with :meth:`from_json` is sent on as the same
    bytes, with members that eventroute does not know, and numbers as they were written.
    Treat it as immutable: ``detail`` is one shared object.

    :ivar contract_version: which version of its type's contract it fits, where that is known. It is
        no part of the text and does not count when events are compared; it travels as a header.

    Shape: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """

    __slots__ = ("__dict__", "__weakref__", "_head", "_json")

    contract_version: int | None = None

    def __init__(
        self,
        source: str,
        detail_type: str,
        detail: Mapping[str, object],
        *,
        id: str | None = None,  # noqa: A002  the envelope's own name
        time: datetime | None = None,
        resources: tuple[str, ...] = (),
        account: str = "",
        region: str = "",
    ) -> None:
        """Make a new event.

        :param source: the topic, such as ``"shop.orders"``.
        :param detail_type: the event type, such as ``"OrderPlaced"``.
        :param detail: the payload: a mapping of JSON values. Decimals become JSON numbers.
        :param id: unique name of the event; a random UUID when left out.
        :param time: when it happened, with a time zone; now when left out. EventBridge keeps
            whole seconds, so eventroute does too.
        :raises EventError: a member has the wrong type, or ``detail`` cannot be written as JSON.
        :raises LimitExceededError: it is larger than any event may be: 1 MiB.
        """
        try:
            text = _write_json(detail)
        except (TypeError, ValueError, RecursionError) as error:
            if not isinstance(error, RecursionError):  # else it may contain itself
                _check_values(detail)
            raise EventError(f"cannot be written as JSON: {error}", pointer="/detail") from error
        _check_values(detail)
        made = compose(
            source,
            detail_type,
            text,
            id=id,
            time=time,
            resources=resources,
            account=account,
            region=region,
        )
        self._json: bytes = made._json
        self._head: _Head = made._head

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read an envelope that a stranger wrote, strictly.

        :param text: one JSON object with at least ``id``, ``source``, ``detail-type`` and
            ``detail``. Unknown members are kept.
        :raises JSONTextError: not UTF-8, not JSON, too large, too deep, a duplicate member, NaN.
        :raises EventError: JSON, but not the shape of an event.
        """
        parse(text)
        return cls.from_trusted_json(encode_utf8(text))

    @classmethod
    def from_trusted_json(cls, data: bytes) -> Self:
        """Read an envelope that this library wrote, such as one that a queue kept.

        Bounded like :meth:`from_json`, but ``detail`` stays unread until someone asks for it.

        :raises JSONTextError: too large or too deep.
        :raises EventError: not the shape of an event.
        """
        guard(data)
        return cls._of(data, _checked_head(data))

    @classmethod
    def _of(cls, data: bytes, head: _Head) -> Self:
        event = cls.__new__(cls)
        event._json = data
        event._head = head
        return event

    @property
    def id(self) -> str:
        """Unique name of the event; idempotency rests on it."""
        return self._head.id

    @property
    def source(self) -> str:
        """The topic."""
        return self._head.source

    @property
    def detail_type(self) -> str:
        """The name of the event type."""
        return self._head.detail_type

    @property
    def account(self) -> str:
        """AWS account, or ``""``."""
        return self._head.account

    @property
    def region(self) -> str:
        """AWS region, or ``""``."""
        return self._head.region

    @property
    def resources(self) -> tuple[str, ...]:
        """ARNs that the event concerns."""
        return self._head.resources

    @cached_property
    def time(self) -> datetime | None:
        """When it happened, with time zone; ``None`` where the envelope has no time.

        :raises EventError: the member is not an RFC 3339 time.
        """
        if not self._head.time:
            return None
        try:
            return datetime.fromisoformat(self._head.time)
        except ValueError:
            raise EventError(
                f"{self._head.time!r} is not an RFC 3339 time", pointer="/time"
            ) from None

    @cached_property
    def detail(self) -> dict[str, Any]:
        """The payload as JSON values.

        :raises EventError: an envelope that was trusted holds what is no JSON after all.
        """
        return _read_object(self._head.detail)

    @property
    def detail_json(self) -> bytes:
        """The payload as the JSON text that was sent."""
        return bytes(self._head.detail)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The whole envelope as JSON values: what an event pattern sees."""
        return _read_object(self._json)

    def apart(self) -> Event:
        """The same event as another object: who changes ``detail`` there does not change it here.

        It says nothing of the version of its contract.
        """
        return Event._of(self._json, self._head)

    def to_json(self) -> bytes:
        """The envelope as JSON text, byte for byte as it was read."""
        return self._json

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __repr__(self) -> str:
        return f"<Event {self.source} {self.detail_type} id={self.id}>"

    def __reduce__(self) -> tuple[Any, ...]:
        read = (type(self).from_trusted_json, (self._json,))
        version = self.contract_version
        return read if version is None else (*read, {"contract_version": version})


def compose(
    source: str,
    detail_type: str,
    detail: bytes,
    *,
    id: str | None = None,  # noqa: A002  the envelope's own name
    time: datetime | None = None,
    resources: tuple[str, ...] = (),
    account: str = "",
    region: str = "",
) -> Event:
    """Make an event around a detail that is JSON text already. Parameters as for `Event`."""
    if time is not None and (not isinstance(time, datetime) or time.tzinfo is None):
        raise EventError(
            f"{time!r} is no time with a time zone; write datetime(..., tzinfo=UTC)",
            pointer="/time",
        )
    if isinstance(resources, str):
        raise EventError("takes a tuple of ARNs, not one string", pointer="/resources")
    head = _Head(
        id=new_id() if id is None else id,
        source=source,
        detail_type=detail_type,
        detail=msgspec.Raw(detail),
        account=account,
        time=_now(int(clock())) if time is None else _written(time),
        region=region,
        resources=tuple(resources),
    )
    # Reading it back checks the types that the caller passed.
    return Event.from_trusted_json(_written_head(head))


def wrap(
    source: str,
    detail_type: str,
    detail: bytes,
    id: str,  # noqa: A002  the envelope's own name
) -> Event:
    """Make a new event around a detail, as `compose` does, sparing what needs no check.

    :param source: a text that is not empty, and so ``detail_type`` and ``id``.
    :param detail: what a writer of JSON made.
    """
    if detail[:1] != b"{":
        return compose(source, detail_type, detail, id=id)  # which says what is wrong
    head = _Head(
        id=id,
        source=source,
        detail_type=detail_type,
        detail=msgspec.Raw(detail),
        time=_now(int(clock())),
    )
    text = _written_head(head)
    guard(text)
    return Event._of(text, head)  # pyright: ignore[reportPrivateUsage]  its own module


def _written_head(head: _Head) -> bytes:
    try:
        text = _write_json(head)
    except (TypeError, ValueError) as error:  # a lone surrogate, or a type that is not JSON
        raise EventError(f"cannot be written as JSON: {error}") from None
    if len(text) > MAX_BYTES:
        raise LimitExceededError(
            f"the event {head.id} ({head.source}, {head.detail_type}) has {len(text):,} bytes, and "
            f"no event has more than {MAX_BYTES:,}; store the payload elsewhere and publish where"
        )
    return text


def described(event: Event) -> str:
    """Which event it is, for messages."""
    return f"the event {event.id} ({event.source}, {event.detail_type})"


def _written(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=1)
def _now(second: int) -> str:
    """The current second, which most events share with the one before."""
    return _written(datetime.fromtimestamp(second, UTC))


def _read_object(text: bytes | msgspec.Raw) -> dict[str, Any]:
    try:
        value: dict[str, Any] = _read_json(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EventError(f"not JSON: {error}") from None
    return value


def exact_number(value: Decimal, place: str) -> Decimal:
    """Return a number that a JSON reader will read back as the same.

    :raises EventError: it has more digits than a double holds, or is not finite.
    """
    if not value.is_finite() or Decimal(repr(float(value))) != value:
        raise EventError(
            f"the decimal {value} has more digits than a JSON number carries safely (15 to 17); "
            "round it, or send it as a string",
            pointer=place,
        )
    return value


def _check_values(detail: Mapping[str, object]) -> None:
    """Refuse what the writer would change without a word."""
    if _is_plain(detail):
        return
    pending: list[tuple[str, object]] = [("/detail", detail)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, float) and not isfinite(value):
            raise EventError(f"{value} is not JSON; send null or leave it out", pointer=place)
        if isinstance(value, Decimal):
            exact_number(value, place)
        elif isinstance(value, Mapping):
            for name, item in value.items():
                if not isinstance(name, str):
                    raise EventError(f"the member name {name!r} is not a string", pointer=place)
                pending.append((place + pointer(name), item))
        elif isinstance(value, list | tuple | set | frozenset):
            pending.extend((f"{place}/{index}", item) for index, item in enumerate(value))


def _is_plain(detail: Mapping[str, object]) -> bool:
    """Whether the writer changes nothing, at a glance: to know every place takes six times as long.

    Most payloads have only such values; of others, nothing is said.
    """
    pending: list[Any] = [detail]
    for value in pending:  # which grows meanwhile
        kind = type(value)
        if kind is dict:
            for name in value:
                if type(name) is not str:
                    return False
            pending += value.values()
        elif kind is list:
            pending += value
        elif not (kind in _WRITTEN_AS_THEY_ARE or (kind is float and isfinite(value))):
            return False
    return True


def _checked_head(data: bytes) -> _Head:
    try:
        head = _read_head(data)
    except msgspec.ValidationError as error:
        raise _shape_error(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EventError(f"not JSON: {error}") from None
    if not (head.source and head.detail_type and head.id):
        members = {"source": head.source, "detail-type": head.detail_type, "id": head.id}
        empty = next(name for name, value in members.items() if not value)
        raise EventError("must not be empty", pointer=pointer(empty))
    if memoryview(head.detail)[0] != _BRACE:
        raise EventError("must be a JSON object", pointer="/detail")
    return head


def _shape_error(error: msgspec.ValidationError) -> EventError:
    """Turn msgspec's ``… - at `$.resources[0]` `` into a JSON pointer."""
    message, _, path = str(error).partition(" - at `$")
    steps = path.rstrip("`").replace("[", ".").replace("]", "").split(".")
    return EventError(message, pointer=pointer(*(step for step in steps if step)))
