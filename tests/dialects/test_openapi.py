"""Documents of OpenAPI 3 become contracts of the detail, and contracts become such documents."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from eventroute.contract import Contract
from eventroute.dialects import contract_in, event_document
from eventroute.envelope import Event
from eventroute.errors import ContractError, ContractViolationError
from eventroute.registry import MemoryRegistry

ENVELOPE = {
    name: {"type": "string"}
    for name in ("account", "detail-type", "id", "region", "source", "version")
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"version": "1.0.0", "title": "ObjectCreated"},
    "paths": {},
    "components": {
        "schemas": {
            "AWSEvent": {
                "type": "object",
                "required": [*ENVELOPE, "resources", "time", "detail"],
                "x-amazon-events-detail-type": "Object Created",
                "x-amazon-events-source": "aws.s3",
                "properties": {
                    "detail": {"$ref": "#/components/schemas/ObjectCreated"},
                    **ENVELOPE,
                },
            },
            "ObjectCreated": {
                "type": "object",
                "required": ["bucket"],
                "properties": {
                    "bucket": {"$ref": "#/components/schemas/Bucket"},
                    "reason": {"type": "string", "nullable": True, "example": "PutObject"},
                    "size": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                },
            },
            "Bucket": {
                "type": "object",
                "discriminator": {"propertyName": "kind"},
                "xml": {"name": "bucket"},
                "properties": {"name": {"type": "string"}},
            },
            "Unused": {"type": "integer"},
        }
    },
}


def changed(**schemas: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"].update(schemas)
    return document


def test_the_detail_of_a_document_becomes_plain_json_schema() -> None:
    assert contract_in(DOCUMENT).schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["bucket"],
        "properties": {
            "bucket": {"$ref": "#/$defs/Bucket"},
            "reason": {"type": ["string", "null"], "examples": ["PutObject"]},
            "size": {"type": "number", "exclusiveMinimum": 0},
        },
        "$defs": {"Bucket": {"type": "object", "properties": {"name": {"type": "string"}}}},
    }


def test_the_document_names_the_event() -> None:
    contract = contract_in(DOCUMENT)
    assert str(contract) == "aws.s3/Object Created/1"


@pytest.mark.parametrize(
    ("detail", "place"),
    [
        ({"bucket": {"name": "b"}, "reason": None, "size": 1}, None),
        ({"bucket": {"name": 1}}, "/bucket/name"),
        ({"bucket": {}, "reason": 1}, "/reason"),
        ({"bucket": {}, "size": 0}, "/size"),
    ],
)
def test_events_are_checked_by_what_the_document_says(
    detail: dict[str, object], place: str | None
) -> None:
    registry = MemoryRegistry([contract_in(DOCUMENT)])
    event = Event("aws.s3", "Object Created", detail)
    if place is None:
        registry.validate(event)
    else:
        with pytest.raises(ContractViolationError, match=f"at {place}"):
            registry.validate(event)


def test_null_needs_a_type_beside_it() -> None:
    """As OpenAPI 3.0.3 clarifies: nullable alone allows nothing."""
    document = changed(Bucket={"nullable": True, "allOf": [{"type": "object"}]})
    registry = MemoryRegistry([contract_in(document)])
    with pytest.raises(ContractViolationError, match="/bucket"):
        registry.validate(Event("aws.s3", "Object Created", {"bucket": None}))


def test_openapi_3_1_is_json_schema_already() -> None:
    document = changed(Bucket={"type": ["object", "null"], "exclusiveMinimum": 3})
    document["openapi"] = "3.1.0"
    schema: Any = contract_in(document).schema
    assert schema["$defs"]["Bucket"] == {"type": ["object", "null"], "exclusiveMinimum": 3}


def test_a_schema_may_contain_itself() -> None:
    node = {"properties": {"next": {"$ref": "#/components/schemas/ObjectCreated"}}}
    schema: Any = contract_in(changed(ObjectCreated=node)).schema
    again = {"next": {"$ref": "#/$defs/ObjectCreated"}}
    assert schema["properties"] == again
    assert schema["$defs"]["ObjectCreated"]["properties"] == again


def test_a_detail_may_stand_in_the_event_itself() -> None:
    event = {
        "x-amazon-events-detail-type": "T",
        "x-amazon-events-source": "t",
        "properties": {"detail": {"type": "object", "nullable": True}},
    }
    assert contract_in(changed(AWSEvent=event)).schema["type"] == ["object", "null"]


@pytest.mark.parametrize(
    ("schemas", "says"),
    [
        ({"AWSEvent": None}, 'no schema "AWSEvent"'),
        ({"AWSEvent": {"properties": {}}}, "x-amazon-events-source is missing"),
        (
            {"AWSEvent": {"x-amazon-events-detail-type": "T", "x-amazon-events-source": "t"}},
            'no property "detail"',
        ),
        ({"Bucket": {"$ref": "http://example.com/x"}}, "leads to no component"),
        ({"Bucket": {"$ref": "#/components/schemas/Bukket"}}, "leads to no component"),
        ({"ObjectCreated": {"$ref": "#/components/schemas/ObjectCreated"}}, "back to itself"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(schemas: dict[str, Any], says: str) -> None:
    with pytest.raises(ContractError, match=says):
        contract_in(changed(**schemas))


def test_a_document_about_another_event_is_refused() -> None:
    with pytest.raises(ContractError, match=r"is 'aws\.s3', not 'aws\.ec2'"):
        contract_in(DOCUMENT, topic="aws.ec2")


def test_a_document_in_draft_04_is_read_as_well() -> None:
    document = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "x-amazon-events-detail-type": "T",
        "x-amazon-events-source": "t",
        "properties": {"detail": {"$ref": "#/definitions/T"}},
        "definitions": {
            "T": {"properties": {"a": {"$ref": "#/definitions/Text"}}},
            "Text": {"type": "string"},
        },
    }
    registry = MemoryRegistry([contract_in(document)])
    with pytest.raises(ContractViolationError, match="/a"):
        registry.validate(Event("t", "T", {"a": 1}))


PLACED = Contract(
    "shop.orders",
    "Order Placed",
    3,
    {
        "type": "object",
        "required": ["total"],
        "properties": {
            "total": {"type": "number", "exclusiveMinimum": 0},
            "coupon": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "note": {"type": ["string", "null"]},
            "kind": {"const": "web"},
            "billing": {"$ref": "#/$defs/Address", "description": "where the bill goes"},
        },
        "$defs": {"Address": {"type": "object", "properties": {"city": {"type": "string"}}}},
    },
)


def test_a_contract_becomes_a_document_of_openapi() -> None:
    document = event_document(PLACED)
    schemas = document["components"]["schemas"]
    assert document["openapi"] == "3.0.0"
    assert schemas["AWSEvent"]["x-amazon-events-source"] == "shop.orders"
    assert schemas["AWSEvent"]["x-amazon-events-detail-type"] == "Order Placed"
    assert schemas["AWSEvent"]["properties"]["detail"] == {
        "$ref": "#/components/schemas/Order_Placed"
    }
    assert schemas["Order_Placed"]["properties"] == {
        "total": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        "coupon": {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "nullable": True, "enum": [None]},
            ]
        },
        "note": {"type": "string", "nullable": True},
        "kind": {"enum": ["web"]},
        "billing": {
            "description": "where the bill goes",
            "allOf": [{"$ref": "#/components/schemas/Address"}],
        },
    }
    assert schemas["Address"]["properties"] == {"city": {"type": "string"}}


def test_a_contract_becomes_a_document_of_draft_04() -> None:
    document = event_document(PLACED, "JSONSchemaDraft4")
    assert document["$schema"] == "http://json-schema.org/draft-04/schema#"
    assert document["properties"]["detail"] == {"$ref": "#/definitions/Order_Placed"}
    assert document["definitions"]["Order_Placed"]["properties"]["note"] == {
        "type": ["string", "null"]
    }


@pytest.mark.parametrize("form", ["OpenApi3", "JSONSchemaDraft4"])
def test_a_document_with_the_original_gives_the_contract_back(form: Any) -> None:  # noqa: ANN401
    unsayable = Contract("t", "T", 2, {"unevaluatedProperties": False, "propertyNames": {}})
    assert contract_in(event_document(unsayable, form, original=True)) == unsayable


@pytest.mark.parametrize(
    ("kept", "says"), [("{", "cannot be read"), ("[]", "not the text"), ({}, "not the text")]
)
def test_an_original_that_was_damaged_is_refused(kept: object, says: str) -> None:
    document = event_document(PLACED, original=True)
    document["components"]["schemas"]["AWSEvent"]["x-eventroute-schema"] = kept
    with pytest.raises(ContractError, match=f"x-eventroute-schema.*{says}"):
        contract_in(document)


def test_a_type_of_the_name_of_the_envelope_keeps_apart_from_it() -> None:
    document = event_document(Contract("t", "AWSEvent", 1, {"type": "object"}))
    assert sorted(document["components"]["schemas"]) == ["AWSEvent", "AWSEvent_2"]
    assert contract_in(document).schema["type"] == "object"


def test_a_document_nested_too_deeply_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(10_000):
        schema = {"items": schema}
    with pytest.raises(ContractError, match="nested too deeply"):
        event_document(Contract("t", "T", 1, schema))
    with pytest.raises(ContractError, match="nested too deeply"):
        contract_in(changed(ObjectCreated=schema))
