"""From a declared event type to its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.contract import Contract, schema_text
from eventroute.dialects import contract_in, is_event_document
from eventroute.event_type import EventType, event_type_of

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["Contract", "as_contract", "schema_text"]


def as_contract(source: Contract | EventType | type[BaseModel]) -> Contract:
    """Return the contract that an event type, or a model decorated with ``@event``, stands for.

    One whose schema is a document of whole events, such as OpenAPI's, becomes that of the detail.

    :raises DeclarationError: the model is not an event type, or has no JSON Schema.
    :raises ContractError: the document is about another event, or cannot be read.
    """
    if isinstance(source, Contract):
        if not is_event_document(source.schema):
            return source
        return contract_in(
            source.schema,
            topic=source.topic,
            type=source.type,
            version=source.version,
            where=f"the contract {source}",
        )
    declared = source if isinstance(source, EventType) else event_type_of(source)
    from eventroute.registry.model_schema import schema_of  # noqa: PLC0415  pydantic is heavy

    return Contract(declared.topic, declared.name, declared.version, schema_of(declared.model))
