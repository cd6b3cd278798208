"""One schema that becomes one of several alternatives, as a type that becomes optional does."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from eventroute.registry import Change, compatibility

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
NULL = {"type": "null"}
LINE = {"$ref": "#/$defs/Line"}
NOTE = {"$ref": "#/$defs/Note"}
DEFINED = {
    "Line": {"type": "object", "properties": {"sku": TEXT}},
    "Note": {"type": "object", "properties": {"text": TEXT}},
}


def changes(old: Any, new: Any) -> list[Change]:  # noqa: ANN401  JSON
    def whole(schema: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
        return {"$defs": DEFINED, "type": "object", "properties": {"x": schema}}

    return list(compatibility(whole(old), whole(new), "NONE").changes)


def texts(old: Any, new: Any) -> list[str]:  # noqa: ANN401  JSON
    return [change.text for change in changes(old, new)]


def test_a_type_that_may_be_null_now_is_one_change() -> None:
    assert changes(TEXT, {"anyOf": [TEXT, NULL], "default": None}) == [
        Change("/properties/x/anyOf/1", "alternative-added", "null is allowed now", ("FORWARD",))
    ]


def test_a_type_that_may_be_null_no_longer_is_one_change() -> None:
    assert changes({"anyOf": [TEXT, NULL], "title": "X"}, {**TEXT, "title": "X"}) == [
        Change(
            "/properties/x/anyOf/1",
            "alternative-removed",
            "null is no longer allowed",
            ("BACKWARD",),
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"anyOf": [WHOLE, TEXT]}, WHOLE, ["string is no longer allowed"]),
        (TEXT, {"anyOf": [WHOLE, TEXT]}, ["integer is allowed now"]),
        ({"anyOf": [WHOLE, TEXT]}, {"anyOf": [WHOLE, TEXT, NULL]}, ["null is allowed now"]),
        (LINE, {"anyOf": [LINE, NULL]}, ["null is allowed now"]),
        (LINE, {"oneOf": [NOTE, LINE]}, ['{"$ref": "#/$defs/Note"} joined oneOf']),
        ({"type": ["string", "null"]}, {"anyOf": [TEXT, NULL]}, []),
        (
            {"type": ["string", "null"]},
            {"anyOf": [WHOLE, NULL]},
            ["string is no longer allowed", "integer is allowed now"],
        ),
        (
            WHOLE,
            {"anyOf": [TEXT, NULL]},
            ["null is allowed now", "the type was integer and is string"],
        ),
    ],
)
def test_what_came_and_went_is_told(old: Any, new: Any, told: list[str]) -> None:  # noqa: ANN401
    assert texts(old, new) == told


def test_what_changed_in_the_alternative_itself_is_told_beside() -> None:
    found = changes({**TEXT, "maxLength": 3}, {"anyOf": [{**TEXT, "maxLength": 4}, NULL]})
    assert [(one.pointer, one.text) for one in found] == [
        ("/properties/x/anyOf/1", "null is allowed now"),
        ("/properties/x/anyOf/0/maxLength", "maxLength was raised from 3 to 4"),
    ]


def test_an_alternative_that_another_covers_is_not_said_to_be_forbidden() -> None:
    number = {"type": "number"}
    assert texts({"anyOf": [number, WHOLE]}, number) == ['{"type": "integer"} left anyOf']


def test_a_type_of_a_list_of_types_is_found_where_it_stood() -> None:
    found = changes({"type": ["string", "null"]}, {"anyOf": [TEXT, WHOLE]})
    assert found[0].pointer == "/properties/x/type"


def test_an_alternative_of_what_was_open_breaks_nothing_alone() -> None:
    assert {change.breaks for change in changes({}, {"anyOf": [TEXT, NULL]})} == {()}


def test_a_member_of_a_model_that_becomes_optional_is_told_so() -> None:
    class Before(BaseModel):
        x: str

    class After(BaseModel):
        x: str | None

    found = compatibility(Before.model_json_schema(), After.model_json_schema(), "NONE").changes
    assert [one.text for one in found] == ["null is allowed now"]
