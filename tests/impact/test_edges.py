"""Values at the edges of what a contract allows."""

from __future__ import annotations

from eventroute.impact.edges import edges

from .kit import fields


def test_bounds_lengths_and_listed_values_are_given_with_their_place() -> None:
    schema = fields(
        stars={"type": "integer", "minimum": 1, "exclusiveMaximum": 6},
        code={"type": "string", "minLength": 2, "maxLength": 3},
        by={"anyOf": [{"enum": ["shop", "guest"]}, {"type": "null"}]},
    )
    assert sorted(edges(schema), key=repr) == [
        (("by",), "guest"),
        (("by",), "shop"),
        (("code",), "xx"),
        (("code",), "xxx"),
        (("stars",), 1),
        (("stars",), 5),
    ]


def test_they_are_found_through_references() -> None:
    schema = {
        **fields(address={"$ref": "#/$defs/Address"}),
        "$defs": {"Address": fields(floor={"maximum": 99})},
    }
    assert list(edges(schema)) == [(("address", "floor"), 99)]


def test_schemas_that_refer_to_themselves_come_to_an_end() -> None:
    around = {**fields(size={"minimum": 0}, below={"$ref": "#"}), "allOf": [{"$ref": "#"}]}
    assert (("size",), 0) in list(edges(around))


def test_a_text_too_long_to_write_is_left_out() -> None:
    assert list(edges(fields(note={"maxLength": 10**12}))) == []
