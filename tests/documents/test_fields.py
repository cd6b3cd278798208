"""The table of a contract's fields."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.documents.catalogue_page.fields import MOST_FIELDS, Field, fields_of


def rows(schema: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.path, one.type) for one in fields_of(schema)]


def exploding(keyword: str) -> dict[str, Any]:
    """Ten ways at each of thirty levels."""
    levels: dict[str, Any] = {
        f"l{n}": {keyword: [{"$ref": f"#/$defs/l{n + 1}", "title": str(way)} for way in range(10)]}
        for n in range(30)
    }
    return {"$ref": "#/$defs/l0", "$defs": {**levels, "l30": {"type": "object"}}}


def test_a_row_tells_what_a_field_is() -> None:
    schema = {
        "properties": {"n": {"type": "integer", "minimum": 1, "description": "How many."}},
        "required": ["n"],
    }
    assert fields_of(schema) == (Field("n", "integer", True, "How many.", ("≥ 1",)),)


def test_objects_and_arrays_are_followed() -> None:
    line = {"type": "object", "properties": {"sku": {"type": "string"}}}
    schema = {
        "properties": {
            "address": {"type": "object", "properties": {"zip": {"type": "string"}}},
            "lines": {"type": "array", "items": line},
        }
    }
    assert rows(schema) == [
        ("address", "object"),
        ("address.zip", "string"),
        ("lines", "array of object"),
        ("lines[].sku", "string"),
    ]


def test_a_reference_lends_its_name_and_its_description() -> None:
    schema = {
        "properties": {"to": {"$ref": "#/$defs/Address"}},
        "$defs": {
            "Address": {
                "type": "object",
                "description": "Where to.",
                "properties": {"zip": {"type": "string"}},
            }
        },
    }
    assert [(one.path, one.type, one.description) for one in fields_of(schema)] == [
        ("to", "Address", "Where to."),
        ("to.zip", "string", ""),
    ]


def test_a_circle_is_shown_once() -> None:
    schema = {
        "properties": {"root": {"$ref": "#/$defs/Node"}},
        "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}},
    }
    assert rows(schema) == [("root", "Node"), ("root.next", "Node")]


def test_null_beside_another_type_is_said_in_the_type() -> None:
    schema = {
        "properties": {"a": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]}}
    }
    (field,) = fields_of(schema)
    assert (field.type, field.constraints) == ("string or null", ("up to 3 characters",))


def test_alternatives_are_told_apart() -> None:
    schema = {
        "properties": {"by": {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Cash"}]}},
        "$defs": {
            "Card": {"type": "object", "properties": {"number": {"type": "string"}}},
            "Cash": {"type": "object"},
        },
    }
    assert rows(schema) == [("by", "Card or Cash"), ("by (Card).number", "string")]


def test_all_parts_of_a_value_count() -> None:
    schema = {"allOf": [{"properties": {"a": {"type": "string"}}}, {"required": ["a"]}]}
    assert [(one.path, one.required) for one in fields_of(schema)] == [("a", True)]


def test_members_of_any_name_have_a_row() -> None:
    schema = {
        "additionalProperties": {"type": "number"},
        "patternProperties": {"^x-": {"type": "string"}},
    }
    assert rows(schema) == [("/^x-/", "string"), ("*", "number")]


@pytest.mark.parametrize(
    ("schema", "phrases"),
    [
        ({"enum": ["a", 1]}, ['one of "a", 1']),
        ({"const": None}, ["always null"]),
        ({"default": False}, ["default false"]),
        ({"type": "string", "pattern": "^a$"}, ["matches ^a$"]),
        (
            {"type": "array", "uniqueItems": True, "minItems": 2},
            ["2 or more elements", "no element twice"],
        ),
        ({"type": "object", "additionalProperties": False}, ["no other members"]),
        ({"enum": list(range(30))}, [f"one of {', '.join(map(str, range(20)))}, or 10 more"]),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, ["≥ 1"]),
    ],
)
def test_constraints_are_phrases(schema: dict[str, Any], phrases: list[str]) -> None:
    (field,) = fields_of({"properties": {"a": schema}})
    assert list(field.constraints) == phrases


def test_a_table_has_an_end() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(20):
        deep = {"properties": {"a": deep}}
    assert len(fields_of(deep)) < 20
    wide = {"properties": {f"m{n}": {"type": "string"} for n in range(1000)}}
    assert len(fields_of(wide)) == MOST_FIELDS


def test_what_cannot_be_followed_has_no_rows() -> None:
    assert fields_of({"properties": {"a": {"$ref": "#/nowhere"}}}) == ()


def test_alternatives_that_multiply_come_to_an_end() -> None:
    assert isinstance(fields_of(exploding("oneOf")), tuple)
