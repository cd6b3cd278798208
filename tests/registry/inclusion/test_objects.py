"""Properties, by name and by pattern, and how many there are."""

from __future__ import annotations

from .judged import breaks, reads

OBJECT = {"type": "object"}
CLOSED = {**OBJECT, "additionalProperties": False}
TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def test_a_property_that_is_required_now_was_not_always_sent() -> None:
    judged = breaks({**OBJECT, "properties": {"a": TEXT}}, {**OBJECT, "required": ["a"]})
    assert judged.witness == {}
    assert judged.pointer == "/required"


def test_a_property_that_is_no_longer_required_breaks_nothing() -> None:
    assert reads({**OBJECT, "required": ["a", "b"]}, {**OBJECT, "required": ["a"]})


def test_an_undeclared_member_could_have_held_anything() -> None:
    assert breaks(OBJECT, {**OBJECT, "properties": {"a": TEXT}}).witness == {"a": None}
    assert reads(CLOSED, {**OBJECT, "properties": {"a": TEXT}})


def test_a_closed_object_refuses_a_removed_property() -> None:
    judged = breaks({**CLOSED, "properties": {"a": TEXT}}, CLOSED)
    assert judged.witness == {"a": ""}
    assert judged.pointer == "/additionalProperties"


def test_a_pattern_speaks_of_the_declared_members_too() -> None:
    old = {**OBJECT, "properties": {"ab": {"minLength": 2}}, "patternProperties": {"^a": TEXT}}
    assert reads(old, {"properties": {"ab": {"type": "string", "minLength": 1}}})
    breaks(old, {"properties": {"b": TEXT}})


def test_names_that_match_other_patterns_are_told_apart() -> None:
    old = {**OBJECT, "patternProperties": {"^a": WHOLE, "b$": TEXT}, "additionalProperties": False}
    assert reads(old, {"patternProperties": {"^a.*b$": False}})
    assert reads(old, {"propertyNames": {"pattern": "^a|b$"}})
    assert breaks(old, {"additionalProperties": WHOLE}).witness is not None


def test_the_names_of_members_are_texts_with_a_language() -> None:
    assert reads({**OBJECT, "propertyNames": {"enum": ["a", "b"]}}, {"maxProperties": 2})
    assert reads({**OBJECT, "propertyNames": {"maxLength": 1}}, {"properties": {"ab": False}})
    breaks({**OBJECT, "propertyNames": {"maxLength": 2}}, {"propertyNames": {"maxLength": 1}})


def test_members_are_counted() -> None:
    assert reads({**OBJECT, "required": ["a", "b"]}, {"minProperties": 2})
    assert reads({**CLOSED, "properties": {"a": TEXT, "b": TEXT}}, {"maxProperties": 2})
    assert breaks({**OBJECT, "maxProperties": 3}, {"maxProperties": 2}).pointer == "/maxProperties"
    assert reads({**CLOSED, "properties": {"a": TEXT}, "minProperties": 1}, {"required": ["a"]})


def test_a_member_may_require_another() -> None:
    old = {**OBJECT, "dependentRequired": {"card": ["address"]}}
    assert reads({**old, "required": ["card"]}, {"required": ["address"]})
    assert breaks(old, {"dependentRequired": {"address": ["card"]}}).witness is not None


def test_a_member_may_require_a_whole_schema() -> None:
    old = {**OBJECT, "required": ["a"], "dependentSchemas": {"a": {"properties": {"b": TEXT}}}}
    assert reads(old, {"properties": {"b": TEXT}})


def test_dependencies_of_older_drafts_are_both() -> None:
    draft = {"$schema": "http://json-schema.org/draft-07/schema#"}
    old = {**draft, **OBJECT, "required": ["a"], "dependencies": {"a": ["b"]}}
    assert reads(old, {**draft, "required": ["b"]})
    assert reads({**old, "dependencies": {"a": {"required": ["b"]}}}, {**draft, "required": ["b"]})


def test_unevaluated_members_are_those_that_no_part_declares() -> None:
    base = {"$defs": {"base": {"properties": {"id": TEXT}}}, **OBJECT}
    new = {**base, "$ref": "#/$defs/base", "properties": {"a": TEXT}}
    assert reads({**new, "unevaluatedProperties": False}, {"propertyNames": {"enum": ["a", "id"]}})
    breaks({**new, "unevaluatedProperties": False}, {**OBJECT, "maxProperties": 1})


def test_a_witness_holds_only_what_it_needs() -> None:
    old = {**OBJECT, "properties": {"a": TEXT, "b": WHOLE, "c": TEXT}, "required": ["b"]}
    new = {**old, "properties": {"a": TEXT, "b": WHOLE, "c": WHOLE}}
    assert breaks(old, new).witness == {"b": 0, "c": ""}
    assert breaks(old, new).pointer == "/properties/c/type"
