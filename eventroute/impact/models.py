"""A handler's model as a reader of events: what it refuses is what it really refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute.errors import DeclarationError
from eventroute.jsontext import pointer
from eventroute.registry import as_contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from eventroute.envelope import Event
    from eventroute.event_type import EventType

__all__ = ["Refusal", "input_schema", "refusal_of", "writes"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model does not read an event.

    :ivar path: dotted path into the detail, without positions in arrays.
    """

    path: str
    text: str


def refusal_of(model: type[BaseModel], event: Event) -> Refusal | None:
    """Read the event's detail as a handler would; ``None`` where the model takes it."""
    from pydantic import ValidationError  # noqa: PLC0415  heavy

    try:
        model.model_validate_json(event.detail_json)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        names = [part for part in first["loc"] if isinstance(part, str)]
        place = pointer(*first["loc"])
        return Refusal(".".join(names), f"{place}: {first['msg']}" if place else first["msg"])
    except Exception as error:
        return Refusal("", f"it raises {type(error).__name__}")
    return None


def input_schema(model: type[BaseModel]) -> Mapping[str, object] | None:
    """The JSON Schema of what the model reads; ``None`` where it has none.

    What it reads may be more, as pydantic takes ``"1"`` for a number, or less, where validators
    are written in Python.
    """
    from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError  # noqa: PLC0415

    try:
        return model.model_json_schema(by_alias=True, mode="validation")
    except (PydanticInvalidForJsonSchema, PydanticUserError):
        return None


def writes(declared: EventType | None) -> Mapping[str, object] | None:
    """The contract of what instances of a declared model are sent as; ``None`` without one."""
    try:
        return None if declared is None else as_contract(declared).schema
    except DeclarationError:
        return None
