"""``pattern`` and the names of ``patternProperties``: ECMA-262, found in bounded time."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.errors import ContractError
from eventroute.registry import Contract, MemoryRegistry
from eventroute.registry.validation import Checker


def pointers(schema: dict[str, Any], detail: dict[str, Any]) -> list[str]:
    return [one.pointer for one in Checker(schema, "t/T/1").violations(detail)]


def member(rule: dict[str, Any]) -> dict[str, Any]:
    return {"properties": {"a": rule}}


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("^a$", "a", "a\n"),
        (r"^\d+$", "12", "١٢"),
        (r"^\w+$", "ab", "é"),
        (r"^\p{Lu}", "Éa", "éa"),
        ("^(?!.*--)[a-z-]+$", "a-b", "a--b"),
        (r"(\w)\1", "aa", "ab"),
        (r"\bfoo\b", "a foo", "afoo"),
        ("(?i)^abc$", "ABC", "ABD"),
        ("^(?:a|a)*$", "aaa", "aab"),
    ],
)
def test_a_pattern_means_what_ecma_262_says(pattern: str, right: str, wrong: str) -> None:
    assert pointers(member({"pattern": pattern}), {"a": right}) == []
    assert pointers(member({"pattern": pattern}), {"a": wrong}) == ["/a"]


def test_names_are_matched_as_values_are() -> None:
    schema = {"patternProperties": {"^a$": {"type": "string"}}, "additionalProperties": False}

    assert pointers(schema, {"a": 1, "a\n": 1}) == ["/a", "/a\n"]
    assert pointers(schema, {"a": "1"}) == []


@pytest.mark.parametrize(
    "uri",
    [
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_members_that_no_part_of_a_schema_knows_are_refused(uri: str) -> None:
    schema: dict[str, Any] = {
        "$schema": uri,
        "$defs": {"base": {"properties": {"d": {}}}},
        "$ref": "#/$defs/base",
        "properties": {"a": {}},
        "patternProperties": {"^b$": {}},
        "allOf": [{"properties": {"c": {}}}],
        "anyOf": [
            {"required": ["e"], "properties": {"e": {}, "f": {}}},
            {"required": ["g"], "properties": {"g": {}}},
        ],
        "if": {"properties": {"h": {"const": 1}}, "required": ["h"]},
        "then": {"properties": {"i": {}}},
        "else": {"properties": {"j": {}}},
        "dependentSchemas": {"k": {"properties": {"k": {}, "l": {}}}},
        "unevaluatedProperties": False,
    }
    known = dict.fromkeys("abcdefhikl", 1)

    assert pointers(schema, known) == []
    assert pointers(schema, known | {"g2": 1, "j": 1}) == ["/g2", "/j"]
    assert pointers(schema, {"g": 1, "j": 1}) == []
    assert pointers(schema, {"g": 1, "f": 1, "l": 1, "b\n": 1}) == ["/f", "/l", "/b\n"]
    assert pointers(schema | {"unevaluatedProperties": {"type": "string"}}, {"g": 1, "x": 2}) == [
        "/x"
    ]


@pytest.mark.parametrize(
    "pattern", [r"^(a+)+\1$", r"(?<=a)(b|b)*c", r"\b(x+x+)+y", "(?i)^(a|a)*$", r"(a*)*\b"]
)
@pytest.mark.parametrize("place", ["pattern", "patternProperties"])
def test_a_pattern_that_could_take_too_long_is_refused_when_it_is_registered(
    pattern: str, place: str
) -> None:
    rule: dict[str, Any] = (
        {"pattern": pattern} if place == "pattern" else {"patternProperties": {pattern: {}}}
    )

    with pytest.raises(ContractError, match=r"t/T/1.*could take too long.*write it without"):
        MemoryRegistry([Contract("t", "T", 1, member(rule))])


@pytest.mark.timeout(20)
@pytest.mark.parametrize("pattern", ["^(a+)+$", "(x+x+)+y", "^(a|a)*$", "^(.*)*c$", r"\ba+(?=!)"])
def test_a_catastrophic_pattern_is_answered(pattern: str) -> None:
    schema = {"patternProperties": {pattern: {}}, "properties": {"a": {"pattern": pattern}}}

    assert pointers(schema, {"a": "a" * 50_000 + "b!", "x" * 5_000: 1})


def test_an_expression_in_an_example_is_no_pattern() -> None:
    Checker({"const": {"pattern": r"(a+)+\1"}, "properties": {"pattern": {}}}, "t/T/1")


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*"])
def test_an_expression_that_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ContractError, match="not a valid JSON Schema, at /properties/a/pattern"):
        Checker(member({"pattern": pattern}), "t/T/1")
