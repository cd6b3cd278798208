"""Event types: which topic, name and version a pydantic model stands for, and its JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from eventroute.envelope import Event, compose, exact_number, wrap
from eventroute.errors import DeclarationError, EventError
from eventroute.event_ids import new_id, new_ids
from eventroute.jsontext import pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from pydantic import BaseModel

    from eventroute.casts import Cast

__all__ = [
    "LATEST",
    "EventType",
    "as_event",
    "as_events",
    "declared_type",
    "event",
    "event_type_of",
    "is_pydantics",
]

ModelT = TypeVar("ModelT", bound="BaseModel")

LATEST: Final = 999_999_999
"""The highest version of a contract that there can be."""

_ATTRIBUTE: Final = "__eventroute_type__"
_CONSTANTS: Final = "constants"  # with which pydantic writes NaN, and so no JSON
_write_json: Final = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True)
class EventType:
    """What ``@event`` declares.

    :ivar topic: the event's ``source``.
    :ivar name: the event's ``detail-type``.
    :ivar version: version of the contract, from 1.
    :ivar model: the pydantic model of ``detail``.
    :ivar casts: make a payload of this version out of one of another version.
    """

    topic: str
    name: str
    version: int
    model: type[BaseModel] = field(repr=False)
    casts: list[Cast] = field(default_factory=list, init=False, repr=False, compare=False)

    # Read late: a model with forward references has no complete schema when it is declared.
    @cached_property
    def _value_kinds(self) -> frozenset[str]:
        return frozenset(_kinds(self.model.__pydantic_core_schema__))

    @cached_property
    def _may_hide_numbers(self) -> bool:
        return not self._value_kinds.isdisjoint(("decimal", "any", _CONSTANTS))

    @cached_property
    def _has_floats(self) -> bool:
        return "float" in self._value_kinds

    @cached_property
    def is_plain(self) -> bool:
        """Whether what is written needs no check: pydantic writes it, and the names are texts."""
        texts = type(self.topic) is str and type(self.name) is str
        return texts and is_pydantics(self.model, "model_dump_json")

    def encode(self, payload: BaseModel) -> bytes:
        """Write a payload as the JSON text of ``detail``.

        Decimals are written as JSON numbers, not as the strings that pydantic would write, so
        that ``numeric`` patterns see them.

        :raises EventError: a number that JSON cannot carry exactly, with its place.
        """
        if self.is_plain:
            # Without pydantic's own wrapper, which makes a text of the bytes.
            text = payload.__pydantic_serializer__.to_json(payload, by_alias=True)
        else:
            text = payload.model_dump_json(by_alias=True).encode()
        # `in` first asks of which number the bytes are, and takes twice as long.
        if self._may_hide_numbers or (self._has_floats and text.find(b"null") >= 0):
            plain = payload.model_dump(mode="json", by_alias=True)
            rich = payload.model_dump(mode="python", by_alias=True)
            return _write_json(_with_numbers(plain, rich, "/detail"))
        return text

    def decode(self, text: bytes) -> BaseModel:
        """Read ``detail`` into the model.

        :raises pydantic.ValidationError: the text does not fit the model.
        """
        return self.model.model_validate_json(text)


def event(topic: str, name: str, *, version: int = 1) -> Callable[[type[ModelT]], type[ModelT]]:
    """Declare a pydantic model as an event type.

    >>> from pydantic import BaseModel
    >>> @event("shop.orders", "OrderPlaced", version=1)
    ... class OrderPlaced(BaseModel):
    ...     order_id: str

    :param topic: the event's ``source``, such as ``"shop.orders"``. Events of those that begin with
        ``aws.`` are published by AWS, and EventBridge accepts them from nobody else.
    :param name: the event's ``detail-type``; at most 128 characters.
    :param version: version of the contract, from 1 to 999,999,999.
    :raises DeclarationError: a name that cannot be used, or not a pydantic model.
    """
    for what, value, longest in (("topic", topic, 256), ("name", name, 128)):
        if not isinstance(value, str) or not value or len(value) > longest:
            raise DeclarationError(
                f"@event: the {what} must be a string of 1 to {longest} characters, not {value!r}"
            )
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= LATEST:
        raise DeclarationError(
            f"@event: the version of {name!r} must be a whole number from 1 to {LATEST:,}, not "
            f"{version!r}"
        )

    def declare(model: type[ModelT]) -> type[ModelT]:
        if not hasattr(model, "model_validate_json"):
            raise DeclarationError(
                f"@event: {getattr(model, '__name__', model)!r} is not a pydantic model; "
                "derive it from pydantic.BaseModel"
            )
        declared = EventType(topic, name, version, model)
        setattr(model, _ATTRIBUTE, declared)
        return model

    return declare


def event_type_of(model: type[object]) -> EventType:
    """Return what ``@event`` declared for a model.

    :raises DeclarationError: the class was not decorated. A subclass of a declared type is a
        type of its own and needs its own declaration.
    """
    declared = declared_type(model)
    if declared is None:
        raise _undeclared(model)
    return declared


def declared_type(model: type[object]) -> EventType | None:
    """As :func:`event_type_of`, with ``None`` for a class that is not an event type."""
    declared = getattr(model, _ATTRIBUTE, None)
    # A subclass inherits the attribute, and is no event type.
    return declared if isinstance(declared, EventType) and declared.model is model else None


def as_event(
    payload: BaseModel,
    *,
    id: str | None = None,  # noqa: A002  the envelope's own name
    time: datetime | None = None,
    resources: tuple[str, ...] = (),
) -> Event:
    """Put a payload into an envelope, ready to be published or matched.

    :param id: the event's id, for a caller that has one; a random UUID when left out.
    :param time: when it happened, with a time zone; now when left out.
    :param resources: ARNs that the event concerns.
    :raises DeclarationError: the payload's class is not an event type.
    :raises EventError: the payload cannot be written as JSON.
    """
    if id is None and time is None and not resources:
        return _as_event(payload, new_id())
    declared = _declared(payload)
    detail = declared.encode(payload)
    made = compose(declared.topic, declared.name, detail, id=id, time=time, resources=resources)
    made.contract_version = declared.version
    return made


def as_events(payloads: Iterable[BaseModel | Event]) -> list[Event]:
    """Put each payload into an envelope, as :func:`as_event` does; events stay as they are."""
    given = [*payloads]
    return [
        one if isinstance(one, Event) else _as_event(one, name)
        for one, name in zip(given, new_ids(len(given)), strict=True)
    ]


def _as_event(
    payload: BaseModel,
    id: str,  # noqa: A002  the envelope's own name
) -> Event:
    declared = _declared(payload)
    put = wrap if declared.is_plain else compose
    made = put(declared.topic, declared.name, declared.encode(payload), id=id)
    made.contract_version = declared.version
    return made


def _declared(payload: BaseModel) -> EventType:
    declared = declared_type(type(payload))
    if declared is None:
        raise _refusal(payload)
    return declared


def _refusal(payload: object) -> DeclarationError:
    if isinstance(payload, type):
        return DeclarationError(f"{payload.__name__} is a class; publish an instance of it")
    if not hasattr(payload, "model_dump_json"):
        return DeclarationError(
            f"a {type(payload).__name__} cannot be published; pass an Event, or an instance of a "
            "pydantic model declared with @event"
        )
    return _undeclared(type(payload))


def _undeclared(model: type[object]) -> DeclarationError:
    return DeclarationError(
        f"{model.__name__} is not an event type; decorate it with "
        f'@event("TOPIC", "{model.__name__}", version=1)'
    )


def is_pydantics(model: type[object], method: str) -> bool:
    """Whether a class is a pydantic model that has no way of its own to do something."""
    from pydantic import BaseModel  # noqa: PLC0415  loaded with the model, if this is one

    owners = [one for one in model.__mro__ if method in vars(one)]
    return owners[:1] == [BaseModel]


def _kinds(schema: object) -> Iterator[str]:
    """Every ``type`` named anywhere in a pydantic core schema, and how it writes NaN."""
    pending = [schema]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            kind = item.get("type")
            if isinstance(kind, str):
                yield kind
            if item.get("ser_json_inf_nan") == _CONSTANTS:
                yield _CONSTANTS
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)


def _with_numbers(plain: Any, rich: Any, place: str) -> Any:  # noqa: ANN401  any JSON value
    """Put the Decimals of ``rich`` back where ``plain`` has their text."""
    if isinstance(rich, Decimal):
        # Another text is what a serializer of the model's own made of it.
        return exact_number(rich, place) if plain == str(rich) else plain
    if isinstance(rich, float) and not isfinite(rich):
        raise EventError(f"{rich} is not JSON; send None or leave it out", pointer=place)
    if isinstance(plain, dict) and isinstance(rich, dict) and len(plain) == len(rich):
        return {
            name: _with_numbers(value, rich_value, place + pointer(name))
            for (name, value), rich_value in zip(plain.items(), rich.values(), strict=True)
        }
    if (
        isinstance(plain, list)
        and isinstance(rich, Collection)
        and not isinstance(rich, Mapping | str)
        and len(plain) == len(rich)
    ):
        return [
            _with_numbers(value, rich_value, f"{place}/{index}")
            for index, (value, rich_value) in enumerate(zip(plain, rich, strict=True))
        ]
    return plain
