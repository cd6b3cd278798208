"""Bounds of numbers, and multiples."""

from __future__ import annotations

import pytest

from eventroute.registry import Verdict, compatibility

from .judged import breaks, reads


def test_a_wider_range_breaks_nothing() -> None:
    assert reads({"type": "number", "minimum": 2, "maximum": 5}, {"minimum": 1, "maximum": 5.5})


def test_a_narrower_range_breaks_at_the_bound() -> None:
    judged = breaks({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 5})
    assert judged.pointer == "/minimum"


def test_an_exclusive_bound_leaves_out_one_value() -> None:
    assert breaks({"minimum": 5}, {"exclusiveMinimum": 5}).witness == 5
    assert reads({"exclusiveMinimum": 5}, {"minimum": 5})


def test_between_two_integers_there_is_none() -> None:
    assert reads({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, False)
    assert reads({"type": "integer", "exclusiveMinimum": 0.5, "maximum": 1.5}, {"const": 1})


def test_ranges_together_cover_what_none_covers_alone() -> None:
    halves = {"anyOf": [{"maximum": 4}, {"minimum": 5}]}
    assert reads({"type": "integer"}, halves)
    assert not compatibility({"type": "number"}, halves)


def test_a_multiple_of_a_multiple_is_one() -> None:
    assert reads({"type": "number", "multipleOf": 6}, {"multipleOf": 1.5})
    assert breaks({"type": "number", "multipleOf": 1.5}, {"multipleOf": 6}).witness is not None


def test_multiples_of_two_numbers_are_those_of_their_least_common_one() -> None:
    both = {"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]}
    assert reads(both, {"type": "integer", "multipleOf": 12})
    assert reads({"type": "integer", "multipleOf": 12}, both)


def test_a_range_may_hold_no_multiple() -> None:
    assert reads({"type": "integer", "multipleOf": 15, "minimum": 5, "maximum": 10}, False)


@pytest.mark.parametrize("number", [1e300, 1e-300, 0.1])
def test_very_large_and_very_fine_steps_are_no_trouble(number: float) -> None:
    assert reads({"type": "number", "multipleOf": number}, {"type": "number"})


def test_a_bound_means_nothing_to_what_is_no_number() -> None:
    assert breaks({"minimum": 1}, {"type": "number"}).witness is None
    assert compatibility({"type": "string"}, {"minimum": 1}).verdict is Verdict.COMPATIBLE


@pytest.mark.parametrize("value", [1, 1.0, [1], {"a": 1}, {"a": [2, 1]}])
def test_draft_04_tells_equal_numbers_apart_by_how_they_are_written(value: object) -> None:
    draft = {"$schema": "http://json-schema.org/draft-04/schema#"}
    whole = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}
    new = {**draft, "anyOf": [*whole["anyOf"], {"type": "object", "additionalProperties": whole}]}
    breaks({**draft, "enum": [value]}, new)
    breaks({**draft, "enum": [value], "not": new}, {**draft, "type": "string"})


def test_a_literal_of_many_numbers_leaves_the_answer_open_in_draft_04() -> None:
    draft = {"$schema": "http://json-schema.org/draft-04/schema#"}
    new = {**draft, "items": {"items": {"anyOf": [{"type": "integer"}, {"enum": [1]}]}}}
    judged = compatibility({**draft, "enum": [[[1] * 30]]}, new)
    assert judged.verdict is Verdict.UNKNOWN
