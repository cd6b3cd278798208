"""Plain examples of what a schema describes."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.samples import plain_sample

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}


def fields(*required: str, **properties: object) -> dict[str, Any]:
    """The schema of an object that may have other members, too."""
    return {"type": "object", "properties": properties, "required": list(required)}


FITTING: list[tuple[dict[str, Any], object]] = [
    ({"const": 7}, 7),
    ({"enum": ["a", "b"]}, "a"),
    ({"type": "string", "examples": ["KR-1"]}, "KR-1"),
    ({"type": "string", "minLength": 3}, "xxx"),
    ({"type": "string", "format": "date"}, "2024-02-29"),
    ({"type": ["null", "integer"]}, 1),
    ({"type": "integer", "minimum": 1.5}, 2),
    ({"type": "integer", "exclusiveMaximum": -3}, -4),
    ({"type": "number", "minimum": 5, "exclusiveMinimum": True}, 6),
    ({"type": "array", "minItems": 2, "items": {"const": 1}}, [1, 1]),
    ({"type": "array", "minItems": 2, "prefixItems": [{"const": 1}], "items": TEXT}, [1, "x"]),
    (fields("a", a=TEXT, b=NUMBER), {"a": "x"}),
    (fields("a", a={"$ref": "#/$defs/n"}) | {"$defs": {"n": NUMBER}}, {"a": 1}),
    ({"allOf": [fields("a", a=TEXT), fields("b", b=NUMBER)]}, {"a": "x", "b": 1}),
    ({"enum": ["a", "b"], "allOf": [{"enum": ["b", "c"]}]}, "b"),
    ({"type": ["string", "null"], "allOf": [{"type": "null"}]}, None),
    ({"type": "number", "minimum": 1.5, "allOf": [{"type": "integer"}]}, 2),
    ({"anyOf": [False, fields("a", a=TEXT)]}, {"a": "x"}),
    ({"$ref": "#here", "$defs": {"n": {"$anchor": "here", "const": 3}}}, 3),
]


@pytest.mark.parametrize(("schema", "expected"), FITTING)
def test_an_example_fits_what_it_was_made_from(schema: dict[str, Any], expected: object) -> None:
    assert plain_sample(schema, whole=False) == expected


def test_a_whole_example_has_members_that_are_optional() -> None:
    schema = fields("a", a=TEXT, b=fields(c={"type": "array", "items": NUMBER}))
    assert plain_sample(schema, whole=True) == {"a": "x", "b": {"c": [1]}}


@pytest.mark.parametrize("whole", [False, True])
def test_a_schema_that_refers_to_itself_ends(whole: bool) -> None:
    node = fields("next", next={"$ref": "#"}, other={"$ref": "#"})
    assert isinstance(plain_sample(node, whole=whole), dict)


def test_references_in_a_circle_end() -> None:
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert plain_sample(circle, whole=True) == "x"


@pytest.mark.parametrize("whole", [False, True])
def test_an_example_holds_no_member_that_nobody_asked_for(whole: bool) -> None:
    assert plain_sample({"type": "object"}, whole=whole) == {}


def test_elements_differ_where_they_must() -> None:
    alike = {"type": "array", "items": TEXT, "minItems": 2}
    assert plain_sample(alike, whole=False) == ["x", "x"]
    assert plain_sample({**alike, "uniqueItems": True}, whole=False) == ["x", "x1"]


def test_where_nothing_is_found_the_example_is_empty() -> None:
    assert plain_sample(fields("a", a=False), whole=False) == {}


def test_a_schema_of_endless_breadth_ends() -> None:
    wide = fields(*map(str, range(50)), **{str(n): {"$ref": "#"} for n in range(50)})
    assert isinstance(plain_sample(wide, whole=True), dict)
