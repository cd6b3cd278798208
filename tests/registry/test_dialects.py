"""Each draft of JSON Schema is read by its own rules, in memory and on disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventroute.envelope import Event
from eventroute.errors import ContractViolationError
from eventroute.registry import Contract, FileRegistry, MemoryRegistry, event_document

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
DRAFT_06 = "http://json-schema.org/draft-06/schema#"
DRAFT_07 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"

IF_THEN = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
TUPLE = {"properties": {"a": {"prefixItems": [{"type": "string"}], "items": False}}}

Registry = FileRegistry | MemoryRegistry
Kept = Callable[[dict[str, Any]], Registry]


@pytest.fixture(params=["memory", "registered on disk", "a file of somebody's"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    def make(schema: dict[str, Any]) -> Registry:
        contract = Contract("t", "T", 1, schema)
        if request.param == "memory":
            return MemoryRegistry([contract])
        registry = FileRegistry(tmp_path)
        if request.param == "registered on disk":
            registry.register(contract)
        else:
            path = registry.path_of("t", "T", 1)
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(schema))
        return registry

    return make


@pytest.mark.parametrize(
    ("dialect", "schema", "fits", "breaks"),
    [
        (
            DRAFT_04,
            {"properties": {"a": {"minimum": 0, "exclusiveMinimum": True}}},
            {"a": 1},
            {"a": 0},
        ),
        (DRAFT_04, {"id": "https://example.com/t", "required": ["a"]}, {"a": 1}, {}),
        (DRAFT_06, {"properties": {"a": {"const": 1}}}, {"a": 1}, {"a": 2}),
        (DRAFT_06, {"properties": {"a": {"exclusiveMinimum": 0}}}, {"a": 1}, {"a": 0}),
        (DRAFT_07, IF_THEN, {"a": 1, "b": 1}, {"a": 1}),
        (
            DRAFT_2019,
            {"dependentRequired": {"a": ["b"]}},
            {"a": 1, "b": 1},
            {"a": 1},
        ),
        (
            DRAFT_2019,
            {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
            {"a": 1},
            {"b": 1},
        ),
        (DRAFT_2020, TUPLE, {"a": ["x"]}, {"a": ["x", "y"]}),
    ],
)
def test_a_keyword_means_what_its_draft_says(
    kept: Kept,
    dialect: str,
    schema: dict[str, Any],
    fits: dict[str, Any],
    breaks: dict[str, Any],
) -> None:
    registry = kept({"$schema": dialect, **schema})
    registry.validate(Event("t", "T", fits))
    with pytest.raises(ContractViolationError):
        registry.validate(Event("t", "T", breaks))


@pytest.mark.parametrize(
    ("dialect", "schema", "fits"),
    [
        (DRAFT_04, {"properties": {"a": {"const": 1}}}, {"a": 2}),
        (DRAFT_06, IF_THEN, {"a": 1}),
        (DRAFT_07, {"dependentRequired": {"a": ["b"]}}, {"a": 1}),
        (DRAFT_2019, {"properties": {"a": {"prefixItems": [{"type": "string"}]}}}, {"a": [1]}),
    ],
)
def test_a_keyword_of_a_later_draft_means_nothing(
    kept: Kept, dialect: str, schema: dict[str, Any], fits: dict[str, Any]
) -> None:
    kept({"$schema": dialect, **schema}).validate(Event("t", "T", fits))


@pytest.mark.parametrize("dialect", [DRAFT_04, DRAFT_06, DRAFT_07, DRAFT_2019, DRAFT_2020])
def test_definitions_of_each_draft_are_referred_to(kept: Kept, dialect: str) -> None:
    named = "$defs" if "draft/20" in dialect else "definitions"
    registry = kept(
        {
            "$schema": dialect,
            "properties": {"a": {"$ref": f"#/{named}/Text"}},
            named: {"Text": {"type": "string"}},
        }
    )
    registry.validate(Event("t", "T", {"a": "x"}))
    with pytest.raises(ContractViolationError, match="/a"):
        registry.validate(Event("t", "T", {"a": 1}))


def test_a_document_of_openapi_is_a_contract_of_the_detail(kept: Kept) -> None:
    whole = Contract("t", "T", 1, {"properties": {"a": {"type": ["number", "null"]}}})
    registry = kept(event_document(whole))
    registry.validate(Event("t", "T", {"a": None}))
    with pytest.raises(ContractViolationError, match="/a"):
        registry.validate(Event("t", "T", {"a": "x"}))
