"""The list of changes: what it names, where, and which of them break."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.dialects.keywords import LISTS, MAPS, SINGLES
from eventroute.registry import Change, compatibility

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
OPEN: dict[str, Any] = {"type": "object", "properties": {"a": TEXT}}


def changes(old: Any, new: Any) -> list[Change]:  # noqa: ANN401  JSON
    return list(compatibility(old, new, "NONE").changes)


def only(old: Any, new: Any) -> Change:  # noqa: ANN401  JSON
    found = changes(old, new)
    assert len(found) == 1, found
    return found[0]


def test_schemas_that_differ_in_notes_alone_have_no_changes() -> None:
    assert not changes(OPEN, {**OPEN, "title": "An object", "properties": {"a": {**TEXT}}})
    assert not changes({"enum": [1, 2]}, {"enum": [2, 1]})


def test_an_added_property_breaks_readers_of_what_was_open() -> None:
    change = only(OPEN, {**OPEN, "properties": {"a": TEXT, "b": TEXT}})
    assert change.kind == "property-added"
    assert change.pointer == "/properties/b"
    assert change.text == 'the property "b" was added'
    assert change.breaks == ("BACKWARD",)


def test_a_removed_property_is_found_in_the_old_schema() -> None:
    change = only({**OPEN, "additionalProperties": False}, {"type": "object", **CLOSED})
    assert (change.kind, change.pointer) == ("property-removed", "/properties/a")
    assert change.breaks == ("BACKWARD",)


CLOSED: dict[str, Any] = {"additionalProperties": False, "properties": {}}


def test_a_changed_type_says_from_what_to_what() -> None:
    change = only(OPEN, {**OPEN, "properties": {"a": {"type": ["string", "null"]}}})
    assert change == Change(
        "/properties/a/type",
        "type-changed",
        "the type was string and is string or null",
        ("FORWARD",),
    )


@pytest.mark.parametrize("keyword", sorted(SINGLES - {"contentSchema"}))
def test_a_change_is_found_wherever_one_subschema_stands(keyword: str) -> None:
    change = only({keyword: TEXT}, {keyword: NUMBER})
    assert (change.kind, change.pointer) == ("type-changed", f"/{keyword}/type")


@pytest.mark.parametrize("keyword", sorted(LISTS))
def test_a_change_is_found_wherever_subschemas_are_listed(keyword: str) -> None:
    dialect = {"$schema": "http://json-schema.org/draft-07/schema#"} if keyword == "items" else {}
    change = only({**dialect, keyword: [TEXT]}, {**dialect, keyword: [NUMBER]})
    assert (change.kind, change.pointer) == ("type-changed", f"/{keyword}/0/type")


@pytest.mark.parametrize("keyword", sorted(MAPS - {"$defs", "definitions"}))
def test_a_change_is_found_wherever_subschemas_have_names(keyword: str) -> None:
    change = only({keyword: {"a": TEXT}}, {keyword: {"a": NUMBER}})
    assert (change.kind, change.pointer) == ("type-changed", f"/{keyword}/a/type")


def test_each_value_of_an_enum_is_a_change() -> None:
    found = changes({"enum": ["a", "b"]}, {"enum": ["b", "c"]})
    assert [(change.kind, change.breaks) for change in found] == [
        ("enum-value-removed", ("BACKWARD",)),
        ("enum-value-added", ("FORWARD",)),
    ]
    assert found[0].text == 'the value "a" was removed'


def test_several_values_that_become_one_are_narrowed() -> None:
    change = only({"enum": ["web", "app"]}, {"const": "app"})
    assert change == Change(
        "/const",
        "values-narrowed",
        'the values were narrowed from "web", "app" to "app"',
        ("BACKWARD",),
    )


def test_one_value_that_becomes_several_is_widened() -> None:
    change = only({"const": "app"}, {"enum": ["web", "app"]})
    assert (change.pointer, change.kind, change.breaks) == ("/enum", "values-widened", ("FORWARD",))


def test_several_values_that_become_another_are_changed() -> None:
    change = only({"enum": ["web", "app"]}, {"const": "phone"})
    assert (change.kind, change.breaks) == ("values-changed", ("BACKWARD", "FORWARD"))
    assert change.text == 'the values were "web", "app" and are "phone"'


def test_the_same_value_as_an_enum_or_a_const_is_no_change() -> None:
    assert not changes({"enum": ["app"]}, {"const": "app"})


@pytest.mark.parametrize("keyword", ["exclusiveMinimum", "maximum", "const"])
def test_a_number_written_with_a_fraction_of_zero_is_the_same_number(keyword: str) -> None:
    assert not changes({keyword: 0}, {keyword: 0.0})
    assert not changes({"items": {keyword: 0}}, {"items": {keyword: 0.0}})


def test_true_is_not_the_number_one() -> None:
    assert only({"const": 1}, {"const": True}).kind == "const-changed"


def test_each_required_name_is_a_change() -> None:
    found = changes({**OPEN, "required": ["a"]}, {**OPEN, "required": ["b"]})
    assert [(change.kind, change.breaks) for change in found] == [
        ("required-added", ("BACKWARD",)),
        ("required-removed", ("FORWARD",)),
    ]


def test_a_bound_is_raised_or_lowered() -> None:
    change = only({"type": "integer", "maximum": 5}, {"type": "integer", "maximum": 3})
    assert (change.kind, change.breaks) == ("maximum-lowered", ("BACKWARD",))
    assert change.text == "maximum was lowered from 5 to 3"
    assert only({"minLength": 1}, {"minLength": 2}).kind == "min-length-raised"
    assert only(TEXT, {**TEXT, "pattern": "a"}).kind == "pattern-added"


def test_a_bound_that_changes_nothing_breaks_nothing() -> None:
    assert only({"enum": [1], "maximum": 5}, {"enum": [1], "maximum": 3}).breaks == ()
    assert only({**TEXT, "maximum": 5}, {**TEXT, "maximum": 3}).breaks == ()


def test_a_closed_object_is_told() -> None:
    change = only(OPEN, {**OPEN, "additionalProperties": False})
    assert (change.kind, change.breaks) == ("additional-properties-closed", ("BACKWARD",))


def test_changes_are_found_behind_references_once() -> None:
    def twice(kind: str) -> dict[str, Any]:
        return {
            "$defs": {"x": {"type": kind}},
            "properties": {"a": {"$ref": "#/$defs/x"}, "b": {"$ref": "#/$defs/x"}},
        }

    assert only(twice("string"), twice("integer")).pointer == "/$defs/x/type"


def test_alternatives_are_told_by_what_they_say() -> None:
    change = only({"anyOf": [TEXT, {"type": "null"}]}, {"anyOf": [{"type": "null"}, TEXT, {}]})
    assert (change.kind, change.pointer) == ("alternative-added", "/anyOf/2")


def test_alternatives_that_only_moved_are_followed_to_what_changed() -> None:
    def schema(kind: str, *alternatives: object) -> dict[str, Any]:
        return {"$defs": {"x": {"type": kind}}, "anyOf": list(alternatives)}

    moved, other = {"properties": {"a": {"$ref": "#/$defs/x"}}}, {"type": "null"}
    change = only(schema("string", moved, other), schema("integer", other, moved))
    assert (change.kind, change.pointer) == ("type-changed", "/$defs/x/type")


def test_alternatives_that_changed_are_told_in_their_order() -> None:
    found = changes(
        {"anyOf": [{"maximum": 1}, TEXT, {"minimum": 2}]}, {"anyOf": [TEXT, {"maximum": 3}]}
    )
    assert [(change.kind, change.pointer) for change in found] == [
        ("alternative-removed", "/anyOf/2"),
        ("maximum-raised", "/anyOf/1/maximum"),
    ]


def test_below_a_negation_nothing_is_said_of_what_breaks() -> None:
    assert only({"not": {"maximum": 5}}, {"not": {"maximum": 3}}).breaks == ()


def test_a_schema_that_holds_itself_has_finitely_many_changes() -> None:
    old = {"properties": {"next": {"$ref": "#"}}, "maxProperties": 3}
    assert only(old, {**old, "maxProperties": 2}).kind == "max-properties-lowered"


def test_a_schema_that_became_true_or_false_is_told() -> None:
    assert only({"properties": {"a": TEXT}}, {"properties": {"a": False}}).kind == "schema-changed"


def test_the_list_ends() -> None:
    old = {"properties": {f"p{n}": TEXT for n in range(700)}}
    found = changes(old, {"properties": {}})
    assert len(found) == 501
    assert found[-1].kind == "more"


@pytest.mark.timeout(30)
def test_many_names_and_alternatives_are_compared_in_linear_time() -> None:
    names = [f"n{number}" for number in range(50_000)]
    new = {"required": [*names[1:], "another"]}
    found = compatibility({"required": names}, new, "NONE", seconds=60).changes
    assert [change.kind for change in found] == ["required-added", "required-removed"]
    consts = [{"const": name} for name in names[:10_000]]
    assert not compatibility({"anyOf": consts}, {"anyOf": consts[::-1]}, "NONE", seconds=60).changes


@pytest.mark.parametrize("reference", ["#/$defs/Größe", "#/$defs/Gr%C3%B6%C3%9Fe", "#size"])
def test_a_change_is_found_behind_every_way_to_write_a_reference(reference: str) -> None:
    old, new = (
        {
            "properties": {"a": {"$ref": reference}},
            "$defs": {"Größe": {"$anchor": "size", "type": kind}},
        }
        for kind in ("string", "number")
    )
    change = only(old, new)
    assert (change.pointer, change.kind) == ("/$defs/Größe/type", "type-changed")


def circle(length: int) -> dict[str, Any]:
    around = {
        str(number): {"properties": {"n": {"$ref": f"#/$defs/{(number + 1) % length}"}}}
        for number in range(length)
    }
    return {"$ref": "#/$defs/0", "$defs": around}


def test_a_comparison_that_stops_early_says_so() -> None:
    assert not changes(circle(10), circle(11))
    assert only(circle(150), circle(151)).kind == "more"
