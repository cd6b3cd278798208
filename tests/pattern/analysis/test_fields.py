"""What a schema says of the values at a path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from eventroute.pattern.analysis import Field, Fields

Look: TypeAlias = Callable[[dict[str, Any], str], Field]

STRING: dict[str, Any] = {"type": "string"}


def fields(*required: str, **properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def by_rule(schema: dict[str, Any], path: str) -> Field:
    return Fields(schema).tested(path.split("."))


def by_path(schema: dict[str, Any], path: str) -> Field:
    return Fields(schema).member(path.split("."))


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_a_required_member_is_declared_and_always_there(look: Look) -> None:
    schema = fields("a", a=fields("b", b={"type": "string", "format": "date"}))
    assert look(schema, "a.b") == Field(
        declared=True,
        kinds=frozenset(("string",)),
        always=True,
        formats=frozenset(("date",)),
        pointer="/properties/a/properties/b",
    )


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_an_optional_member_is_not_always_there(look: Look) -> None:
    assert look(fields(a=STRING), "a").always is False


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_a_member_below_an_optional_one_is_not_always_there(look: Look) -> None:
    assert look(fields(a=fields("b", b=STRING)), "a.b").always is False


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_a_member_that_is_allowed_but_not_named_is_undeclared(look: Look) -> None:
    found = look(fields(a=STRING), "b")
    assert (found.declared, "string" in found.kinds) == (False, True)


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_a_member_that_is_forbidden_is_undeclared_and_has_no_kind(look: Look) -> None:
    found = look({**fields(a=STRING), "additionalProperties": False}, "b")
    assert (found.declared, found.kinds) == (False, frozenset())


@pytest.mark.parametrize("look", [by_rule, by_path])
@pytest.mark.parametrize(
    "others", [{"patternProperties": {"^x": STRING}}, {"additionalProperties": STRING}]
)
def test_a_member_that_others_may_declare_is_left_open(look: Look, others: dict[str, Any]) -> None:
    assert look({**fields(a=STRING), **others}, "b").declared is None


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_a_member_of_one_alternative_is_declared(look: Look) -> None:
    assert look({"anyOf": [fields(a=STRING), fields(b=STRING)]}, "b").declared is True


@pytest.mark.parametrize("look", [by_rule, by_path])
def test_what_a_reference_to_elsewhere_may_declare_is_left_open(look: Look) -> None:
    schema = {"allOf": [fields(a=STRING), {"$ref": "https://example.org/other.json"}]}
    assert look(schema, "b").declared is None


def test_a_rule_sees_into_arrays_and_a_path_does_not() -> None:
    items = {"type": "array", "items": fields("b", b=STRING), "minItems": 1}
    schema = fields("a", a=items)
    assert by_rule(schema, "a.b").kinds == {"string"}
    assert by_path(schema, "a.b").kinds == frozenset()
    assert (by_rule(schema, "a.b").always, by_path(schema, "a.b").always) == (True, False)


def test_a_rule_sees_no_objects_and_a_path_does() -> None:
    schema = fields(a={"type": ["object", "string"]})
    assert by_rule(schema, "a").kinds == {"string"}
    assert by_path(schema, "a").kinds == {"object", "string"}


def test_a_member_with_a_dot_in_its_name_is_left_open() -> None:
    assert by_path(fields(**{"a.b": STRING}), "a.b").declared is None
