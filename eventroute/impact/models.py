"""A handler's model as a reader of events: what it refuses is what it really refuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from eventroute.casts import chains_to
from eventroute.dialects.modern import LATEST
from eventroute.errors import DeclarationError
from eventroute.event_type import declared_type
from eventroute.jsontext import pointer
from eventroute.registry import as_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from eventroute.casts import Cast
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.envelope import Event
    from eventroute.event_type import EventType
    from eventroute.registry import Contract

__all__ = ["Reader", "Refusal", "cast_refusal", "reader_of", "tried"]

_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event is not read.

    :ivar path: dotted path into the detail, without positions in arrays.
    :ivar cast: whether it is a cast that refuses it.
    :ivar said: the message of what was raised, which may differ from event to event.
    """

    path: str
    text: str
    cast: bool = False
    said: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Reader:
    """How one handler reads the events of one version.

    :ivar model: what reads their JSON: the handler's model, or that of the first cast.
    :ivar chain: casts from there to the handler's model.
    :ivar writes: the contract of what instances of the model are sent as; ``None`` without one.
    :ivar declared: the event type that the handler reads; ``None`` without one.
    """

    model: type[BaseModel]
    chain: tuple[Cast, ...]
    writes: Mapping[str, object] | None
    declared: EventType | None = None

    def refusal_of(self, event: Event, *, read_surely: bool = False) -> Refusal | None:
        """Read an event's detail as the handler does; ``None`` where it is given a payload.

        :param read_surely: whether events come from this very model, which reads what it wrote.
        """
        made = tried(lambda: self.model.model_validate_json(event.detail_json))
        if isinstance(made, Refusal):
            return None if read_surely else made
        return cast_refusal(self.chain, made)

    def reads(self) -> Mapping[str, object] | None:
        """The JSON Schema of what the model reads; ``None`` where it has none.

        What it reads may be more, as pydantic takes ``"1"`` for a number, or less, where validators
        are written in Python.
        """
        from pydantic.errors import (  # noqa: PLC0415  heavy
            PydanticInvalidForJsonSchema,
            PydanticUserError,
        )

        try:
            schema = self.model.model_json_schema(by_alias=True, mode="validation")
        except (PydanticInvalidForJsonSchema, PydanticUserError):
            return None
        return {"$schema": LATEST, **schema}


def reader_of(subscriber: Subscriber, contract: Contract) -> Reader | None:
    """How a subscriber's handler reads events of a contract; ``None`` where it takes them whole."""
    model = subscriber.handler.payload
    if model is None:
        return None
    declared = declared_type(model) or subscriber.event_type
    chain: tuple[Cast, ...] = ()
    if declared is not None and (declared.topic, declared.name) == (contract.topic, contract.type):
        chain = chains_to(declared).get(contract.version, ())
    if chain:
        first = chain[0].source
        return Reader(first.model, chain, _writes(first), declared)
    return Reader(model, (), _writes(declared), declared)


def cast_refusal(chain: tuple[Cast, ...], payload: object) -> Refusal | None:
    """Cast a payload along a chain; ``None`` where all goes well."""
    made = payload
    for cast in chain:
        made = tried(partial(cast, made))
        if isinstance(made, Refusal):
            said = f": {made.said}" if made.said else ""
            return Refusal("", f"{cast} fails: {made.text}{said}", cast=True)
    return None


def tried(read: Callable[[], object]) -> object:
    """What it returns, or else why it does not."""
    from pydantic import ValidationError  # noqa: PLC0415  heavy

    try:
        return read()
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        names = [part for part in first["loc"] if isinstance(part, str)]
        place = pointer(*first["loc"])
        return Refusal(".".join(names), f"{place}: {first['msg']}" if place else first["msg"])
    except Exception as error:  # validators and casts are the application's own code
        return Refusal("", f"it raises {type(error).__name__}", said=_first_line(error))


def _first_line(error: Exception) -> str:
    try:
        lines = str(error).splitlines()
    except Exception:  # an exception's text is the application's own code, too
        return ""
    return lines[0][:_LONGEST] if lines else ""


def _writes(declared: EventType | None) -> Mapping[str, object] | None:
    try:
        return None if declared is None else as_contract(declared).schema
    except DeclarationError:
        return None
