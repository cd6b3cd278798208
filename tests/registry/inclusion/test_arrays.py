"""``items`` in both of its forms, ``contains``, lengths and ``uniqueItems``."""

from __future__ import annotations

from .judged import breaks, reads

ARRAY = {"type": "array"}
DRAFT_07 = {"$schema": "http://json-schema.org/draft-07/schema#"}


def test_elements_that_are_read_make_an_array_that_is() -> None:
    assert reads({**ARRAY, "items": {"type": "integer"}}, {"items": {"type": "number"}})
    breaks({**ARRAY, "items": {"type": "number"}}, {"items": {"type": "integer"}})


def test_an_array_that_must_be_empty_fits_any_elements() -> None:
    assert reads({**ARRAY, "maxItems": 0}, {"items": False})
    assert reads({**ARRAY, "items": False}, {"maxItems": 0})


def test_a_declared_position_is_compared_with_what_stands_there() -> None:
    pair = {**ARRAY, "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}
    assert reads(pair, {"items": {"type": ["string", "integer"]}, "maxItems": 2})
    assert breaks(pair, {"items": {"type": "string"}}).witness is not None


def test_a_position_behind_others_that_may_be_anything_counts() -> None:
    judged = breaks(ARRAY, {**ARRAY, "prefixItems": [True, {"type": "number"}]})
    assert judged.witness == [None, None]


def test_an_array_that_is_left_out_may_differ_in_its_last_element() -> None:
    bits = {**ARRAY, "items": {"enum": [0, 1]}, "minItems": 4, "maxItems": 4}
    zeros = {**bits, "prefixItems": [{"const": 0}] * 3}
    assert reads(zeros, {"enum": [[0, 0, 0, 0], [0, 0, 0, 1]]})
    assert breaks(zeros, {"not": {"const": [0, 0, 0, 1]}}).witness == [0, 0, 0, 1]
    assert breaks(zeros, {"const": [0, 0, 0, 1]}).witness == [0, 0, 0, 0]


def test_a_list_under_items_is_read_as_the_older_drafts_do() -> None:
    old = {**ARRAY, "items": [{"type": "integer"}]}
    assert breaks(old, {**old, "additionalItems": False}).pointer == "/additionalItems"
    assert reads({**old, "additionalItems": False}, {**DRAFT_07, "maxItems": 1})


def test_a_longer_array_may_be_too_long() -> None:
    assert breaks({**ARRAY, "maxItems": 3}, {"maxItems": 2}).witness == [None, None, None]


def test_no_array_holds_an_element_that_none_of_its_elements_may_be() -> None:
    texts = {**ARRAY, "items": {"type": "string"}}
    assert reads({**texts, "contains": {"type": "integer"}}, False)
    assert reads({**texts, "minItems": 1}, {"contains": {"type": "string"}})
    assert breaks(texts, {"contains": {"type": "string"}}).witness == []


def test_elements_that_are_asked_for_are_counted() -> None:
    ones = {**ARRAY, "contains": {"const": 1}, "minContains": 2, "maxContains": 3}
    assert reads(ones, {"minItems": 2})
    assert reads({**ones, "maxItems": 3}, {**ones, "minContains": 1})
    assert breaks({**ones, "minContains": 1}, ones).witness == [1]
    assert breaks(ones, {"contains": {"const": 1}, "maxContains": 2}).witness == [1, 1, 1]


def test_two_demands_may_be_met_by_one_element() -> None:
    old = {**ARRAY, "allOf": [{"contains": {"minimum": 2}}, {"contains": {"maximum": 5}}]}
    assert breaks({**old, "items": {"type": "integer"}}, {"minItems": 2}).witness is not None


def test_elements_that_must_differ_can_run_out() -> None:
    bits = {**ARRAY, "items": {"enum": [0, 1]}, "uniqueItems": True}
    assert reads(bits, {"maxItems": 2})
    assert breaks(bits, {"maxItems": 1}).witness == [0, 1]


def test_an_array_without_that_demand_may_repeat_itself() -> None:
    judged = breaks({**ARRAY, "items": {"type": "string"}}, {"uniqueItems": True})
    assert judged.witness == ["", ""]


def test_many_elements_are_no_more_work_than_few() -> None:
    row = {**ARRAY, "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
    many = {**ARRAY, "items": row, "minItems": 120, "maxItems": 120}
    assert reads(many, {"items": {"items": {"type": "number"}}})
