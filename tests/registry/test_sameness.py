"""Two schemas of one version are one contract where the same events fit both."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from eventroute import event
from eventroute.errors import ContractConflictError
from eventroute.registry import Contract, FileRegistry, MemoryRegistry, as_contract
from eventroute.registry.sameness import differing_annotations, own_annotations, same_events

if TYPE_CHECKING:
    from pathlib import Path

TEXT: dict[str, Any] = {"type": "string"}


def of(**properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced(BaseModel):
    """An order."""

    order_id: str
    note: str = ""


@event("shop.orders", "OrderPlaced", version=1)
class OrderPlaced1(BaseModel):
    """A customer's order."""

    note: str = ""
    order_id: str


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of(a=TEXT), {**of(a={**TEXT, "title": "A"}), "title": "T", "description": "D"}),
        ({**of(), "required": ["a", "b"]}, {**of(), "required": ["b", "a"]}),
        (of(a={"enum": ["x", 1]}), of(a={"enum": [1.0, "x"]})),
        (of(a={**TEXT, "default": ""}), of(a=TEXT)),
        (of(a={"items": {"title": "A"}}), of(a={"items": {}})),
        ({**of(), "$schema": "https://json-schema.org/draft/2020-12/schema"}, of()),
        (of(a={"const": "x"}), of(a={"enum": ["x"]})),
        ({"properties": {"a": TEXT}}, of(a=TEXT)),
        (
            {"$defs": {"A": TEXT}, **of(a={"$ref": "#/$defs/A"})},
            {"$defs": {"B": TEXT}, **of(a={"$ref": "#/$defs/B"})},
        ),
    ],
)
def test_the_same_events_fit(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert same_events(one, other)
    assert same_events(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of(title=TEXT), of()),
        (of(a=TEXT), of(a={"type": "integer"})),
        ({**of(a=TEXT), "required": ["a"]}, of(a=TEXT)),
        (of(a={"const": 1}), of(a={"const": True})),
        (of(a={"const": {"title": "A"}}), of(a={"const": {"title": "B"}})),
        (of(a={**TEXT, "format": "date-time"}), of(a=TEXT)),
        (of(a={**TEXT, "pattern": "(.)\\1"}), of(a={**TEXT, "pattern": "(.)(\\1)"})),
        (
            {**of(a={"$ref": "#/default"}), "default": TEXT},
            {**of(a={"$ref": "#/default"}), "default": {"type": "integer"}},
        ),
        ({"$ref": "/shop/A/1"}, {"$ref": "/shop/B/1"}),
    ],
)
def test_they_are_two_contracts(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert not same_events(one, other)
    assert not same_events(other, one)


def with_definition(schema: dict[str, Any], **more: object) -> dict[str, Any]:
    return {**of(a={"$ref": "#/$defs/A"}), "$defs": {"A": schema, "B": TEXT}, **more}


@pytest.mark.parametrize(
    ("reference", "annotation"),
    [
        ("#/properties/a/defaul%74", {"default": {"type": "string"}}),
        ("#/properties/a/examples/0", {"examples": [{"type": "string"}]}),
        ("#e", {"examples": [{"$anchor": "e", "type": "string"}]}),
        ("#e", {"default": {"$id": "#e", "type": "string"}}),
    ],
)
def test_an_annotation_that_something_refers_to_is_no_annotation(
    reference: str, annotation: dict[str, Any]
) -> None:
    one = of(a=annotation, b={"$ref": reference})
    other = json.loads(json.dumps(one).replace("string", "integer"))
    assert same_events(one, of(a={**annotation}, b={"$ref": reference}))
    assert not same_events(one, other)


def test_an_annotation_beside_an_anchor_is_an_annotation() -> None:
    schema = {"$defs": {"A": {**TEXT, "$anchor": "e"}}, "required": ["a"]}
    assert differing_annotations(
        {**schema, **of(a={"$ref": "#e", "title": "A"})}, {**schema, **of(a={"$ref": "#e"})}
    ) == ("/properties/a/title",)


EMAIL: dict[str, Any] = {**TEXT, "format": "email"}
UUID: dict[str, Any] = {**TEXT, "format": "uuid"}


@pytest.mark.parametrize(
    "schema",
    [
        of(a={"allOf": [EMAIL]}, b=TEXT),
        {**of(), "dependentSchemas": {"a": of(b=EMAIL)}},
        {**of(), "if": {"required": ["a"]}, "then": of(a=EMAIL)},
        {**of(), "additionalProperties": EMAIL},
        {**of(a={"$ref": "#/$defs/caf%C3%A9"}), "$defs": {"café": EMAIL}},
        {**of(a={"$ref": "#e"}), "$defs": {"e": {**EMAIL, "$anchor": "e"}}},
        {**of(a={"$dynamicRef": "#e"}), "$defs": {"e": {**EMAIL, "$dynamicAnchor": "e"}}},
        {
            "$id": "https://example.com/a",
            **of(a={"$ref": "b"}),
            "$defs": {"b": {**EMAIL, "$id": "b"}},
        },
        with_definition(TEXT, **of(a={"$ref": "#/$defs/A", "format": "email"})),
    ],
)
def test_another_format_makes_two_contracts_wherever_it_stands(schema: dict[str, Any]) -> None:
    other = json.loads(json.dumps(schema).replace('"email"', '"uuid"'))
    assert other != schema
    assert not same_events(schema, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of(a={**TEXT, "allOf": [EMAIL]}), of(a=TEXT)),
        (of(a=EMAIL), of()),
        ({**of(), "additionalProperties": {"format": "email"}}, of()),
        (of(a={**TEXT, "allOf": [{"$ref": "#/$defs/A"}]}), of(a=TEXT)),
    ],
)
def test_a_format_that_only_one_has_makes_two_contracts(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    one, other = ({**schema, "$defs": {"A": EMAIL}} for schema in (one, other))
    assert not same_events(one, other)
    assert not same_events(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (with_definition(EMAIL), of(a=EMAIL)),
        (with_definition(EMAIL), {**of(a={"$ref": "#/$defs/C"}), "$defs": {"C": EMAIL}}),
        (of(a=EMAIL, b={"const": 1}), of(a=EMAIL, b={"enum": [1]})),
        (of(a={"anyOf": [EMAIL, UUID]}), of(a={"anyOf": [UUID, EMAIL]}, b={})),
    ],
)
def test_formats_that_stay_where_they_are_let_the_rest_be_proven(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert same_events(one, other)


def test_it_is_told_which_annotations_differ() -> None:
    one = {**of(a={**TEXT, "title": "A"}), "title": "One"}
    assert differing_annotations(one, of(a=TEXT)) == ("/title", "/properties/a/title")


def test_annotations_are_told_that_another_schema_has_not() -> None:
    one = {**of(a={**TEXT, "title": "A"}, b={"const": 1}), "title": "One", "description": "D"}
    other = {**of(a={**TEXT, "title": "B"}, b={"enum": [1], "title": "C"}), "title": "One"}
    assert own_annotations(one, other) == ("/description", "/properties/a/title")
    assert own_annotations(of(title=TEXT), of()) == ()


def test_an_order_is_no_annotation() -> None:
    one, other = ({**of(), "required": names} for names in (["a", "b"], ["b", "a"]))
    assert differing_annotations(one, other) == ()


def test_what_differs_in_more_has_no_list_of_annotations() -> None:
    assert differing_annotations(of(a={"const": 1}), of(a={"enum": [1]})) is None


def test_a_registry_of_files_keeps_the_file_of_a_renamed_model(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    first = registry.register(OrderPlaced)
    text = registry.path_of("shop.orders", "OrderPlaced", 1).read_text()
    assert registry.register(OrderPlaced1) == first
    assert FileRegistry(tmp_path).register(OrderPlaced1) == first
    assert registry.path_of("shop.orders", "OrderPlaced", 1).read_text() == text
    assert registry.get("shop.orders", "OrderPlaced") == first


def test_a_registry_in_memory_keeps_the_schema_of_a_renamed_model() -> None:
    registry = MemoryRegistry([OrderPlaced])
    assert registry.register(OrderPlaced1) == as_contract(OrderPlaced)
    assert registry.get("shop.orders", "OrderPlaced") == as_contract(OrderPlaced)


def test_two_models_of_one_version_that_accept_the_same_events_are_one_contract() -> None:
    registry = MemoryRegistry([OrderPlaced, OrderPlaced1])
    assert list(registry) == [as_contract(OrderPlaced)]


def test_what_two_schemas_refer_to_is_compared(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.register(Contract("shop", "Money", 1, {"type": "object", "title": "Money"}))
    registry.register(Contract("shop", "Money", 2, {"type": "object", "required": ["amount"]}))
    registry.register(Contract("shop", "Paid", 1, of(total={"$ref": "/shop/Money/1"})))
    same = Contract("shop", "Paid", 1, of(total={"type": "object"}))
    assert registry.register(same).schema == of(total={"$ref": "/shop/Money/1"})
    with pytest.raises(ContractConflictError, match="raise the version"):
        registry.register(Contract("shop", "Paid", 1, of(total={"$ref": "/shop/Money/2"})))
