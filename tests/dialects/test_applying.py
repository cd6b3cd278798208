"""Which schemas apply to the value that one schema applies to."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.dialects.applying import applying
from eventroute.jsontext import value_at

ROOT: dict[str, Any] = {
    "title": "root",
    "allOf": [{"title": "first", "allOf": [{"title": "inner"}]}, True, {"$ref": "/d/a"}],
    "$ref": "/d/b",
    "d": {
        "a": {"title": "a", "$ref": "/d/b"},
        "b": {"title": "b", "allOf": [{"$ref": ""}, False, {"$ref": "/nowhere"}]},
    },
}


def target(reference: str) -> object:
    try:
        return value_at(ROOT, reference.removeprefix("#"))
    except LookupError:
        return None


def names(schema: object, **options: bool) -> list[object]:
    found = applying(schema, target, **options)
    return [one if isinstance(one, bool) else one.get("title", "") for one in found]


def test_each_applies_once_and_the_nearest_come_first() -> None:
    assert names(ROOT) == ["root", "first", "inner", True, "", "a", "b", "", False, ""]


def test_beside_a_reference_nothing_counts_up_to_draft_07() -> None:
    assert names(ROOT["d"]["a"], beside_references=False) == ["b", False]


@pytest.mark.parametrize("schema", [None, 1, "text", [{}]])
def test_what_is_no_schema_applies_to_nothing(schema: object) -> None:
    assert names(schema) == []


def test_what_is_in_a_schema_is_not_looked_for_before_the_schema_was_seen() -> None:
    def never(reference: str) -> object:
        raise AssertionError(reference)

    assert next(applying({"$ref": "#"}, never)) == {"$ref": "#"}
