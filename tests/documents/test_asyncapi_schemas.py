"""A contract in an AsyncAPI document accepts what it accepts alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, validators
from referencing.jsonschema import EMPTY_REGISTRY

from eventroute.documents.asyncapi3.schemas import embed
from eventroute.errors import ContractError

MODERN = "https://json-schema.org/draft/2020-12/schema"
OLDER = "https://json-schema.org/draft/2019-09/schema"
SEVEN = "http://json-schema.org/draft-07/schema#"
FOUR = "http://json-schema.org/draft-04/schema#"

TRANSLATED: list[tuple[dict[str, Any], list[Any]]] = [
    (
        {
            "$schema": MODERN,
            "$id": "urn:example:order",
            "properties": {"a": {"$ref": "#/$defs/a b~1c", "minLength": 2}},
            "$defs": {"a b/c": {"type": "string", "maxLength": 3}},
        },
        [{"a": "x"}, {"a": "xx"}, {"a": "xxxx"}, {"a": 1}, {}],
    ),
    (
        {"$schema": MODERN, "prefixItems": [{"type": "string"}, True], "items": {"type": "number"}},
        [["a", None], ["a", None, 1], ["a", None, "b"], [1], []],
    ),
    ({"$schema": MODERN, "items": False, "prefixItems": [True]}, [[1], [1, 2]]),
    ({"$schema": OLDER, "items": [True], "additionalItems": False}, [[1], [1, 2]]),
    ({"$schema": SEVEN, "items": [True], "additionalItems": False}, [[1], [1, 2]]),
    (
        {
            "$schema": MODERN,
            "dependentRequired": {"a": ["b"]},
            "dependentSchemas": {"c": {"required": ["d"]}},
        },
        [{}, {"a": 1}, {"a": 1, "b": 1}, {"c": 1}, {"c": 1, "d": 1}],
    ),
    (
        {
            "$schema": MODERN,
            "$ref": "#node",
            "$defs": {
                "n": {
                    "$anchor": "node",
                    "type": "object",
                    "properties": {"next": {"$ref": "#node"}},
                    "required": ["value"],
                }
            },
        },
        [{"value": 1}, {"value": 1, "next": {}}, {"value": 1, "next": {"value": 2}}],
    ),
    (
        {
            "$schema": MODERN,
            "$dynamicAnchor": "tree",
            "type": "object",
            "properties": {"children": {"items": {"$dynamicRef": "#tree"}}},
        },
        [{}, {"children": [{}]}, {"children": [1]}],
    ),
    (
        {
            "$schema": MODERN,
            "$id": "https://example.com/root",
            "properties": {"a": {"$ref": "other"}},
            "$defs": {"o": {"$id": "other", "$ref": "#/$defs/x", "$defs": {"x": {"const": 1}}}},
        },
        [{"a": 1}, {"a": 2}],
    ),
    (
        {"$schema": SEVEN, "$ref": "#/definitions/a", "type": "string", "definitions": {"a": True}},
        [1, "a"],
    ),
    (
        {"$schema": FOUR, "minimum": 1, "exclusiveMinimum": True, "const": 3, "if": False},
        [1, 2, 3],
    ),
    ({"$schema": FOUR, "maximum": 1, "exclusiveMaximum": False}, [1, 2]),
    (
        {"$schema": MODERN, "properties": {"$ref": {"const": 1}, "if": {"const": 2}}, "madeUp": {}},
        [{"$ref": 1}, {"$ref": 2}, {"if": 3}],
    ),
    (
        {
            "$schema": MODERN,
            "discriminator": {"propertyName": "kind"},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
            "propertyNames": {"pattern": "^[ab]$"},
        },
        [{"a": 1}, {"a": 1, "b": 1}, {"c": 1}],
    ),
    (
        {
            "$schema": MODERN,
            "if": {"required": ["a"]},
            "then": {"required": ["b"]},
            "contains": {"const": 1},
            "not": {"const": 5},
        },
        [{}, {"a": 1}, {"a": 1, "b": 1}, [1], [2], 5],
    ),
]
KEPT: list[tuple[dict[str, Any], list[Any]]] = [
    (
        {
            "$schema": MODERN,
            "allOf": [{"$ref": "#/$defs/a"}],
            "unevaluatedProperties": False,
            "$defs": {"a": {"properties": {"a": True}}},
        },
        [{"a": 1}, {"b": 1}],
    ),
    ({"$schema": OLDER, "contains": {"const": 1}, "minContains": 2}, [[1], [1, 1]]),
]


def accepts(schema: dict[str, Any], value: object) -> bool:
    validator: Any = validators.validator_for(schema)
    return bool(validator(schema, registry=EMPTY_REGISTRY).is_valid(value))


@pytest.mark.parametrize(("schema", "values"), TRANSLATED)
def test_what_draft_07_can_say_is_a_schema_of_the_document(
    schema: dict[str, Any], values: list[Any]
) -> None:
    embedded = embed(schema, "#/components/schemas/Order.v1")
    document = {"$ref": embedded.place, "components": {"schemas": {"Order.v1": embedded.component}}}
    assert embedded.format is None
    Draft7Validator.check_schema(dict(embedded.component))
    for value in values:
        assert Draft7Validator(document).is_valid(value) == accepts(schema, value), value


@pytest.mark.parametrize(("schema", "values"), KEPT)
def test_what_draft_07_cannot_say_keeps_its_format(
    schema: dict[str, Any], values: list[Any]
) -> None:
    embedded = embed(schema, "#/components/schemas/Order.v1")
    year = "2020-12" if schema["$schema"] == MODERN else "2019-09"
    assert embedded.format == f"application/schema+json;version=draft-{year}"
    document = {
        "$schema": schema["$schema"],
        "$ref": embedded.place,
        "components": {"schemas": {"Order.v1": embedded.component}},
    }
    for value in values:
        assert accepts(document, value) == accepts(schema, value), value


def test_a_dynamic_reference_with_two_possible_ends_is_refused() -> None:
    anchor: dict[str, Any] = {"$dynamicAnchor": "n"}
    schema = {
        "$schema": MODERN,
        "$defs": {"a": {"$id": "a", **anchor}, "b": {"$id": "b", **anchor}},
        "$ref": "a",
        "properties": {"x": {"$dynamicRef": "b#n"}},
    }
    with pytest.raises(ContractError, match="depends on the event"):
        embed(schema, "#/components/schemas/Order.v1")


def test_a_schema_that_is_nested_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    schema["not"] = schema
    with pytest.raises(ContractError, match="levels deep"):
        embed(schema, "#/components/schemas/Order.v1")


def test_valid_schemas_of_others_mean_the_same_in_a_document(shared: Path) -> None:
    lines = (shared / "conformance/schema_compatibility.jsonl").read_text("utf-8").splitlines()
    texts = {
        json.dumps(case[side], sort_keys=True)
        for case in map(json.loads, lines)
        for side in ("old", "new")
        if isinstance(case[side], dict)
    }
    values = [0, 1.5, "a", "abc", None, [], ["a", "a"], [1, 2, 3], {}, {"a": 1}, {"a": "x", "b": 2}]
    for text in sorted(texts):
        schema = json.loads(text)
        validator: Any = validators.validator_for(schema, default=Draft202012Validator)
        if not validator(validator.META_SCHEMA).is_valid(schema):
            continue
        embedded = embed(schema, "#/components/schemas/X")
        assert embedded.format is None
        document = {"$ref": embedded.place, "components": {"schemas": {"X": embedded.component}}}
        inside = Draft7Validator(document)
        alone = validator(schema, registry=EMPTY_REGISTRY)
        for value in values:
            assert inside.is_valid(value) == alone.is_valid(value), (text, value)
