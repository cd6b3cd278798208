"""Where references lead within one document."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.dialects.places import LocalPlaces

ROOT: dict[str, Any] = {
    "$defs": {
        "a/b": {"title": "pointer"},
        "c": {"$anchor": "new", "title": "anchor"},
        "d": {"$id": "#old", "title": "of draft-07"},
        "e": {"id": "#oldest", "title": "of draft-04"},
        "f": False,
        "n": 1,
    },
    "allOf": [{"properties": {"x": {"$anchor": "deep", "title": "deep"}}}],
    "enum": [{"$anchor": "value"}],
}


@pytest.mark.parametrize(
    ("reference", "place"),
    [
        ("#", ""),
        ("#/$defs/a~1b", "/$defs/a~1b"),
        ("#/%24defs/a~1b", "/$defs/a~1b"),
        ("#/$defs/f", "/$defs/f"),
        ("#new", "/$defs/c"),
        ("#old", "/$defs/d"),
        ("#oldest", "/$defs/e"),
        ("#deep", "/allOf/0/properties/x"),
    ],
)
def test_a_reference_leads_to_a_pointer_and_a_schema(reference: str, place: str) -> None:
    found = LocalPlaces(ROOT).of(reference)
    assert found is not None
    assert found[0] == place
    assert found == LocalPlaces(ROOT).at(place)


@pytest.mark.parametrize(
    "reference",
    ["https://example.com/", "other#/$defs/c", "#/$defs/z", "#/$defs/n", "#nobody", "#value"],
)
def test_no_other_reference_leads_to_a_schema_of_the_document(reference: str) -> None:
    assert LocalPlaces(ROOT).of(reference) is None
