from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from eventroute.schema_files import schemas, write_schemas

# What JSON Schema cannot say: numbers that ascend, how hard a wildcard is to match, that an
# operator cannot name a field, that a number fits a double; and two broken events.
BEYOND_JSON_SCHEMA = {
    "content_wildcard_complex_EXC",
    "JsonRuleCompilerTest.testOrFieldCanKeepWorkingInLegacyRuleCompiler#4",
    "JsonRuleCompilerTest.testNumericExpressions#31",
    "JsonRuleCompilerTest.testNumericExpressions#37",
    "JsonRuleCompilerTest.testNumericExpressions#41",
    "JsonRuleCompilerTest.testNumericExpressions#45",
    "JsonRuleCompilerTest.testNumericExpressions#52",
    "probe.numeric eq range",
    "probe.event not obj",
    "probe.event scalar",
}


def accepts(name: str, value: object) -> bool:
    validator: Any = Draft7Validator(schemas()[name])
    accepted: bool = validator.is_valid(value)
    return accepted


def patterns(shared: Path, *, valid: bool) -> dict[str, object]:
    found: dict[str, object] = {}
    for line in (shared / "conformance/eventbridge.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if (row["expect"] != "invalid") is valid:
            try:
                found[row["name"]] = json.loads(row["pattern"])
            except ValueError:
                assert not valid
    return found


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_committed_schema_is_what_the_models_give(name: str, root: Path, tmp_path: Path) -> None:
    write_schemas(tmp_path)

    committed = root / "schemas" / "eventroute" / name
    assert committed.read_bytes() == (tmp_path / name).read_bytes(), "run: make schemas"


def test_every_committed_schema_is_generated(root: Path) -> None:
    files = (root / "schemas" / "eventroute").glob("*.json")
    assert {path.name for path in files} == set(schemas())


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_schema_is_valid(name: str) -> None:
    Draft7Validator.check_schema(schemas()[name])


def test_every_valid_pattern_fits(shared: Path) -> None:
    refused = [
        name
        for name, pattern in patterns(shared, valid=True).items()
        if not accepts("pattern.json", pattern)
    ]

    assert refused == []


def test_what_an_editor_accepts_wrongly_is_beyond_json_schema(shared: Path) -> None:
    accepted = {
        name
        for name, pattern in patterns(shared, valid=False).items()
        if accepts("pattern.json", pattern)
    }

    assert accepted == BEYOND_JSON_SCHEMA


@pytest.mark.parametrize(
    ("toml", "fits"),
    [
        ("", True),
        ('backend = "memory"\n[memory]\ncapacity = 5\n[worker]\ngrace = 1.5', True),
        ('backend = "kafka"\n[kafka]\nbrokers = 1', True),
        ('bakend = "memory"', False),
        ("worker.grace = -1", False),
        ("worker.gracee = 1", False),
        ('registry.unregistered = "deny"', False),
    ],
)
def test_a_configuration_is_checked_in_the_editor(toml: str, *, fits: bool) -> None:
    assert accepts("config.json", tomllib.loads(toml)) is fits


@pytest.mark.parametrize(
    ("rules", "fits"),
    [
        ({"large": {"detail": {"total": [{"numeric": [">", 5]}]}}}, True),
        ({"text": '{"a": [null]}'}, True),
        ({}, False),
        ({"": {"a": [1]}}, False),
        ({"large": {"a": 1}}, False),
        ({"large": [1]}, False),
    ],
)
def test_a_rules_file_is_checked_in_the_editor(rules: object, *, fits: bool) -> None:
    assert accepts("rules.json", rules) is fits


EVENT = {"id": "1", "source": "shop", "detail-type": "T", "detail": {"a": [1, None]}}


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({}, True),
        ({"resources": ["arn"], "time": "", "unknown": 1}, True),
        ({"detail": []}, False),
        ({"source": ""}, False),
        ({"resources": [1]}, False),
        ({"id": None}, False),
    ],
)
def test_an_event_is_checked_in_the_editor(changed: dict[str, object], *, fits: bool) -> None:
    assert accepts("event.json", EVENT | changed) is fits


def test_an_event_without_a_type_does_not_fit() -> None:
    assert not accepts("event.json", {"id": "1", "source": "shop", "detail": {}})
