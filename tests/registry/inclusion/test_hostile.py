"""Schemas that were made to take long, to break out, or to end the process."""

from __future__ import annotations

from time import thread_time
from typing import Any

import pytest

from eventroute.errors import ContractError
from eventroute.registry import Contract, MemoryRegistry, Verdict, compatibility
from eventroute.registry.inclusion import (
    Budget,
    Included,
    OutOfBudgetError,
    Undecided,
    decide,
    readings,
)
from eventroute.registry.inclusion.formula import Has
from eventroute.registry.inclusion.formulas import Formulas
from eventroute.registry.leniency import lenient

TEXT = {"type": "string"}
DRAFT_2019 = {"$schema": "https://json-schema.org/draft/2019-09/schema"}
DRAFT_04 = {"$schema": "http://json-schema.org/draft-04/schema#"}


def nested(depth: int, keyword: str) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {keyword: {"a": schema} if keyword == "properties" else schema}
    return schema


def doubled(levels: int) -> dict[str, Any]:
    """A schema of few parts that says two to the power of its levels things."""
    return {
        "$defs": {
            **{
                f"x{level}": {
                    "oneOf": [
                        {"$ref": f"#/$defs/x{level + 1}"},
                        {"$ref": f"#/$defs/x{level + 1}", "maxProperties": level},
                        {"required": [f"p{level}"]},
                    ]
                }
                for level in range(levels)
            },
            f"x{levels}": {"minProperties": 1},
        },
        "$ref": "#/$defs/x0",
    }


@pytest.mark.parametrize("keyword", ["properties", "not", "items"])
def test_deep_nesting_is_refused(keyword: str) -> None:
    with pytest.raises(ContractError, match="nested more than 128 levels deep"):
        compatibility(nested(10_000, keyword), {})


def test_an_object_that_holds_itself_is_refused() -> None:
    schema: dict[str, Any] = {}
    schema["properties"] = {"a": schema}
    with pytest.raises(ContractError, match="nested"):
        compatibility(schema, {})


def test_parts_that_are_shared_over_and_over_are_counted_each_time() -> None:
    schema: dict[str, Any] = {}
    for _ in range(40):
        schema = {"properties": {"a": schema, "b": schema}}
    with pytest.raises(ContractError, match="parts"):
        compatibility(schema, {})


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:9/schema", "file:///etc/passwd", "other.json", "#/nowhere"]
)
def test_a_reference_that_leads_out_is_refused(reference: str) -> None:
    with pytest.raises(ContractError, match=r"\$ref"):
        compatibility({}, {"properties": {"a": {"$ref": reference}}})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"not": {"$ref": "#"}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    ],
)
def test_a_schema_that_is_defined_by_itself_leaves_the_answer_open(schema: dict[str, Any]) -> None:
    assert compatibility(schema, TEXT).verdict is Verdict.UNKNOWN
    assert compatibility(TEXT, schema).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "schema",
    [
        {
            "if": {"prefixItems": [{"type": "integer"}]},
            "then": {"unevaluatedItems": {}, "$ref": "#"},
        },
        {"unevaluatedItems": False, "$ref": "#"},
        {"unevaluatedProperties": False, "$ref": "#"},
        {"properties": {"a": {"unevaluatedItems": False, "anyOf": [{"$ref": "#/properties/a"}]}}},
        {**DRAFT_2019, "unevaluatedItems": False, "allOf": [{"$recursiveRef": "#"}]},
    ],
    ids=str,
)
def test_what_is_left_over_in_a_schema_defined_by_itself_leaves_the_answer_open(
    schema: dict[str, Any],
) -> None:
    assert compatibility(schema, {"type": "array"}).verdict is Verdict.UNKNOWN
    assert compatibility({"type": ["array", "object"]}, schema).verdict is Verdict.UNKNOWN


def test_alternatives_that_double_at_each_level_end_with_the_budget() -> None:
    judged = compatibility(doubled(30), doubled(29), seconds=0.5)
    assert judged.verdict is Verdict.UNKNOWN


def test_a_chain_of_ten_thousand_references_ends_with_the_budget_or_is_followed() -> None:
    chain = {f"x{n}": {"$ref": f"#/$defs/x{n + 1}"} for n in range(10_000)}
    schema = {"$defs": {**chain, "x10000": TEXT}, "$ref": "#/$defs/x0"}
    begun = thread_time()
    judged = compatibility(TEXT, schema, seconds=0.5)
    assert thread_time() - begun < 3
    assert judged.verdict is not Verdict.INCOMPATIBLE


def test_a_chain_of_members_of_members_ends() -> None:
    chain = {
        f"x{n}": {"properties": {"a": {"$ref": f"#/$defs/x{n + 1}"}}, "required": ["a"]}
        for n in range(500)
    }
    schema = {"$defs": {**chain, "x500": TEXT}, "type": "object", "$ref": "#/$defs/x0"}
    assert compatibility(schema, {"type": "string"}, seconds=1) is not None


def test_telling_alternatives_apart_by_their_tags_takes_from_the_budget() -> None:
    budget = Budget(60, steps=1_000)
    make = Formulas(budget)
    tagged = [
        make.all([make.kind("object"), make.of(Has, "t"), make.members({"t": one}, {}, make.true)])
        for one in (make.literally([index]) for index in range(499))
    ]
    with pytest.raises(OutOfBudgetError):
        make.one(tagged)


def test_a_schema_is_compared_with_itself_within_the_budget() -> None:
    schema = {"properties": {f"p{n}": {"type": "string"} for n in range(1_000)}}
    [[one, other]] = readings([schema, schema], ["a", "b"], Budget(60))
    assert isinstance(decide([(one, other)], Budget(60, steps=500)), Undecided)
    assert isinstance(decide([(one, other)], Budget(60)), Included)


def test_a_huge_enum_ends_with_the_budget_or_is_compared() -> None:
    judged = compatibility(
        {"enum": list(range(50_000))}, {"enum": list(range(1, 50_000))}, seconds=0.5
    )
    assert judged.verdict is not Verdict.COMPATIBLE


def test_objects_in_an_enum_are_not_compared_pair_by_pair() -> None:
    draft = {"$schema": "http://json-schema.org/draft-04/schema#"}
    judged = compatibility(
        {**draft, "enum": [{"a": n} for n in range(10_000)]},
        {**draft, "type": "object"},
        seconds=30,
    )
    assert judged.verdict is Verdict.COMPATIBLE


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "(.*a){25}", "(a?){40}a{40}"])
def test_a_catastrophic_pattern_is_never_tried_on_a_long_text(pattern: str) -> None:
    long = "a" * 60 + "!"
    judged = compatibility({"enum": [long]}, {"pattern": pattern}, seconds=1)
    assert judged.verdict in (Verdict.UNKNOWN, Verdict.COMPATIBLE, Verdict.INCOMPATIBLE)
    assert (
        compatibility({"pattern": pattern, "minLength": 60}, {"maxLength": 1}, seconds=1)
        is not None
    )


@pytest.mark.timeout(30)
@pytest.mark.parametrize("pattern", ["a*a*a*a*b", "a.*a.*a.*b", "(a|a|a|a)*b", "a.{0,400}b"])
@pytest.mark.parametrize("length", [16, 30_000, 3_000_000])
def test_no_pattern_tries_way_after_way_on_a_text_of_an_enum(pattern: str, length: int) -> None:
    text = "a" * length
    assert compatibility({"const": text}, {"pattern": pattern}, seconds=1) is not None
    assert compatibility({"const": {text: 1}}, {"patternProperties": {pattern: False}}) is not None


def test_many_patterns_of_one_text_end_with_the_budget() -> None:
    old = {"allOf": [{"pattern": f"^a.*{number}"} for number in range(300)]}
    start = thread_time()
    assert compatibility(old, {"pattern": "b"}, seconds=0.4) is not None
    assert thread_time() - start < 0.8  # twice the budget


def test_a_pattern_that_no_contract_may_have_leaves_the_answer_open() -> None:
    judged = compatibility({"enum": ["b"]}, {"pattern": r"^(a+)+\1$"})
    assert judged.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "array", "minItems": 10**9}, {"type": "array", "minItems": 10**9 + 1}),
        ({"type": "string", "minLength": 10**9}, {"type": "string", "pattern": "^a*$"}),
        ({"type": "object", "minProperties": 10**6}, {"maxProperties": 10}),
        ({"type": "array", "contains": {"const": 1}, "minContains": 10**6}, {"minItems": 10**7}),
    ],
)
def test_a_witness_too_large_to_write_leaves_the_answer_open(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert compatibility(old, new).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"minimum": float("nan")}, "nan"),
        ({"minimum": 10**400}, "does not fit a double"),
        ({"pattern": "("}, "/pattern"),
        ({"properties": {"a": {"type": "foo"}}}, "/properties/a/type"),
        ({"required": "a"}, "/required"),
        ({"properties": {"a": 5}}, "/properties/a"),
        ({"$schema": "http://example.com/schema"}, "dialect"),
        ({"enum": {1, 2}}, "not JSON"),
        ({1: 2}, "names are text"),
        ("string", "not str"),
        (None, "not NoneType"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(schema: Any, said: str) -> None:  # noqa: ANN401  what a stranger may pass
    with pytest.raises(ContractError, match=said):
        compatibility({}, schema)


def test_draft_03_is_not_understood() -> None:
    schema = {"$schema": "http://json-schema.org/draft-03/schema#", "type": "string"}
    assert compatibility({**schema, "minLength": 2}, {**schema, "minLength": 1}).verdict is (
        Verdict.UNKNOWN
    )


@pytest.mark.parametrize("value", [5, True, {"type": "string"}])
@pytest.mark.parametrize("keyword", ["contains", "propertyNames", "if", "dependentSchemas"])
def test_a_keyword_of_a_later_draft_may_be_anything(keyword: str, value: object) -> None:
    judged = compatibility({**DRAFT_04, keyword: value}, {**DRAFT_04, "type": "array"})
    assert judged.verdict is Verdict.INCOMPATIBLE
    assert compatibility(DRAFT_04, {**DRAFT_04, keyword: value}).verdict is Verdict.COMPATIBLE


@pytest.mark.parametrize("value", [3, [{}, {}]])
def test_prefix_items_evaluate_nothing_in_a_draft_that_does_not_know_them(value: object) -> None:
    new = {**DRAFT_2019, "prefixItems": value, "unevaluatedItems": False}
    judged = compatibility({**DRAFT_2019, "type": "array", "maxItems": 2}, new)
    assert judged.verdict is Verdict.INCOMPATIBLE


@pytest.mark.parametrize(
    "schema",
    [
        {**DRAFT_04, "$ref": "#/$defs/y", "$defs": {"y": True}},
        *({"$ref": "#/y", "y": value} for value in (5, "abc", [5], None)),
        *({"$ref": "#/y", "y": value} for value in ({"properties": 5}, {"minLength": "a"})),
    ],
    ids=str,
)
def test_a_reference_to_what_is_no_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match="leads to what is no schema"):
        compatibility(schema, {})
    with pytest.raises(ContractError, match="leads to what is no schema"):
        MemoryRegistry([Contract("t", "T", 1, schema)])


def test_a_property_is_required_in_draft_03_by_a_boolean() -> None:
    draft_03 = {"$schema": "http://json-schema.org/draft-03/schema#"}
    judged = compatibility({**draft_03, "required": True}, {**draft_03, "required": False})
    assert [change.kind for change in judged.changes] == ["required-changed"]


def test_a_reference_to_a_boolean_is_followed_where_booleans_are_schemas() -> None:
    assert compatibility({"type": "array"}, {"$ref": "#/$defs/y", "$defs": {"y": True}})


def test_what_is_compatible_by_the_truth_is_so_by_the_profile_of_registries() -> None:
    schema = {
        "$defs": {"name": {"type": "string"}},
        "properties": {"a": {"default": 1}, "b": {"$ref": "#/$defs/name"}},
        "required": ["a"],
        "anyOf": [{"properties": {"c": {"$ref": "#/$defs/name"}}}, {"required": ["d"]}],
        "unevaluatedProperties": False,
    }
    assert compatibility(schema, schema)
    assert compatibility(schema, schema, profile="registry")


def remembering(steps: int, last: dict[str, Any]) -> dict[str, Any]:
    """A schema of few parts that apply in two to the power of the steps combinations."""

    def to(step: int) -> dict[str, Any]:
        return {"$ref": f"#/$defs/s{step}"}

    parts: dict[str, Any] = {
        "s0": {"type": "object", "properties": {"a": {"allOf": [to(0), to(1)]}, "b": to(0)}}
    }
    for step in range(1, steps):
        both = {"a": to(step + 1), "b": to(step + 1)}
        parts[f"s{step}"] = {"type": "object", "properties": both}
    return {**to(0), "$defs": {**parts, f"s{steps}": last}}


TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}},
}


def test_what_a_registry_accepts_is_looked_for_within_the_budget() -> None:
    writer = remembering(16, {"properties": {"z": TEXT}})
    reader = {**TREE, "properties": {**TREE["properties"], "z": TEXT}}
    [[sent, read]] = readings([writer, reader], ["writer", "reader"], Budget(10))
    with pytest.raises(OutOfBudgetError):
        lenient(sent, read, Budget(600, 20_000))
    started = thread_time()
    judged = compatibility(writer, reader, profile="registry", seconds=0.5)
    assert thread_time() - started < 3
    assert judged.verdict is Verdict.UNKNOWN
    assert judged.reason.endswith("the question takes more work than it may")


def test_where_what_a_registry_accepts_takes_too_long_the_truth_is_still_asked() -> None:
    assert compatibility(remembering(20, {}), TREE).verdict is Verdict.COMPATIBLE
    assert compatibility(remembering(20, {}), TREE, profile="registry")
