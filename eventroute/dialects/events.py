"""Documents of whole events, as EventBridge's schema registry keeps them.

A document describes the envelope, and names the event in ``x-amazon-events-source`` and
``x-amazon-events-detail-type``; its ``detail`` is what a contract is about. The form is that of
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schemas-infer-from-json.html.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from eventroute.contract import Contract, schema_text
from eventroute.dialects.lower import DRAFT_04, OPENAPI_30, lowered
from eventroute.dialects.openapi import component_schema, is_openapi
from eventroute.errors import ContractError, JSONTextError
from eventroute.jsontext import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Format", "contract_in", "event_document", "is_event_document"]

Format: TypeAlias = Literal["JSONSchemaDraft4", "OpenApi3"]

SOURCE: Final = "x-amazon-events-source"
DETAIL_TYPE: Final = "x-amazon-events-detail-type"
VERSION: Final = "x-eventroute-version"
SCHEMA: Final = "x-eventroute-schema"
_MAX_BYTES: Final = 8 << 20
_DRAFT_04: Final = "http://json-schema.org/draft-04/schema#"
_SHARED: Final = ("$schema", "definitions", "$defs")
"""What a detail needs of the document around it."""

_TEXT: Final = {"type": "string"}
_ENVELOPE: Final[dict[str, object]] = {
    "account": _TEXT,
    "detail-type": _TEXT,
    "id": _TEXT,
    "region": _TEXT,
    "resources": {"type": "array", "items": _TEXT},
    "source": _TEXT,
    "time": {"type": "string", "format": "date-time"},
    "version": _TEXT,
}


def event_document(
    contract: Contract,
    format: Format = "OpenApi3",  # noqa: A002  AWS's word
    *,
    whole: Mapping[str, object] | None = None,
    original: bool = False,
) -> dict[str, Any]:
    """Describe the events of a contract as a document for EventBridge.

    Neither format can say all that JSON Schema 2020-12 can. What is out of reach is left out, so
    that the document accepts every event that fits the contract, and perhaps more.

    :param whole: the schema with everything that it refers to inside; the contract's own where it
        refers to no other contract.
    :param original: keep the contract's schema in the document, as JSON text, so that
        :func:`contract_in` gives it back. As a text, because its references would lead nowhere.
    :raises ContractError: nested too deeply, or not JSON.
    """
    target = OPENAPI_30 if format == "OpenApi3" else DRAFT_04
    definitions, name, _ = lowered(whole or contract.schema, contract.type, target)
    event: dict[str, Any] = {
        "type": "object",
        "required": sorted([*_ENVELOPE, "detail"]),
        SOURCE: contract.topic,
        DETAIL_TYPE: contract.type,
        VERSION: contract.version,
        **({SCHEMA: _text(contract)} if original else {}),
        "properties": {"detail": {"$ref": target.prefix + name}, **_ENVELOPE},
    }
    if format == "OpenApi3":
        return {
            "openapi": "3.0.0",
            "info": {"version": f"{contract.version}.0.0", "title": contract.type},
            "paths": {},
            "components": {"schemas": {"AWSEvent": event, **definitions}},
        }
    return {
        "$schema": _DRAFT_04,
        "title": contract.type,
        **event,
        "definitions": definitions,
    }


def is_event_document(document: Mapping[str, object]) -> bool:
    """Whether it describes whole events rather than their details."""
    return is_openapi(document) or DETAIL_TYPE in document or SOURCE in document


def contract_in(
    document: Mapping[str, object],
    *,
    topic: str | None = None,
    type: str | None = None,  # noqa: A002  the domain's word
    version: int | None = None,
    unnumbered: int = 1,
    where: str = "the document",
) -> Contract:
    """Read the contract of ``detail`` out of a document of OpenAPI 3 or draft-04.

    What an event document of eventroute's keeps of the original is given back as it was.

    :param topic: where the document names none; otherwise it must be the same.
    :param type: likewise.
    :param version: likewise.
    :param unnumbered: the version where neither says.
    :param where: the document, for messages.
    :raises ContractError: it describes no event, names none or another one, or cannot be read.
    """
    event = _event_in(document, where)
    named = (
        _one(event.get(SOURCE), topic, f"{where}: {SOURCE}"),
        _one(event.get(DETAIL_TYPE), type, f"{where}: {DETAIL_TYPE}"),
    )
    number = event.get(VERSION)
    if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
        raise ContractError(f"{where}: {VERSION} is {str(number)[:100]!r}; must be a whole number")
    if number is not None and version is not None and number != version:
        raise ContractError(f"{where}: {VERSION} is {number}, not {version}; correct one of them")
    text = event.get(SCHEMA)
    schema = _detail_of(document, event, where) if text is None else _original(text, where)
    return Contract(*named, number or version or unnumbered, schema)


def _text(contract: Contract) -> str:
    schema_text(contract)  # refuses what is not JSON
    return json.dumps(contract.schema, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _original(text: object, where: str) -> dict[str, Any]:
    try:
        schema = parse(text, max_bytes=_MAX_BYTES) if isinstance(text, str) else None
    except JSONTextError as error:
        raise ContractError(f"{where}: {SCHEMA} cannot be read: {error}") from None
    if not isinstance(schema, dict):
        raise ContractError(f"{where}: {SCHEMA} is not the text of a JSON object")
    return schema


def _event_in(document: Mapping[str, object], where: str) -> Mapping[str, Any]:
    if not is_openapi(document):
        return document
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    event = schemas.get("AWSEvent") if isinstance(schemas, dict) else None
    if not isinstance(event, dict):
        raise ContractError(
            f'{where} describes no event: it has no schema "AWSEvent" among its components'
        )
    return event


def _one(said: object, expected: str | None, what: str) -> str:
    if said is None and expected is not None:
        return expected
    if not isinstance(said, str) or not said:
        raise ContractError(f"{what} is missing; name the event there")
    if expected is not None and said != expected:
        raise ContractError(
            f"{what} is {said[:200]!r}, not {expected[:200]!r}; correct one of them"
        )
    return said


def _detail_of(
    document: Mapping[str, object], event: Mapping[str, Any], where: str
) -> dict[str, Any]:
    named = event.get("properties")
    detail = named.get("detail") if isinstance(named, dict) else None
    if not isinstance(detail, dict):
        raise ContractError(f'{where} describes no event: it has no property "detail"')
    if is_openapi(document):
        return component_schema(document, detail, where)
    shared = {key: document[key] for key in ("$schema", "definitions", "$defs") if key in document}
    return {**detail, **shared} if shared else dict(detail)
