"""An example fits its contract, or there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eventroute.registry import FileRegistry
from eventroute.registry.validation import Checker
from eventroute.samples import checked_sample
from eventroute.samples.errors import CannotMakeError
from eventroute.samples.maker import Maker

NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"const": 1}}}


def test_an_example_of_the_contract_is_shown_before_one_that_is_made_up() -> None:
    schema = {"required": ["a"], "examples": [{"b": 1}, {"a": "given"}]}
    assert checked_sample(schema) == {"a": "given"}


def test_an_example_that_breaks_its_contract_is_not_shown() -> None:
    schema = {"type": "object", "properties": {"a": {"const": 2}}, "examples": [{"a": 1}]}
    assert checked_sample(schema) == {"a": 2}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "minLength": 6}, "textxx"),
        ({"type": "string", "maxLength": 2}, "xt"),
        ({"type": "string", "format": "date-time"}, "2026-01-31T12:00:00Z"),
        ({"type": "string", "examples": ["KR"]}, "KR"),
        ({"type": "string", "default": "JP"}, "JP"),
        ({"enum": ["red", "green"]}, "red"),
        ({"enum": ["red", None], "type": ["string", "null"], "allOf": [{"type": "null"}]}, None),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 7}, 7),
        ({"type": "integer", "exclusiveMaximum": -3}, -4),
        ({"type": "number", "exclusiveMinimum": 1, "maximum": 2}, 1.01),
        ({"type": "number", "multipleOf": 0.25, "minimum": 1.1}, 1.25),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": ["null", "boolean"]}, True),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 2]),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True},
            ["a", "b"],
        ),
        ({"type": "array", "prefixItems": [{"const": "x"}, {"type": "integer"}]}, ["x", 1]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"name1": 1}),
        ({"allOf": [{"type": "integer", "minimum": 3}, {"minimum": 5}]}, 5),
        ({"allOf": [{"type": "integer", "maximum": 0.5}, {"maximum": -3}]}, -3),
        ({"type": "string", "allOf": [{"minted": {"by": 1}}, {"minted": {"by": 2}}]}, "text"),
        ({"type": "string", "allOf": [{"maxim": "x"}, {"maxim": 3}]}, "text"),
        ({"type": "integer", "maximum": 10**5_000}, 1),
        ({"$ref": "#/$defs/zip"}, "00000"),
    ],
)
def test_a_member_is_made_up(member: dict[str, Any], expected: object) -> None:
    schema = {
        "properties": {"a": member},
        "$defs": {"zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
    }
    assert checked_sample(schema) == {"a": expected}


def test_a_member_that_can_have_no_value_is_left_out() -> None:
    schema = {"properties": {"a": {"not": {}}, "b": {"const": 1}}, "required": ["b"]}
    assert checked_sample(schema) == {"b": 1}


def test_what_refers_to_itself_comes_to_an_end() -> None:
    schema = {"$ref": "#/$defs/node", "$defs": {"node": NODE}}
    made = checked_sample(schema)
    assert made is not None
    assert made["v"] == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": False}, "required": ["a"]},
        {"required": ["a"], "properties": {"a": {"$ref": "#/properties/a"}}},
        {"$ref": "https://example.com/elsewhere"},
        {"properties": {"a": {"type": "integer", "minimum": 10**5_000}}, "required": ["a"]},
        {"properties": {"a": {"minimum": 10**400, "multipleOf": 0.3}}, "required": ["a"]},
        {"type": "nonsense"},
        {"type": "string"},
    ],
)
def test_where_nothing_fits_there_is_no_example(schema: dict[str, Any]) -> None:
    assert checked_sample(schema) is None


def test_every_contract_of_the_shop_has_an_example(root: Path) -> None:
    for contract in FileRegistry(root / "schemas"):
        made = checked_sample(contract.schema)
        assert made is not None
        assert Checker(contract.schema, str(contract)).violations(made) == []


@pytest.mark.parametrize("keyword", ["allOf", "anyOf"])
def test_making_an_example_comes_to_an_end(keyword: str) -> None:
    levels: dict[str, Any] = {
        f"l{n}": {keyword: [{"$ref": f"#/$defs/l{n + 1}"}, {"$ref": f"#/$defs/l{n + 1}"}]}
        for n in range(30)
    }
    schema = {
        "properties": {"a": {"$ref": "#/$defs/l0"}},
        "required": ["a"],
        "$defs": {**levels, "l30": False},
    }
    with pytest.raises(CannotMakeError):
        Maker(schema).detail()
