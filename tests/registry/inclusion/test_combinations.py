"""``allOf``, ``anyOf``, ``oneOf``, ``not``, ``if`` and references."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.registry import Verdict, compatibility

from .judged import breaks, fits, reads

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}


def test_all_of_is_each_of_its_parts() -> None:
    assert reads({"allOf": [{"minimum": 10}, {"maximum": 20}]}, {"minimum": 10, "maximum": 20})
    assert reads({"minimum": 10, "maximum": 20}, {"allOf": [{"minimum": 10}, {"maximum": 20}]})


def test_an_alternative_more_breaks_nothing_and_one_less_does() -> None:
    assert reads({"anyOf": [TEXT]}, {"anyOf": [WHOLE, TEXT]})
    assert breaks({"anyOf": [WHOLE, TEXT]}, {"anyOf": [TEXT]}).witness == 0


def test_alternatives_that_overlap_are_none_of_one_of() -> None:
    assert breaks({"type": "integer"}, {"oneOf": [WHOLE, {"type": "number"}]}).witness is not None
    assert reads({"oneOf": [WHOLE, {"type": "number"}]}, {"not": WHOLE})


def test_alternatives_with_a_tag_are_compared_one_by_one() -> None:
    def union(value: object) -> dict[str, Any]:
        return {
            "oneOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": f"k{number}"}, "value": value},
                    "required": ["kind"],
                }
                for number in range(30)
            ]
        }

    assert reads(union(WHOLE), union({"type": "number"}), seconds=30)
    breaks(union({"type": "number"}), union(WHOLE), seconds=30)


def test_a_negation_turns_the_answer_round() -> None:
    assert reads({"not": {"type": ["string", "integer"]}}, {"not": TEXT})
    assert breaks({"not": TEXT}, {"not": {"type": ["string", "integer"]}}).witness == 0
    assert reads({"not": {"not": TEXT}}, TEXT)


def test_a_condition_is_an_alternative() -> None:
    old = {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}}
    assert reads({**old, "required": ["a"]}, {"required": ["b"]})
    assert breaks(old, {**old, "else": {"required": ["c"]}}).witness == {}


def test_a_reference_means_what_it_leads_to() -> None:
    old = {"$defs": {"text": TEXT}, "properties": {"a": {"$ref": "#/$defs/text"}}}
    assert reads(old, {"properties": {"a": TEXT}})
    judged = breaks({"type": "object"}, old)
    assert judged.pointer == "/$defs/text/type"


def test_a_schema_that_holds_itself_is_compared_to_any_depth() -> None:
    def tree(value: object, **more: object) -> dict[str, Any]:
        node = {
            "type": "object",
            "properties": {
                "value": value,
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            **more,
        }
        return {"$defs": {"node": node}, "$ref": "#/$defs/node"}

    assert reads(tree(WHOLE), tree({"type": "number"}))
    assert breaks(tree({"type": "number"}), tree(WHOLE)).witness == {"value": 0.5}
    assert breaks(tree(WHOLE), tree(WHOLE, required=["value"])).witness == {}


def test_two_schemas_that_hold_each_other_are_those_of_one_that_holds_itself() -> None:
    one = {
        "$defs": {
            "odd": {"type": "array", "items": {"$ref": "#/$defs/even"}},
            "even": {"type": "array", "items": {"$ref": "#/$defs/odd"}},
        },
        "$ref": "#/$defs/odd",
    }
    other = {"type": "array", "items": {"$ref": "#"}}
    assert reads(one, other)
    assert reads(other, one)


def test_what_no_finite_value_fits_is_read_by_anything() -> None:
    endless = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}}
    assert reads(endless, False)


def test_schemas_of_several_drafts_can_be_compared() -> None:
    old = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": True,
    }
    new = {"$schema": "http://json-schema.org/draft-07/schema#", "exclusiveMinimum": 0}
    assert reads(old, new)
    assert breaks({**old, "exclusiveMinimum": False}, new).witness == 0


def test_siblings_of_a_reference_do_not_count_in_older_drafts() -> None:
    old = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"text": TEXT},
        "properties": {"a": {"$ref": "#/definitions/text", "maxLength": 1}},
    }
    new = {"properties": {"a": {"maxLength": 1}}}
    assert breaks(old, new).witness is not None
    assert reads({**old, "$schema": "https://json-schema.org/draft/2020-12/schema"}, new)


def test_a_schema_that_two_drafts_read_otherwise_is_to_name_its_own() -> None:
    old = {"properties": {"a": TEXT}}
    new = {"definitions": {"t": TEXT}, "properties": {"a": {"$ref": "#/definitions/t", **WHOLE}}}
    judged = compatibility(old, new)
    assert judged.verdict is Verdict.UNKNOWN
    assert "$schema" in judged.reason


def test_a_part_in_another_dialect_leaves_the_answer_open() -> None:
    old = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"a": {"$schema": "http://json-schema.org/draft-04/schema#", **WHOLE}},
    }
    assert compatibility(old, {"properties": {"a": WHOLE}}).verdict is Verdict.UNKNOWN


def test_a_keyword_that_depends_on_the_value_leaves_the_answer_open_until_a_witness_is_found() -> (
    None
):
    old = {"anyOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]}
    new = {**old, "unevaluatedProperties": False}
    assert breaks({"type": "object", **old}, new).witness is not None
    assert compatibility({**new, "maxProperties": 1}, {**new, "title": "t"}).verdict is not None


@pytest.mark.parametrize("branch", ["then", "else"])
def test_what_is_left_over_depends_on_what_a_condition_leads_to(branch: str) -> None:
    condition = {"type": "object", "if": {"minProperties": 3}, "unevaluatedProperties": False}
    old = {**condition, "then": True, "else": True, branch: {"properties": {"a": True}}}
    new = {**condition, "then": True, "else": True, branch: {"properties": {"b": True}}}
    assert compatibility(old, new).verdict is not Verdict.COMPATIBLE


def test_a_bound_of_draft_03_is_another_when_it_is_exclusive() -> None:
    draft_03 = {"$schema": "http://json-schema.org/draft-03/schema#", "minimum": 1}
    assert breaks(draft_03, {**draft_03, "exclusiveMinimum": True}).witness == 1


def test_a_dynamic_reference_means_something_else_when_something_else_led_to_it() -> None:
    tree = {
        "$id": "tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"children": {"items": {"$dynamicRef": "#node"}}},
    }
    leafy = {
        "$id": "leafy",
        "$dynamicAnchor": "node",
        "anyOf": [{"type": "integer"}, {"$ref": "tree"}],
    }
    old = {
        "$id": "http://example.com/root",
        "$defs": {"tree": tree, "leafy": leafy},
        "type": "object",
        "allOf": [{"$ref": "leafy"}, {"not": {"$ref": "tree"}}],
    }
    assert fits(old, {"children": [1]})
    assert compatibility(old, TEXT).verdict is not Verdict.COMPATIBLE


def test_the_same_reference_leads_elsewhere_in_another_resource() -> None:
    left_over = {"$ref": "item", "anyOf": [{}], "unevaluatedProperties": False}
    old = {
        "$id": "http://example.com/root",
        "$defs": {
            "one": {"$id": "one/part", **left_over},
            "other": {"$id": "other/part", **left_over},
            "item of one": {"$id": "one/item", "properties": {"a": True}},
            "item of other": {"$id": "other/item", "properties": {"b": True}},
        },
        "type": "object",
        "allOf": [{"$ref": "one/part"}, {"not": {"$ref": "other/part"}}],
    }
    assert fits(old, {"a": 1})
    assert compatibility(old, TEXT).verdict is not Verdict.COMPATIBLE
