"""Patterns and schemas that are made to be expensive are answered all the same, if less exactly."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.errors import ContractError
from eventroute.pattern import Pattern, PatternLimits
from eventroute.pattern.analysis import (
    Relation,
    check_against_schema,
    detail_schema,
    find_redundancies,
    relation,
)

DEEP = Pattern({".".join("a" * 128): [1]}, limits=PatternLimits(max_depth=128))
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def nested(keyword: str, levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {keyword: [schema] if keyword.endswith("Of") else schema}
    return schema


def endless() -> dict[str, Any]:
    schema: dict[str, Any] = {"properties": {}}
    schema["properties"]["a"] = schema
    return schema


SCHEMAS: dict[str, dict[str, Any]] = {
    "circle": {
        "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"allOf": [{"$ref": "#/$defs/x"}]}},
        "properties": {"a": {"$ref": "#/$defs/x"}},
    },
    "recursive": {
        "properties": {"a": {"anyOf": [{"$ref": "#"}, {"type": "array", "items": {"$ref": "#"}}]}}
    },
    "doubling": {
        "$schema": DRAFT,
        "$ref": "#/$defs/d0",
        "$defs": {
            f"d{level}": {
                "anyOf": [{"$ref": f"#/$defs/d{level + 1}"}] * 2 + [{"title": str(level)}]
            }
            for level in range(100)
        },
    },
    "product": {
        "allOf": [
            {"anyOf": [{"properties": {f"p{name}": {"const": value}}} for value in range(8)]}
            for name in range(40)
        ]
    },
    "arrays": {
        "properties": {"a": {"$ref": "#/$defs/d0"}},
        "$defs": {
            f"d{level}": {
                "type": "array",
                "minItems": 1,
                "items": {"$ref": f"#/$defs/d{level + 1}"},
            }
            for level in range(2000)
        },
    },
    "deep": {"properties": {"a": nested("allOf", 5000)}},
    "its own part": endless(),
}


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize(
    "pattern", [Pattern({"a": [{"exists": True}, 1]}), DEEP], ids=["a", "deep"]
)
def test_a_schema_that_has_no_end_gives_no_certainty(kind: str, pattern: Pattern) -> None:
    assert not any(each.pointer for each in check_against_schema(pattern, SCHEMAS[kind]))


def test_a_schema_that_is_too_deep_to_wrap_is_refused() -> None:
    for schema in (SCHEMAS["deep"], SCHEMAS["its own part"]):
        with pytest.raises(ContractError, match="200 levels deep"):
            detail_schema(schema)


def test_thousands_of_tests_are_compared_as_far_as_it_goes() -> None:
    first = Pattern({"a": [{"wildcard": f"a*{number}*x"} for number in range(2500)]})
    second = Pattern({"a": [{"wildcard": f"b*{number}*x"} for number in range(2500)]})
    assert relation(first, second) in (Relation.UNKNOWN, Relation.OVERLAPPING)
    assert find_redundancies(first)


def test_equal_alternatives_are_found_among_a_thousand() -> None:
    alternatives: list[dict[str, Any]] = [{"a": [number], "b": [number]} for number in range(1000)]
    assert (
        relation(Pattern({"$or": alternatives}), Pattern({"$or": alternatives[:0:-1]}))
        is Relation.SUBSUMES
    )


def test_the_deepest_patterns_are_compared() -> None:
    other = Pattern({".".join("a" * 128): [1, 2]}, limits=PatternLimits(max_depth=128))
    assert relation(DEEP, other) is Relation.SUBSUMED
