"""JSON Schema in the words of another dialect: 2020-12, draft-04, OpenAPI 3."""

from eventroute.dialects.events import Format, contract_in, event_document, is_event_document

__all__ = ["Format", "contract_in", "event_document", "is_event_document"]
