"""Modes, profiles, and what a judgement tells."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.errors import ContractError
from eventroute.registry import Contract, Verdict, compatibility

TEXT = {"type": "string"}
OPEN: dict[str, Any] = {"type": "object", "properties": {"id": TEXT}, "required": ["id"]}
MORE: dict[str, Any] = {**OPEN, "required": ["id", "name"]}
OBJECT: dict[str, Any] = {"type": "object"}
DRAFT_07: Any = {"$schema": "http://json-schema.org/draft-07/schema#"}
AGE: dict[str, Any] = {"properties": {"age": TEXT}}
NUMBER_AGE: dict[str, Any] = {"properties": {"age": {"type": "integer"}}}
CLOSED: dict[str, Any] = {**OPEN, "additionalProperties": False}


def test_backward_asks_whether_the_new_schema_reads_what_fitted_the_old() -> None:
    judged = compatibility(OPEN, MORE)
    assert not judged
    assert judged.direction == "BACKWARD"
    assert judged.witness == {"id": ""}
    assert judged.pointer == "/required"
    assert judged.reason == (
        "an event that fits the old schema is refused by the new schema, at /required"
    )


def test_forward_asks_whether_the_old_schema_reads_what_fits_the_new() -> None:
    assert compatibility(OPEN, MORE, "FORWARD")
    judged = compatibility(MORE, OPEN, "FORWARD")
    assert judged.direction == "FORWARD"
    assert judged.witness == {"id": ""}
    assert "fits the new schema is refused by the old schema" in judged.reason


def test_full_asks_both() -> None:
    assert compatibility(OPEN, {**OPEN, "title": "t"}, "FULL")
    assert compatibility(OPEN, MORE, "FULL").direction == "BACKWARD"
    assert compatibility(MORE, OPEN, "FULL").direction == "FORWARD"


def test_none_asks_nothing_and_still_tells_the_changes() -> None:
    judged = compatibility(OPEN, MORE, "NONE")
    assert judged
    assert [change.kind for change in judged.changes] == ["required-added"]


def test_of_several_earlier_schemas_the_latest_counts() -> None:
    assert compatibility([MORE, OPEN], OPEN)
    assert compatibility([OPEN, MORE], MORE)


def test_a_transitive_mode_compares_with_every_earlier_schema() -> None:
    judged = compatibility([OPEN, MORE], MORE, "BACKWARD_TRANSITIVE")
    assert judged.verdict is Verdict.INCOMPATIBLE
    assert judged.against == 0
    assert compatibility([MORE, OPEN], OPEN, "BACKWARD_TRANSITIVE")
    assert compatibility([OPEN, MORE], MORE, "FULL_TRANSITIVE").against == 0
    assert not compatibility([CLOSED, OPEN], OPEN, "FORWARD_TRANSITIVE")


def test_where_one_comparison_stays_open_the_judgement_does() -> None:
    strange = {"$schema": "http://json-schema.org/draft-07/schema#", "format": "email"}
    assert compatibility([{}, strange], strange, "BACKWARD_TRANSITIVE").verdict is Verdict.UNKNOWN
    assert compatibility([{}, strange], strange).verdict is Verdict.COMPATIBLE


def test_of_no_earlier_schema_nothing_can_break() -> None:
    assert compatibility([], OPEN)


def test_contracts_are_named_in_the_reason() -> None:
    old, new = (
        Contract("shop", "OrderPlaced", version, schema)
        for version, schema in enumerate((OPEN, MORE), 1)
    )
    assert "shop/OrderPlaced/1 is refused by shop/OrderPlaced/2" in compatibility(old, new).reason


@pytest.mark.parametrize(("mode", "profile"), [("SIDEWARD", "strict"), ("BACKWARD", "lax")])
def test_an_unknown_mode_or_profile_is_refused(mode: Any, profile: Any) -> None:  # noqa: ANN401  what a stranger may pass
    with pytest.raises(ContractError, match="is not known; use"):
        compatibility(OPEN, MORE, mode, profile=profile)


def registry(old: Any, new: Any, mode: Any = "BACKWARD") -> Any:  # noqa: ANN401  JSON
    return compatibility(old, new, mode, profile="registry")


def test_a_registry_takes_a_reader_to_fill_in_defaults() -> None:
    new = {**MORE, "properties": {"id": TEXT, "name": {**TEXT, "default": "?"}}}
    assert not compatibility(CLOSED, new)
    assert registry(CLOSED, new)
    assert not registry(CLOSED, MORE)


NAMED: dict[str, Any] = {"properties": {"name": {**TEXT, "default": "?"}}}
NEEDED: dict[str, Any] = {"required": ["name"]}


@pytest.mark.parametrize(
    ("reference", "name", "schema"),
    [
        ("#/$defs/caf%C3%A9", "café", {}),
        ("#/$defs/café", "café", {}),
        ("#e", "e", {"$anchor": "e"}),
    ],
)
def test_a_default_is_found_behind_every_kind_of_reference(
    reference: str, name: str, schema: dict[str, Any]
) -> None:
    new = {**NEEDED, "properties": {"name": {"$ref": reference}}}
    assert registry({}, {**new, "$defs": {name: {**schema, "default": "?"}}})
    assert not registry({}, {**new, "$defs": {name: schema}})


@pytest.mark.parametrize("reference", ["#/$defs/caf%C3%A9", "#e"])
def test_what_is_behind_every_kind_of_reference_is_read_as_a_registry_does(reference: str) -> None:
    new: dict[str, Any] = {
        "properties": {"a": {"$ref": reference}, "b": {"not": {"$ref": reference}}},
        "$defs": {"café": {**NAMED, **NEEDED, **OBJECT, "$anchor": "e"}},
    }
    old: dict[str, Any] = {"properties": {"a": OBJECT, "b": {**OBJECT, "maxProperties": 0}}}
    assert not compatibility(old, new)
    assert registry(old, new)


def test_what_stands_beside_a_reference_to_a_reference_is_read() -> None:
    ways = {"a": {"$ref": "#/$defs/b", **NUMBER_AGE}, "b": {}}
    assert not registry(AGE, {"$ref": "#/$defs/a", "$defs": ways})


def test_references_of_draft_07_are_followed_where_defs_means_nothing() -> None:
    new = {**DRAFT_07, "$defs": 1, "$ref": "#/definitions/a", "definitions": {"a": NUMBER_AGE}}
    assert not registry({**DRAFT_07, **AGE}, new)
    assert not registry({**DRAFT_07}, {**new, "definitions": {"a": NEEDED}})


def test_a_witness_is_refused_at_a_place_of_the_schema_as_it_was_given() -> None:
    new = {"$ref": "#/$defs/caf%C3%A9", "$defs": {"café": {"properties": {"id": OBJECT}}}}
    assert registry(OPEN, new).pointer == "/$defs/café/properties/id/type"


@pytest.mark.parametrize(
    "reader",
    [
        {**NAMED, "allOf": [NEEDED]},
        {**NEEDED, "allOf": [NAMED]},
        {"allOf": [NAMED, NEEDED]},
        {**NEEDED, "$ref": "#/$defs/named", "$defs": {"named": NAMED}},
        {**NAMED, "$ref": "#/$defs/needed", "$defs": {"needed": NEEDED}},
        {**NEEDED, "properties": {"name": {"allOf": [{"default": "?"}]}}},
        {
            **NEEDED,
            "properties": {"name": {"allOf": [{"$ref": "#/$defs/name"}]}},
            "$defs": {"name": {"default": "?"}},
        },
    ],
    ids=str,
)
def test_a_default_may_stand_in_any_schema_that_applies(reader: dict[str, Any]) -> None:
    assert not compatibility({}, reader)
    assert registry({}, reader)


@pytest.mark.parametrize(
    "reader",
    [
        {**NEEDED, "anyOf": [NAMED, {}]},
        {**NEEDED, "properties": {"name": {"anyOf": [{"default": "?"}, {}]}}},
        {**NEEDED, "properties": {"other": NAMED}},
        {**NAMED, "properties": {"other": NEEDED}},
    ],
    ids=str,
)
def test_a_default_elsewhere_fills_nothing_in(reader: dict[str, Any]) -> None:
    assert not registry({"properties": {"other": {}}}, reader)


@pytest.mark.parametrize(
    "ignored",
    [
        {**NEEDED, "properties": {"name": {"$ref": "#/definitions/name", "default": "?"}}},
        {"allOf": [NEEDED, {"$ref": "#/definitions/name", **NAMED}]},
    ],
)
def test_a_default_beside_a_reference_of_draft_07_is_none(ignored: dict[str, Any]) -> None:
    named = {**ignored, **DRAFT_07, "definitions": {"name": {}}}
    assert not registry(DRAFT_07, named)


def test_a_registry_takes_a_writer_not_to_send_what_it_does_not_declare() -> None:
    new = {**OPEN, "properties": {"id": TEXT, "age": {"type": "integer"}}}
    assert compatibility(OPEN, new).witness == {"id": "", "age": None}
    assert registry(OPEN, new)
    assert registry(new, OPEN, "FULL")


def test_what_a_writer_limits_without_declaring_it_is_still_compared() -> None:
    new = {**OPEN, "properties": {"id": TEXT, "age": {"type": "integer"}}}
    assert not registry({**OPEN, "additionalProperties": TEXT}, new)
    assert not registry({**OPEN, "patternProperties": {"^a": TEXT}}, new)
    assert not registry({**OPEN, "anyOf": [{"properties": {"age": TEXT}}]}, new)


@pytest.mark.parametrize(
    "declared",
    [
        {"$ref": "#/$defs/one", "$defs": {"one": OPEN}, **AGE},
        {"$ref": "#one", "$defs": {"one": {"$anchor": "one", **AGE}}},
        {"$ref": "#/$defs/o%6Ee", "$defs": {"one": AGE}},
        {"$dynamicRef": "#one", "$defs": {"one": {"$dynamicAnchor": "one", **AGE}}},
        {"$ref": "urn:one", "$defs": {"one": {"$id": "urn:one", **AGE}}},
        {"allOf": [{"properties": {"age": True}}, AGE]},
        {"allOf": [AGE, {"properties": {"age": True}}]},
    ],
)
def test_a_property_is_declared_wherever_a_schema_that_applies_declares_it(declared: Any) -> None:  # noqa: ANN401  JSON
    reader = {"properties": {"age": {"type": "integer"}}}
    assert not compatibility(declared, reader)
    assert not registry(declared, reader)


def test_beside_a_reference_of_draft_07_nothing_is_declared() -> None:
    writer = {**DRAFT_07, "$ref": "#/definitions/one", "definitions": {"one": {}}, **AGE}
    assert registry(writer, {**DRAFT_07, "properties": {"age": {"type": "integer"}}})


def test_members_of_a_property_are_declared_by_all_that_declare_the_property() -> None:
    def person(*schemas: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
        return {"allOf": [{"properties": {"person": schema}} for schema in schemas]}

    reader = {"properties": {"person": {"properties": {"age": {"type": "integer"}}}}}
    assert registry(person({"type": "object"}, OPEN), reader)
    assert not registry(person({"type": "object"}, AGE), reader)
    assert not registry(person(AGE, {"type": "object"}), reader)


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ({"properties": {"a": AGE}, "additionalProperties": {}}, "additionalProperties"),
        ({"prefixItems": [AGE], "items": {}}, "items"),
    ],
)
def test_what_takes_all_the_others_is_compared_with_what_the_writer_declares(
    writer: dict[str, Any], reader: str
) -> None:
    wanted = {reader: {"properties": {"age": {"type": "integer"}}}}
    assert registry({reader: {}}, wanted)
    assert not registry(writer, wanted)


PERSON: dict[str, Any] = {"properties": {"person": OBJECT}}


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ({**PERSON, "patternProperties": {"^p": AGE}}, "properties"),
        ({**PERSON, "anyOf": [{"properties": {"person": AGE}}]}, "properties"),
        ({**PERSON, "anyOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {}}}, "properties"),
        ({**PERSON, "if": {}, "then": {"additionalProperties": AGE}}, "properties"),
        ({**PERSON, "enum": [{"person": {"age": ""}}]}, "properties"),
        ({"allOf": [PERSON, {"additionalProperties": AGE}]}, "properties"),
        ({"allOf": [PERSON, {"unevaluatedProperties": AGE}]}, "properties"),
        (
            {"patternProperties": {"^p": AGE}, "additionalProperties": OBJECT},
            "additionalProperties",
        ),
        ({**PERSON, "unevaluatedProperties": AGE}, "additionalProperties"),
        ({"items": OBJECT, "anyOf": [{"items": AGE}]}, "items"),
        ({"items": OBJECT, "contains": AGE}, "items"),
        ({"allOf": [{"items": OBJECT}, {"unevaluatedItems": AGE}]}, "items"),
        ({"allOf": [{"prefixItems": [OBJECT]}, {"items": AGE}]}, "prefixItems"),
        ({"prefixItems": [OBJECT], "contains": AGE}, "prefixItems"),
    ],
)
def test_what_is_described_in_another_way_too_is_not_open(
    writer: dict[str, Any], reader: str
) -> None:
    whole = {"properties": {"person": NUMBER_AGE}, "prefixItems": [NUMBER_AGE]}
    wanted = {reader: whole.get(reader, NUMBER_AGE)}
    assert not compatibility(writer, wanted)
    assert not registry(writer, wanted)


def test_what_is_described_in_another_way_too_is_not_open_below_either() -> None:
    def deep(schema: dict[str, Any]) -> dict[str, Any]:
        return {"properties": {"person": {**OBJECT, **schema}}}

    writer = {"properties": {"a": deep(OBJECT)}, "patternProperties": {"^a": deep(AGE)}}
    reader = {"properties": {"a": deep(NUMBER_AGE)}}
    assert not registry(writer, reader)


@pytest.mark.parametrize(
    "draft", ["http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#"]
)
def test_items_of_older_drafts_are_described_by_all_that_says_something_of_them(draft: str) -> None:
    named = {"$schema": draft}
    listed: dict[str, Any] = {**named, "items": [{}], "additionalItems": NUMBER_AGE}
    assert registry({**named, "items": [{}], "additionalItems": OBJECT}, listed)
    ignored = {**named, "items": AGE, "additionalItems": OBJECT}
    assert not registry(ignored, listed)
    ignored = {**named, "items": {}, "additionalItems": NUMBER_AGE}
    assert registry({**named, "additionalItems": AGE}, ignored)
    longer = {**named, "items": [{}, AGE], "additionalItems": OBJECT}
    assert not registry(longer, listed)


def test_a_keyword_that_the_writers_draft_does_not_know_describes_nothing() -> None:
    writer = {**DRAFT_07, "prefixItems": [OBJECT], "items": AGE}
    modern = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    assert not registry(writer, {**modern, "prefixItems": [NUMBER_AGE]})


@pytest.mark.parametrize(
    "beside",
    [
        {"patternProperties": {"^x-": AGE}},
        {"patternProperties": {"": True}},
        {"anyOf": [{"required": ["person"]}, {"required": ["group"]}]},
        {"unevaluatedProperties": False},
        {"additionalProperties": AGE},
    ],
)
def test_what_says_nothing_of_a_property_leaves_it_open(beside: dict[str, Any]) -> None:
    assert registry({**PERSON, **beside}, {"properties": {"person": NUMBER_AGE}})


def test_a_declared_property_that_changed_its_type_breaks_in_a_registry_too() -> None:
    new = {**OPEN, "properties": {"id": {"type": "integer"}}}
    assert registry(OPEN, new).pointer == "/properties/id/type"


def test_the_rules_of_a_registry_hold_at_every_depth_and_through_references() -> None:
    def order(**line: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
        return {
            "$defs": {"line": {"type": "object", "properties": {"sku": TEXT}, **line}},
            "type": "object",
            "properties": {"lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}},
        }

    old = order()
    new = order(properties={"sku": TEXT, "count": {"type": "integer"}})
    assert not compatibility(old, new)
    assert registry(old, new)
    worse = order(properties={"sku": {"type": "integer"}})
    assert registry(old, worse).pointer == "/$defs/line/properties/sku/type"


def test_a_schema_that_holds_itself_is_read_as_a_registry_does() -> None:
    old = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    new = {**old, "properties": {"next": {"$ref": "#"}, "age": {"type": "integer"}}}
    assert not compatibility(old, new)
    assert registry(old, new)


def test_what_a_registry_accepts_includes_all_that_is_true() -> None:
    assert registry({"enum": [1, 2]}, {"type": "integer"})
    assert registry(True, {})
    assert not registry(True, False)


@pytest.mark.parametrize("reference", ["#/$defs/café", "#/$defs/caf%C3%A9", "#cafe"])
def test_the_place_that_refuses_is_told_as_a_pointer_however_it_is_referred_to(
    reference: str,
) -> None:
    new = {
        **OPEN,
        "properties": {"at": {"$ref": reference}},
        "$defs": {"café": {"$anchor": "cafe", "type": "object"}},
    }
    judged = compatibility(OPEN, new, profile="strict")
    assert judged.pointer == "/$defs/café/type"


def test_what_must_not_hold_is_not_changed_through_a_reference() -> None:
    text, number = {"type": "string"}, {"type": "integer"}
    a, b = ({"type": "object", "properties": {"x": kind}} for kind in (number, text))
    old = {"type": "object", "properties": {"a": {"type": "object"}, "b": b}}
    condition = {"if": {"$ref": "#/properties/a"}, "else": False}
    new = {"type": "object", "properties": {"a": a, "b": condition}}
    found = compatibility(old, new, profile="registry")
    assert found.verdict is Verdict.INCOMPATIBLE
