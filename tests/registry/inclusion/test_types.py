"""``type``, ``enum``, ``const`` and schemas that are true or false."""

from __future__ import annotations

from .judged import breaks, reads

DRAFT_04 = "http://json-schema.org/draft-04/schema#"


def test_a_type_that_is_allowed_beside_another_breaks_nothing() -> None:
    assert reads({"type": "string"}, {"type": ["string", "null"]})


def test_a_type_that_is_no_longer_allowed_breaks() -> None:
    assert breaks({"type": ["string", "null"]}, {"type": "string"}).witness is None


def test_an_integer_is_a_number() -> None:
    assert reads({"type": "integer"}, {"type": "number"})
    assert isinstance(breaks({"type": "number"}, {"type": "integer"}).witness, float)


def test_draft_04_tells_1_from_one_point_zero() -> None:
    judged = breaks(
        {"$schema": DRAFT_04, "type": "number", "multipleOf": 1},
        {"$schema": DRAFT_04, "type": "integer"},
    )
    assert isinstance(judged.witness, float)


def test_a_value_that_is_left_out_of_an_enum_is_the_witness() -> None:
    assert reads({"enum": ["a", "b"]}, {"enum": ["b", "a", "c"]})
    assert breaks({"enum": ["a", "b"]}, {"enum": ["a"]}).witness == "b"


def test_values_of_an_enum_are_checked_against_everything_else() -> None:
    assert reads({"enum": [1, 2, "x"]}, {"not": {"type": "number", "minimum": 3}})
    assert reads({"enum": ["a", "bb"], "maxLength": 1}, {"const": "a"})


def test_1_and_one_point_zero_are_the_same_value_and_true_is_not() -> None:
    assert reads({"const": 1.0}, {"enum": [1]})
    assert breaks({"enum": [True]}, {"enum": [1]}).witness is True


def test_the_schema_true_allows_everything_and_false_nothing() -> None:
    assert reads({"type": "object"}, True)
    assert reads(False, {"type": "object"})
    assert breaks(True, False).pointer == "/not"


def test_the_kinds_of_values_are_known_to_be_all() -> None:
    kinds = ["null", "boolean", "number", "string", "array", "object"]
    assert reads(True, {"anyOf": [{"type": kind} for kind in kinds]})
    assert breaks(True, {"anyOf": [{"type": kind} for kind in kinds[1:]]}).witness is None


def test_the_booleans_are_known_to_be_two() -> None:
    assert reads({"type": "boolean"}, {"enum": [False, True]})
