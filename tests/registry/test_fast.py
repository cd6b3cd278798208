"""The fast validator changes the time that a check takes, and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from referencing.jsonschema import EMPTY_REGISTRY

from eventroute.registry.dialect import dialect_of
from eventroute.registry.fast import fast_validator
from eventroute.registry.fast_schema import fast_schema
from eventroute.registry.validation import Checker
from tests.registry.schemas import DRAFTS, schemas, values

DRAFT_07 = "http://json-schema.org/draft-07/schema#"


def slow_validator(schema: dict[str, Any]) -> Callable[[object], bool]:
    """What jsonschema says, with eventroute's keywords."""
    dialect = dialect_of(schema, "t")
    made = dialect.validator(schema, registry=EMPTY_REGISTRY, format_checker=dialect.format_checker)
    return lambda value: bool(made.is_valid(value))


def quick(schema: dict[str, Any]) -> dict[str, Any] | None:
    return fast_schema(schema, dialect_of(schema, "t"))


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.sampled_from(DRAFTS).flatmap(schemas), st.lists(values(), min_size=5, max_size=5))
def test_both_validators_accept_the_same(schema: dict[str, Any], instances: list[Any]) -> None:
    fast = fast_validator(schema, dialect_of(schema, "t"))
    if fast is not None:
        slow = slow_validator(schema)
        for instance in instances:
            assert fast(instance) is slow(instance)


def test_both_validators_accept_the_same_witnesses(shared: Path) -> None:
    lines = (shared / "conformance/schema_compatibility.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    witnesses = [case["witness"] for case in cases if "witness" in case]
    compared = 0
    for case in cases:
        for schema in (case["old"], case["new"]):
            if isinstance(schema, bool):
                continue
            fast = fast_validator(schema, dialect_of(schema, "t"))
            if fast is not None:
                compared += 1
                slow = slow_validator(schema)
                for witness in [case.get("witness"), *witnesses[::24]]:
                    assert fast(witness) is slow(witness)
    assert compared > 100


@pytest.mark.parametrize(
    "schema",
    [
        {"multipleOf": 0.1},
        {"minimum": 2**60},
        {"const": 0.1},
        {"enum": [[2**60]]},
        {"enum": [[number] for number in range(300)]},
        {"unevaluatedProperties": False},
        {"properties": {"a": {"$ref": "#"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}},
        {"$ref": "#/properties/a", "properties": {"a": {}}},
        {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {}}},
        {"properties": {"a": {"$id": "urn:a"}}},
        {"properties": {"a": {"$anchor": "a"}}},
        {"$dynamicRef": "#/$defs/a", "$defs": {"a": {}}},
        {"pattern": "(?=a)"},
        {"pattern": r"(a)\1"},
        {"patternProperties": {"^[a]": {}, "^a": {}}},
        {"$schema": "http://json-schema.org/draft-03/schema#"},
        {"$schema": DRAFTS[0], "minimum": 1, "exclusiveMinimum": True},
        {
            "$ref": "#/$defs/a0",
            "$defs": {
                f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} if n < 30 else {}
                for n in range(31)
            },
        },
    ],
    ids=str,
)
def test_what_validators_may_read_differently_is_left_to_one(schema: dict[str, Any]) -> None:
    assert quick(schema) is None


def test_what_is_no_keyword_of_the_draft_is_left_out() -> None:
    schema = {"$schema": DRAFTS[1], "if": {"type": "string"}, "then": False, "format": "hostname"}

    assert quick(schema) == {"$schema": DRAFTS[1]}


def test_an_expression_is_rewritten_into_what_all_matchers_read_alike() -> None:
    assert quick({"pattern": r"^\d$"}) == {"$schema": DRAFTS[4], "pattern": "^[0-9]$"}


SCHEMA: dict[str, Any] = {
    "$schema": DRAFT_07,
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "at": {"format": "date-time"},
        "kind": {"anyOf": [{"const": "a"}, {"enum": ["b", "c"]}]},
        "name": {"type": "string", "minLength": 1},
    },
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "detail",
    [
        {"id": 1, "at": "2026-01-01 00:00:00Z", "kind": "b"},
        {"id": 1, "name": "\ud800"},
        {},
        {"id": "1", "kind": "d", "more": 1},
        {"id": 1.5, "at": "soon", "name": ""},
        {"id": True},
    ],
    ids=str,
)
def test_violations_are_the_same_with_and_without_it(detail: dict[str, Any]) -> None:
    fast, slow = Checker(SCHEMA, "t/T/1"), Checker(SCHEMA, "t/T/1", fast=False)

    assert fast.violations(detail) == slow.violations(detail)


def test_a_valid_event_is_not_checked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Checker(SCHEMA, "t/T/1")
    monkeypatch.setattr("eventroute.registry.validation.bounded", None)

    assert checker.violations({"id": 1}) == []


def test_without_the_extra_the_answer_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    checker = Checker(SCHEMA, "t/T/1")

    assert checker.violations({"id": 1}) == []
    assert [one.pointer for one in checker.violations({})] == ["/id"]
