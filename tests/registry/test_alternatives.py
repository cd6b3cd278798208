"""Where a contract offers alternatives, the one that the sender meant is reported."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.registry.validation import Checker


def violations(schema: dict[str, Any], detail: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.pointer, one.message) for one in Checker(schema, "t/T/1").violations(detail)]


def test_an_optional_object_is_read_as_the_object_that_it_is() -> None:
    inner = {"type": "object", "required": ["x", "y"]}
    schema = {"properties": {"a": {"anyOf": [{"type": "null"}, inner]}}}

    assert [pointer for pointer, _ in violations(schema, {"a": {}})] == ["/a/x", "/a/y"]


def test_a_value_of_no_accepted_type_names_them_all() -> None:
    schema = {"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}

    assert violations(schema, {"a": 5}) == [("/a", "must be a string or null, not 5")]


SHAPES: dict[str, Any] = {
    "$defs": {
        "empty": {"properties": {"kind": {"const": "empty"}}},
        "circle": {
            "required": ["x", "y", "r"],
            "properties": {"kind": {"const": "circle"}, "r": {"type": "number"}},
        },
    },
    "oneOf": [{"$ref": "#/$defs/empty"}, {"$ref": "#/$defs/circle"}],
}


def test_a_tag_decides_even_against_fewer_failures() -> None:
    found = violations(SHAPES, {"kind": "circle", "r": "wide"})

    assert [pointer for pointer, _ in found] == ["/r", "/x", "/y"]


@pytest.mark.parametrize(
    "references", [("#/$defs/pl%61in", "#/$defs/Gr%C3%B6%C3%9Fe"), ("#p", "#g")]
)
def test_a_tag_decides_however_the_alternatives_are_referred_to(
    references: tuple[str, str],
) -> None:
    schema = {
        "$defs": {
            "plain": {"$anchor": "p", **SHAPES["$defs"]["empty"]},
            "Größe": {"$anchor": "g", **SHAPES["$defs"]["circle"]},
        },
        "oneOf": [{"$ref": reference} for reference in references],
    }
    found = violations(schema, {"kind": "circle", "r": "wide"})

    assert [pointer for pointer, _ in found] == ["/r", "/x", "/y"]


def test_a_wrong_tag_names_every_tag_there_is() -> None:
    found = violations(SHAPES, {"kind": "square", "x": 1, "y": 1, "r": 1})

    assert found == [("/kind", 'must be one of "empty", "circle", not "square"')]


def test_without_tags_the_alternative_with_the_fewest_failures_counts() -> None:
    schema = {
        "anyOf": [
            {"required": ["a", "b", "c"]},
            {"required": ["d"], "properties": {"e": {"type": "string"}}},
        ]
    }

    assert [pointer for pointer, _ in violations(schema, {"d": 1, "e": 1})] == ["/e"]


def test_values_that_are_listed_one_by_one_are_named_together() -> None:
    schema = {"properties": {"a": {"anyOf": [{"const": "x"}, {"const": "y"}]}}}

    assert violations(schema, {"a": "z"}) == [("/a", 'must be one of "x", "y", not "z"')]
