"""Schemas and events that were written to harm: an answer in bounded time, and nothing fetched."""

from __future__ import annotations

import json
import random
import socket
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from eventroute import Event
from eventroute.errors import ContractError, ContractViolationError
from eventroute.registry import Contract, FileRegistry, MemoryRegistry, compatibility
from eventroute.registry.dialect import dialect_of
from eventroute.registry.fast_schema import fast_schema
from eventroute.registry.validation import Checker
from tests.registry.schemas import DRAFTS

pytestmark = pytest.mark.timeout(60)  # many of these would else take longer than anyone lives


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("something tried to use the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def violations(schema: dict[str, Any], detail: dict[str, Any]) -> list[tuple[str, str]]:
    checker = Checker(schema, "t/T/1", fast=False)
    return [(one.pointer, one.message) for one in checker.violations(detail)]


def file_registry(root: Path, text: str) -> FileRegistry:
    path = root / "t" / "T"
    path.mkdir(parents=True)
    (path / "1.json").write_text(text, "utf-8")
    return FileRegistry(root)


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/schema.json",
        "https://example.com/schema.json#/definitions/a",
        "file:///etc/hostname",
        "//example.com/a",
        "../other.json",
        "ftp://example.com/a",
    ],
)
def test_a_reference_out_of_the_schema_is_refused_and_not_followed(
    keyword: str, target: str, tmp_path: Path
) -> None:
    schema: dict[str, Any] = {"properties": {"a": {"anyOf": [{keyword: target}]}}}

    with pytest.raises(ContractError, match="nothing is fetched"):
        MemoryRegistry([Contract("t", "T", 1, schema)])
    with pytest.raises(ContractError, match="nothing is fetched"):
        file_registry(tmp_path, json.dumps(schema)).validate(Event("t", "T", {}))


def test_a_dialect_is_not_fetched_either() -> None:
    schema = {"$schema": "http://127.0.0.1:1/dialect"}

    with pytest.raises(ContractError, match="not known"):
        MemoryRegistry([Contract("t", "T", 1, schema)])


def test_an_identifier_somewhere_else_is_not_looked_up() -> None:
    schema = {"$id": "http://127.0.0.1:1/a", "properties": {"a": {"$ref": "#/$defs/x"}}}

    with pytest.raises(ContractError, match="leads nowhere"):
        MemoryRegistry([Contract("t", "T", 1, schema)])
    assert violations(schema | {"$defs": {"x": {"type": "string"}}}, {"a": 1})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"allOf": [{"$ref": "#"}]},
        {"not": {"$ref": "#"}},
        {"$dynamicAnchor": "a", "$dynamicRef": "#a"},
        {"$ref": "#", "unevaluatedProperties": False},
        {"unevaluatedProperties": False, "$ref": "#"},
    ],
    ids=str,
)
def test_a_schema_that_refers_to_itself_without_end_is_answered(schema: dict[str, Any]) -> None:
    [(pointer, message)] = violations(schema, {"a": 1})

    assert pointer == ""
    assert "refers to itself without end" in message


def test_items_that_are_left_over_in_a_schema_that_refers_to_itself_are_answered() -> None:
    schema = {"properties": {"a": {"unevaluatedItems": False, "$ref": "#/properties/a"}}}
    [(pointer, message)] = violations(schema, {"a": [1]})

    assert pointer == ""
    assert "refers to itself without end" in message


def nested(keyword: str, levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"properties": {"a": schema}} if keyword == "properties" else {keyword: schema}
    return schema


@pytest.mark.parametrize("keyword", ["properties", "not", "items", "const", "x-unknown", "default"])
def test_ten_thousand_levels_are_refused_or_answered(keyword: str, tmp_path: Path) -> None:
    schema = nested(keyword, 10_000)
    with suppress(ContractError, ContractViolationError):
        MemoryRegistry([Contract("t", "T", 1, schema)]).validate(Event("t", "T", {"a": 1}))

    text = f'{{"{keyword}": ' * 10_000 + "{}" + "}" * 10_000
    with pytest.raises(ContractError, match="deep"):
        file_registry(tmp_path, text).validate(Event("t", "T", {"a": 1}))


def doubling(keyword: str, levels: int) -> dict[str, Any]:
    """Each level offers the next one twice."""
    levels_of = {
        f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(levels)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**levels_of, f"d{levels}": {"required": ["x"]}}}


@pytest.mark.parametrize(("keyword", "member"), [("allOf", "x"), ("anyOf", "a"), ("oneOf", "a")])
def test_alternatives_that_multiply_are_given_up_after_a_bounded_number_of_steps(
    keyword: str, member: str
) -> None:
    schema = doubling(keyword, 40)

    assert fast_schema(schema, dialect_of(schema, "t")) is None
    [(pointer, message)] = violations(schema, {member: 1})

    assert pointer == ""
    assert "takes more than 50,000 steps" in message


def test_alternatives_that_multiply_with_the_depth_of_an_event_are_given_up_too() -> None:
    schema: dict[str, Any] = {"anyOf": [{"properties": {"a": {"$ref": "#"}}}] * 3 + [False]}
    schema["anyOf"] = [{**one, "required": ["z"]} for one in schema["anyOf"][:3]]
    detail: dict[str, Any] = {}
    for _ in range(60):
        detail = {"a": detail}

    [(_, message)] = violations(schema, detail)

    assert "50,000 steps" in message


def test_a_moderate_number_of_failed_alternatives_is_explained() -> None:
    found = violations(doubling("oneOf", 8), {"a": 1})

    assert ("/x", "is missing") in found


def test_a_huge_enumeration_is_looked_up() -> None:
    schema = {"items": {"enum": [f"value {n}" for n in range(100_000)]}}
    wrapped = {"properties": {"a": schema}}

    assert violations(wrapped, {"a": ["value 99999"] * 10_000}) == []
    assert violations(wrapped, {"a": ["value 99999", "none"]})[0][0] == "/a/1"


def test_many_names_that_are_required_are_reported_in_linear_time() -> None:
    schema = {"anyOf": [{"required": [f"n{n}" for n in range(20_000)]}]}

    assert len(violations(schema, {"a": 1})) == 1000


@pytest.mark.parametrize(
    "rule",
    [
        {"patternProperties": {f"^a{n}": {} for n in range(3_000)}},
        {"unevaluatedProperties": False, "patternProperties": {f"^a{n}": {} for n in range(3_000)}},
    ],
    ids=["names", "unevaluated names"],
)
def test_work_that_grows_with_a_product_is_bounded(rule: dict[str, Any]) -> None:
    members = {f"m{n}": n for n in range(20_000)}

    [(pointer, message)] = violations({"properties": {"a": rule}}, {"a": members})

    assert pointer == ""
    assert "50,000 steps" in message


def letters(count: int, of: str) -> str:
    chance = random.Random(1)  # no period, and the same in every run
    return "".join(chance.choices(of, k=count))


@pytest.mark.timeout(20)  # a state for every character would take minutes, and gigabytes
@pytest.mark.parametrize(
    ("pattern", "count", "of"),
    [
        ("a.{0,400}b", 1_000_000, "acd"),
        ("(a|b)*a(a|b){480}c", 300_000, "ab"),
        ("(a|b)*a(a|b){16}c", 1_000_000, "ab"),
        ("a.{0,50}b", 1_000_000, "acdef"),
    ],
)
@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_a_text_that_leads_a_pattern_to_ever_new_states_is_given_up(
    keyword: str, pattern: str, count: int, of: str
) -> None:
    text = letters(count, of)
    rules = {"pattern": {"properties": {"a": {"pattern": pattern}}}}
    rule = rules.get(keyword, {"patternProperties": {pattern: True}})
    tracemalloc.start()
    try:
        found = violations(rule, {"a": text} if keyword == "pattern" else {text: "a"})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert found[0][0] == ""
    assert "50,000 steps" in found[0][1]
    assert most < 120_000_000


def test_a_check_is_given_up_or_not_whatever_was_checked_before() -> None:
    schema = {"properties": {"a": {"pattern": "a.{0,400}b"}}}
    checker = Checker(schema, "t/T/1", fast=False)
    detail = {"a": letters(6_000, "acd")}

    first, *others = [checker.violations(detail) for _ in range(4)]

    assert "50,000 steps" in first[0].message
    assert others == [first] * 3


@pytest.mark.parametrize(
    ("pattern", "count", "of", "end"),
    [
        ("^.+@.+$", 1_000_000, "ab@.", "@a"),
        ("^.*a.*a.*a.*c$", 1_000_000, "ab", "c"),
        ("a.{0,400}b", 2_000, "acd", "ab"),
        (r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$", 1_000, "a", "@" + "b-" * 1_000 + ".com"),
    ],
)
def test_a_text_that_leads_a_pattern_to_few_states_is_checked(
    pattern: str, count: int, of: str, end: str
) -> None:
    text = letters(count, of) + end
    assert violations({"properties": {"a": {"pattern": pattern}}}, {"a": text}) == []


def test_an_integer_of_thousands_of_digits_is_divided_too() -> None:
    schema = {"properties": {"a": {"multipleOf": 5}}}

    assert violations(schema, {"a": 10**5_000}) == []
    assert len(violations(schema, {"a": 10**5_000 + 1})) == 1


def test_elements_that_are_left_over_are_found_in_linear_time() -> None:
    schema = {"properties": {"a": {"prefixItems": [{}], "unevaluatedItems": False}}}

    found = violations(schema, {"a": list(range(20_000))})

    assert found[0] == ("/a/1", "is not in the contract")


def test_elements_inside_elements_are_compared_in_bounded_time() -> None:
    schema = {"properties": {"a": {"$ref": "#/$defs/u"}}, "$defs": {"u": {}}}
    schema["$defs"] = {"u": {"uniqueItems": True, "items": {"$ref": "#/$defs/u"}}}
    value: Any = ["x" * 300_000]
    for _ in range(100):
        value = [value]

    [(_, message)] = violations(schema, {"a": value})

    assert "50,000 steps" in message


@pytest.mark.parametrize("draft", ["http://json-schema.org/draft-07/schema", DRAFTS[4]])
def test_a_dialect_that_is_named_again_inside_changes_nothing_of_this(draft: str) -> None:
    inner = {"$schema": draft, "pattern": r"^\d$", "multipleOf": 0.1, "enum": [0.3, "\u0661"]}

    assert violations({"properties": {"a": {"allOf": [inner]}}}, {"a": 0.3}) == []
    assert len(violations({"properties": {"a": {"allOf": [inner]}}}, {"a": "\u0661"})) == 1


COSTLY = {"pattern": r"^(a+)+\1$"}
DRAFT_07 = {"$schema": "http://json-schema.org/draft-07/schema#"}
DRAFT_04 = {"$schema": "http://json-schema.org/draft-04/schema#"}
DRAFT_03 = {"$schema": "http://json-schema.org/draft-03/schema#"}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/x-parts/a", "x-parts": {"a": COSTLY}},
        {"$ref": "#/x-parts/a", "x-parts": {"a": {"properties": {"b": COSTLY}}}},
        {
            "$ref": "#/x-a",
            "x-a": {"not": {"$ref": "#/x-b"}},
            "x-b": {"patternProperties": {COSTLY["pattern"]: True}},
        },
        {"$ref": "#/properties/a/default", "properties": {"a": {"default": COSTLY}}},
        {"$ref": "#/examples/0", "examples": [COSTLY]},
        {**DRAFT_07, "dependencies": {"a": ["b"], "b": COSTLY}},
        {**DRAFT_03, "extends": COSTLY},
        {**DRAFT_03, "disallow": [COSTLY]},
        {**DRAFT_03, "type": ["string", COSTLY]},
    ],
    ids=str,
)
def test_a_pattern_that_could_take_too_long_is_refused_wherever_a_check_may_come_to(
    schema: dict[str, Any],
) -> None:
    with pytest.raises(ContractError, match="could take too long"):
        MemoryRegistry([Contract("t", "T", 1, schema)])


@pytest.mark.parametrize(
    "schema",
    [
        {**DRAFT_07, "dependencies": {"a": ["b"], "b": {"$ref": "http://example.com/"}}},
        {**DRAFT_03, "extends": {"$ref": "http://example.com/"}},
    ],
    ids=str,
)
def test_a_reference_out_of_the_schema_is_found_in_old_keywords_too(schema: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match=r"leads out of|cannot be followed"):
        Checker(schema, "t/T/1")
    with pytest.raises(ContractError, match=r"leads out of|cannot be followed"):
        compatibility(schema, {})


@pytest.mark.parametrize(
    "schema",
    [
        {**DRAFT_04, "$ref": 5},
        {**DRAFT_04, "properties": {"a": {"$ref": None}}},
        {**DRAFT_03, "definitions": 5},
        {**DRAFT_07, "$id": "http://[example"},
        {**DRAFT_07, "$id": "a", "definitions": {"a": {"$id": "http://[example"}}},
        {
            **DRAFT_07,
            "dependencies": {"a": {}, "b": ["c"]},
            "definitions": {"a": {"$id": "#a"}},
            "properties": {"a": {"$ref": "#a"}},
        },
    ],
    ids=str,
)
def test_what_cannot_be_followed_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="correct it"):
        Checker(schema, "t/T/1")
    with pytest.raises(ContractError, match="correct it"):
        compatibility(schema, {})


@pytest.mark.parametrize("draft", ["draft-06", "draft-07", "2019-09"])
@pytest.mark.parametrize(("items", "is_fine"), [(True, True), (False, False)])
def test_additional_items_say_nothing_beside_a_boolean(
    draft: str, items: bool, is_fine: bool
) -> None:
    uri = next(uri for uri in DRAFTS if draft in uri)
    array = {"type": "array", "items": items, "additionalItems": {"type": "string"}}
    schema = {"$schema": uri, "properties": {"a": array}}
    assert bool(violations(schema, {"a": [1]})) is not is_fine
    verdict = compatibility(schema, {**schema, "properties": {"a": {**array, "items": True}}})
    assert verdict


def test_what_jsonschema_fails_on_is_no_witness() -> None:
    draft = {"$schema": "https://json-schema.org/draft/2019-09/schema"}
    array = {"items": True, "unevaluatedItems": False, "minItems": 3}
    judged = compatibility({**draft, "items": array}, {**draft, "items": {**array, "minItems": 4}})
    assert not judged
    assert violations({**draft, "properties": {"a": array}}, {"a": [1, 2, 3]}) == []
