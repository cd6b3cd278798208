"""What draft-04 and OpenAPI 3.0 cannot say is left out on the safe side: more is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.dialects.lower import DRAFT_04, OPENAPI_30, lowered

NAMES_ARE_SHORT = {"propertyNames": {"maxLength": 1}}
"""Beyond both dialects."""


def translated(schema: dict[str, Any], target: Any = DRAFT_04) -> tuple[Any, bool]:  # noqa: ANN401
    definitions, name, exact = lowered(schema, "Whole", target)
    return definitions[name], exact


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"const": 1}, {"enum": [1]}),
        ({"enum": [1, 2, 1]}, {"enum": [1, 2]}),
        ({"enum": [1, 2], "const": 2}, {"enum": [1, 2], "allOf": [{"enum": [2]}]}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"minimum": 5, "exclusiveMinimum": 3}, {"minimum": 5}),
        ({"maximum": 3, "exclusiveMaximum": 3}, {"maximum": 3, "exclusiveMaximum": True}),
        ({"items": True}, {"items": {}}),
        ({"items": False}, {"items": {"not": {}}}),
        (
            {"prefixItems": [{"type": "string"}], "items": False},
            {"items": [{"type": "string"}], "additionalItems": False},
        ),
        (
            {"contains": {"type": "string"}},
            {"allOf": [{"not": {"type": "array", "items": {"not": {"type": "string"}}}}]},
        ),
        ({"contains": {"type": "string"}, "minContains": 0}, {}),
        (
            {"dependentRequired": {"a": ["b"]}},
            {
                "allOf": [
                    {"anyOf": [{"not": {"type": "object", "required": ["a"]}}, {"required": ["b"]}]}
                ]
            },
        ),
        (
            {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": False},
            {
                "allOf": [
                    {"anyOf": [{"not": {"required": ["a"]}}, {"required": ["b"]}]},
                    {"anyOf": [{"required": ["a"]}, {"not": {}}]},
                ]
            },
        ),
        ({"then": {"required": ["b"]}}, {}),
        ({"required": []}, {}),
        (
            {"patternProperties": {"^x": {"const": 1}}, "additionalProperties": False},
            {"patternProperties": {"^x": {"enum": [1]}}, "additionalProperties": False},
        ),
        ({"$comment": "x", "examples": [1], "title": "T"}, {"title": "T"}),
        ({"type": "integer"}, {"type": "number", "multipleOf": 1}),
        ({"type": ["integer", "null"]}, {"type": ["number", "null"], "multipleOf": 1}),
        ({"type": ["integer", "number"]}, {"type": "number"}),
        (
            {"type": "integer", "multipleOf": 0.5},
            {"type": "number", "multipleOf": 0.5, "allOf": [{"multipleOf": 1}]},
        ),
        ({"minItems": 1.0, "maxProperties": 2.0}, {"minItems": 1, "maxProperties": 2}),
        ({"enum": [1, 1.0, [1.0], [1]]}, {"enum": [1, [1.0]]}),
        ({"enum": []}, {"allOf": [{"not": {}}]}),
    ],
)
def test_draft_04_says_the_same_in_its_words(
    schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert translated(schema) == (expected, True)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": "null"}, {"type": "object", "nullable": True, "enum": [None]}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"type": ["string", "integer"]},
            {"allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}]},
        ),
        ({"examples": [1, 2], "deprecated": True}, {"example": 1, "deprecated": True}),
        ({"x-owner": "orders", "unknown": 1}, {"x-owner": "orders"}),
    ],
)
def test_openapi_says_the_same_in_its_words(
    schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert translated(schema, OPENAPI_30) == (expected, True)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (NAMES_ARE_SHORT, {}),
        ({"unevaluatedProperties": False}, {}),
        ({"not": NAMES_ARE_SHORT}, {}),
        ({"not": {"properties": {"a": NAMES_ARE_SHORT}}}, {}),
        ({"if": NAMES_ARE_SHORT, "then": {"required": ["a"]}}, {}),
        ({"if": NAMES_ARE_SHORT, "else": {"required": ["a"]}}, {}),
        (
            {"oneOf": [NAMES_ARE_SHORT, {"type": "object"}]},
            {"anyOf": [{}, {"type": "object"}]},
        ),
        (
            {"contains": {}, "maxContains": 2},
            {"allOf": [{"not": {"type": "array", "items": {"not": {}}}}]},
        ),
        ({"$dynamicRef": "#x"}, {}),
        ({"$ref": "https://example.com/x"}, {}),
    ],
)
def test_what_is_out_of_reach_is_left_out(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert translated(schema) == (expected, False)


def test_the_names_that_a_pattern_allows_are_left_open_in_openapi() -> None:
    schema = {"patternProperties": {"^x": True}, "additionalProperties": False}
    assert translated(schema, OPENAPI_30) == ({}, False)


def test_a_tuple_keeps_its_length_in_openapi() -> None:
    schema = {"prefixItems": [{"type": "string"}, True], "items": False}
    assert translated(schema, OPENAPI_30) == ({"items": {}, "maxItems": 2}, False)


def test_what_is_not_may_be_out_of_reach_elsewhere() -> None:
    """A definition that accepts more must not be negated."""
    schema = {"not": {"$ref": "#/$defs/Short"}, "$defs": {"Short": NAMES_ARE_SHORT}}
    assert translated(schema) == ({}, False)


def test_a_reference_leads_to_a_definition_wherever_it_led() -> None:
    schema = {
        "properties": {
            "a": {"type": "string"},
            "b": {"$ref": "#/properties/a"},
            "c": {"$ref": "#name"},
            "d": {"$ref": "#"},
        },
        "$defs": {"a b": {"$anchor": "name", "type": "null"}, "unused": {}},
    }
    definitions, name, exact = lowered(schema, "Whole", DRAFT_04)
    assert exact
    assert definitions[name]["properties"] == {
        "a": {"type": "string"},
        "b": {"$ref": "#/definitions/a"},
        "c": {"$ref": "#/definitions/a_b"},
        "d": {"$ref": "#/definitions/Whole"},
    }
    assert sorted(definitions) == ["Whole", "a", "a_b"]


@pytest.mark.parametrize(
    ("dialect", "schema"),
    [
        ("http://json-schema.org/draft-04/schema#", {"minimum": 1, "exclusiveMinimum": True}),
        ("http://json-schema.org/draft-04/schema#", {"items": [{}], "additionalItems": False}),
        ("http://json-schema.org/draft-07/schema#", {"items": [{}], "additionalItems": False}),
    ],
)
def test_draft_04_comes_back_from_older_drafts(dialect: str, schema: dict[str, Any]) -> None:
    assert translated({"$schema": dialect, **schema}) == (schema, True)


OLD = "http://json-schema.org/draft-04/schema#"


@pytest.mark.parametrize(
    ("dialect", "later"),
    [
        (OLD, {"const": 1}),
        (OLD, {"contains": {"type": "null"}}),
        (OLD, {"propertyNames": {"maxLength": 1}}),
        (OLD, {"properties": {}, "dependentRequired": {"a": ["b"]}}),
        ("http://json-schema.org/draft-06/schema#", {"if": {}, "then": {"required": ["a"]}}),
        ("http://json-schema.org/draft-07/schema#", {"unevaluatedProperties": False}),
        ("https://json-schema.org/draft/2019-09/schema", {"prefixItems": [{"type": "null"}]}),
    ],
)
def test_what_a_draft_does_not_know_means_nothing(dialect: str, later: dict[str, Any]) -> None:
    kept = {key: one for key, one in later.items() if key == "properties"}
    assert translated({"$schema": dialect, **later}) == (kept, True)
    named = {"$schema": dialect, "properties": {name: {} for name in later}}
    assert translated(named) == ({"properties": {name: {} for name in later}}, True)


def test_an_integer_of_draft_04_stays_one() -> None:
    assert translated({"$schema": OLD, "type": "integer"}) == ({"type": "integer"}, True)


def test_an_integer_of_draft_04_may_be_written_with_a_point_in_openapi() -> None:
    given = {"$schema": OLD, "type": "integer"}
    assert translated(given, OPENAPI_30) == ({"type": "integer"}, False)


def test_what_stands_beside_a_reference_counts_from_2019_on() -> None:
    beside = {"$ref": "#/$defs/T", "maxLength": 1, "$defs": {"T": {"type": "string"}}}
    assert translated(beside)[0] == {"maxLength": 1, "allOf": [{"$ref": "#/definitions/T"}]}
    old = {"$schema": "http://json-schema.org/draft-07/schema#", **beside}
    assert translated(old)[0] == {"$ref": "#/definitions/T"}


@pytest.mark.parametrize("keyword", ["oneOf", "not"])
def test_a_format_that_counts_refuses_nothing_more_where_it_is_an_annotation(keyword: str) -> None:
    draft = {"$schema": "http://json-schema.org/draft-07/schema#"}
    address = {"format": "ipv4"}
    schema = {**draft, keyword: [{}, address] if keyword == "oneOf" else address}
    expected = {"anyOf": [{}, address]} if keyword == "oneOf" else {}
    assert translated(schema, OPENAPI_30) == (expected, False)
    assert translated({**schema, **draft, "format": "ipv4"}, DRAFT_04)[1]
