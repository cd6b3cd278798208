"""A pattern against the schema of its events: what never matches, what always does."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.errors import ContractError
from eventroute.pattern import Pattern
from eventroute.pattern.analysis import Verdict, check_against_schema, detail_schema

ITEM = {
    "type": "object",
    "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}},
    "required": ["sku"],
    "additionalProperties": False,
}
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
CARD = {
    "properties": {"by": {"const": "card"}, "number": {"type": "string"}},
    "required": ["by", "number"],
    "additionalProperties": False,
}
BANK = {
    "properties": {"by": {"const": "bank"}, "account": {"type": "string"}},
    "required": ["by", "account"],
    "additionalProperties": False,
}
ORDER: dict[str, Any] = {
    "$schema": DRAFT_2020,
    "$defs": {"Item": ITEM},
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 2, "maxLength": 8},
        "country": {"enum": ["KR", "JP"]},
        "version": {"const": 1},
        "total": {"type": "number", "minimum": 0, "exclusiveMaximum": 100},
        "count": {"type": "integer"},
        "gift": {"type": "boolean"},
        "coupon": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 1},
        "tags": {"type": "array", "items": {"type": "string"}},
        "payment": {"type": "object", "oneOf": [CARD, BANK]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "extra": {"type": "object"},
        "dotted.name": {"type": "integer"},
    },
    "required": ["id", "country", "version", "total", "items"],
}


def verdicts(pattern: dict[str, Any], schema: dict[str, Any] = ORDER) -> dict[str, str]:
    """Verdict by pointer, but for the one of the whole pattern."""
    found = check_against_schema(Pattern(pattern), schema)
    return {each.pointer: each.verdict.value for each in found if each.pointer}


def operator(name: str, operand: object) -> list[Any]:
    return [{name: operand}]


NEVER: list[dict[str, Any]] = [
    {"country": ["US"]},
    {"country": operator("prefix", "k")},
    {"country": operator("anything-but", ["KR", "JP"])},
    {"country": operator("exists", False)},
    {"country": {"code": ["KR"]}},
    {"version": [2]},
    {"version": [True]},
    {"total": ["5"]},
    {"total": operator("numeric", ["<", 0])},
    {"total": operator("numeric", [">=", 100])},
    {"total": [100]},
    {"total": operator("prefix", "1")},
    {"count": [2.5]},
    {"count": operator("numeric", [">", 1, "<", 2])},
    {"gift": ["true"]},
    {"gift": [None]},
    {"id": ["123456789"]},
    {"id": ["1"]},
    {"id": operator("wildcard", "12345*6789")},
    {"id": operator("equals-ignore-case", "a")},
    {"id": operator("anything-but", {"wildcard": "*"})},
    {"id": operator("numeric", [">", 0])},
    {"coupon": [5]},
    {"items": [{"exists": True}]},
    {"items": {"colour": ["red"]}},
    {"items": {"quantity": [0]}},
    {"items": {"sku": operator("exists", False)}},
    {"tags": [1]},
    {"tags": {"name": ["x"]}},
    {"labels": {"any": [1]}},
]


@pytest.mark.parametrize("pattern", NEVER, ids=str)
def test_no_event_passes(pattern: dict[str, Any]) -> None:
    found = check_against_schema(Pattern(pattern), ORDER)
    assert {each.verdict for each in found} == {Verdict.NEVER}
    assert [each.pointer for each in found][-1] == ""


ALWAYS: list[dict[str, Any]] = [
    {"id": operator("exists", True)},
    {"id": operator("prefix", "")},
    {"id": operator("anything-but", 5)},
    {"country": ["KR", "JP"]},
    {"country": operator("anything-but", "US")},
    {"version": [1]},
    {"total": operator("numeric", [">=", 0])},
    {"total": operator("numeric", [">", -1, "<", 100])},
    {"items": {"sku": operator("exists", True)}},
    {"gift": [True, False, {"exists": False}]},
    {"coupon": [None, {"prefix": ""}, {"exists": False}]},
    {"country.code": operator("exists", False)},
]


@pytest.mark.parametrize("pattern", ALWAYS, ids=str)
def test_every_event_passes(pattern: dict[str, Any]) -> None:
    assert list(verdicts(pattern).values()) in (["always"], ["always", "never"])
    assert not any(not each.pointer for each in check_against_schema(Pattern(pattern), ORDER))


SILENT: list[dict[str, Any]] = [
    {"total": operator("numeric", [">", 50])},
    {"count": [2.0]},
    {"count": operator("exists", False)},
    {"coupon": ["x", None]},
    {"items": {"quantity": operator("exists", True)}},
    {"tags": operator("exists", True)},
    {"labels": {"any": ["x"]}},
    {"extra": {"any": ["x"]}},
    {"payment": {"by": ["card"]}},
    {"payment": {"by": ["card"], "number": ["1"]}},
    {"dotted": {"name": [1]}},
    {"id": operator("cidr", "10.0.0.0/8")},
]


@pytest.mark.parametrize("pattern", SILENT, ids=str)
def test_what_depends_on_the_event_is_not_told(pattern: dict[str, Any]) -> None:
    assert check_against_schema(Pattern(pattern), ORDER) == []


def test_one_test_of_a_list_is_named_alone() -> None:
    assert verdicts({"country": ["KR", "US"]}) == {"/country/1": "never"}


def test_an_undeclared_field_of_an_open_object_is_suspicious() -> None:
    (finding,) = check_against_schema(Pattern({"contry": ["KR"]}), ORDER)
    assert finding.verdict is Verdict.SUSPICIOUS
    assert finding.reason == 'the event declares no field "contry"; did you mean "country"?'


def test_a_field_that_a_reference_may_declare_is_not_suspicious() -> None:
    schema = {"allOf": [{"$ref": "other.json"}, {"properties": {"a": True}}]}
    assert verdicts({"b": [1]}, schema) == {}


def test_clauses_of_different_alternatives_contradict_each_other() -> None:
    found = check_against_schema(Pattern({"payment": {"by": ["card"], "account": ["1"]}}), ORDER)
    assert [(each.pointer, each.related) for each in found] == [
        ("/payment/account", ("/payment/by",)),
        ("", ()),
    ]


def test_one_alternative_of_or_may_be_dead_without_the_pattern() -> None:
    assert verdicts({"$or": [{"country": ["US"]}, {"country": ["KR"]}]}) == {
        "/$or/0/country": "never"
    }
    found = check_against_schema(Pattern({"$or": [{"count": ["1"]}, {"country": ["US"]}]}), ORDER)
    assert found[-1].pointer == ""


def test_a_finding_names_the_place_in_the_schema() -> None:
    (finding, _) = check_against_schema(Pattern({"items": {"quantity": [0]}}), ORDER)
    assert finding.schema_pointer == "/$defs/Item/properties/quantity"
    assert finding.reason == '"items.quantity" holds a whole number from 1; 0 never passes'
    (finding, _) = check_against_schema(Pattern({"items": {"skus": ["x"]}}), ORDER)
    assert finding.reason == '"items" allows no field "skus"; did you mean "sku"?'


def test_a_schema_that_refers_to_itself_is_followed() -> None:
    tree = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "children": {"items": {"$ref": "#"}, "type": "array"},
        },
        "additionalProperties": False,
    }
    assert verdicts({"children": {"children": {"name": [5]}}}, tree) == {
        "/children/children/name": "never"
    }
    assert verdicts({"children": {"children": {"name": ["x"]}}}, tree) == {}


@pytest.mark.parametrize(
    "reference", ["#/nowhere", "other.json", "https://example.com/a", "#name", "#"]
)
def test_a_reference_that_leads_elsewhere_allows_everything(reference: str) -> None:
    assert verdicts({"a": [5]}, {"properties": {"a": {"$ref": reference}}}).get("/a") != "always"
    if reference != "#":
        assert verdicts({"a": [5]}, {"properties": {"a": {"$ref": reference}}}) == {}


def test_what_stands_beside_a_reference_counts_from_2019_on() -> None:
    beside = {
        "properties": {"a": {"$ref": "#/$defs/any", "type": "string"}},
        "$defs": {"any": True},
    }
    drafts = {"2019-09": "never", "2020-12": "never"}
    for draft, expected in drafts.items():
        schema = {**beside, "$schema": f"https://json-schema.org/draft/{draft}/schema"}
        assert verdicts({"a": [5]}, schema) == {"/a": expected}
    old = {**beside, "$schema": "http://json-schema.org/draft-07/schema#"}
    assert verdicts({"a": [5]}, old) == verdicts({"a": [5]}, beside) == {}


def test_an_inner_id_makes_references_unsure() -> None:
    schema = {
        "properties": {"a": {"$id": "https://example.com/a", "$ref": "#/$defs/text"}},
        "$defs": {"text": {"type": "string"}},
    }
    assert verdicts({"a": [5]}, schema) == {}


def test_a_declared_name_with_dots_is_several_names() -> None:
    schema = {"properties": {"a.b": {"type": "integer"}}, "additionalProperties": False}
    assert verdicts({"a": {"b": [1]}}, schema) == {}
    assert verdicts({"c": {"b": [1]}}, schema) == {"/c/b": "never"}


def test_elements_after_the_first_ones_are_free_unless_the_schema_says_more() -> None:
    first = {"type": "array", "prefixItems": [{"type": "string"}]}
    assert verdicts({"a": [5]}, {"properties": {"a": first}}) == {}
    closed = {**first, "items": {"type": "null"}}
    assert verdicts({"a": [5]}, {"properties": {"a": closed}}) == {"/a": "never"}
    assert verdicts({"a": [None]}, {"properties": {"a": closed}}) == {}


def test_a_list_of_items_is_read_as_draft_07_has_it() -> None:
    listed = {"type": "array", "items": [{"type": "string"}], "additionalItems": False}
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": listed}}
    assert verdicts({"a": [5]}, schema) == {"/a": "never"}
    assert verdicts({"a": [5]}, {**schema, "$schema": DRAFT_2020}) == {}


def test_null_is_allowed_where_a_schema_says_nullable() -> None:
    schema = {"properties": {"a": {"type": "string", "nullable": True}}}
    assert verdicts({"a": [None]}, schema) == {}
    assert verdicts({"a": [5]}, schema) == {"/a": "never"}


def test_numbers_that_doubles_confuse_are_left_alone() -> None:
    schema = {"properties": {"a": {"enum": [2**53 + 1]}, "b": {"maximum": 1e23}}}
    assert verdicts({"a": [2**53], "b": [10**23]}, schema) == {}


def test_a_regular_expression_is_not_tried() -> None:
    schema = {"properties": {"a": {"type": "string", "pattern": "^x$"}}}
    assert verdicts({"a": ["y"]}, schema) == {}
    named = {"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}
    assert verdicts({"y": [5]}, named) == {}


def test_a_condition_gives_alternatives() -> None:
    schema = {
        "properties": {"kind": {"enum": ["a", "b"]}},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"properties": {"value": {"type": "string"}}},
        "else": {"properties": {"value": {"type": "integer"}}},
    }
    assert verdicts({"value": [None]}, schema) == {"/value": "never"}
    assert verdicts({"value": [1]}, schema) == {}


def test_a_detail_is_wrapped_with_its_references() -> None:
    wrapped = detail_schema(ORDER, source="shop.orders", detail_type="OrderPlaced")
    pattern = {
        "source": ["shop.orders"],
        "detail-type": ["OrderPaid"],
        "resources": [5],
        "time": operator("exists", True),
        "detail": {"items": {"sku": [5]}},
        "detial": {"id": ["x"]},
    }
    assert verdicts(pattern, wrapped) == {
        "/source": "always",
        "/detail-type": "never",
        "/resources": "never",
        "/detail/items/sku": "never",
        "/detial/id": "suspicious",
    }


def test_a_wrapped_schema_keeps_data_that_looks_like_a_reference() -> None:
    schema = {
        "properties": {"$ref": {"const": {"$ref": "#"}}, "enum": {"$ref": "#/$defs/text"}},
        "$defs": {"text": {"type": "string"}},
    }
    properties: Any = detail_schema(schema)["properties"]
    moved = properties["detail"]["allOf"][1]["properties"]
    assert moved["$ref"] == {"const": {"$ref": "#"}}
    assert moved["enum"] == {"$ref": "#/properties/detail/allOf/1/$defs/text"}


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "array"}, "allows no object"),
        ({"$schema": "https://example.com/mine"}, "not known"),
        ({"$schema": 7}, "not known"),
    ],
)
def test_a_schema_of_no_events_is_refused(schema: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ContractError, match=complaint):
        check_against_schema(Pattern({"a": [1]}), schema)
