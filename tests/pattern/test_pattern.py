from __future__ import annotations

import json
import pickle
from enum import StrEnum

import pytest

from eventroute import Event
from eventroute.pattern import Pattern, PatternLimits

WRITTEN = {"source": ["shop.orders"], "detail": {"country": ["KR", "JP"]}}


def test_an_event_is_matched_by_its_whole_envelope() -> None:
    event = Event("shop.orders", "OrderPlaced", {"country": "KR"})
    assert Pattern(WRITTEN).matches(event)
    assert Pattern({"detail-type": ["OrderPlaced"], "id": [event.id]}).matches(event)
    assert not Pattern({"detail-type": ["OrderPaid"]}).matches(event)


def test_text_bytes_and_mapping_give_the_same_pattern() -> None:
    text = json.dumps(WRITTEN)
    assert Pattern(text) == Pattern(text.encode()) == Pattern(WRITTEN)


def test_equality_looks_at_the_meaning() -> None:
    assert Pattern(WRITTEN) == Pattern(
        {"detail.country": ["JP", "KR"], "source": [{"exactly": "shop.orders"}]}
    )
    assert Pattern({"a": [1]}) == Pattern({"a": [1.0]}) == Pattern({"a": [{"numeric": ["=", 1]}]})
    assert Pattern({"a": [1]}) != Pattern({"a": [True]})
    assert Pattern({"a": [1]}) != Pattern({"a": ["1"]})
    assert Pattern({"a": [1]}) != {"a": [1]}


def test_equal_patterns_have_one_place_in_a_set() -> None:
    assert len({Pattern({"a": [1], "b": [2]}), Pattern({"b": [2.0], "a": [1]})}) == 1


def test_the_source_is_a_copy() -> None:
    pattern = Pattern(WRITTEN)
    pattern.source["source"].append("x")
    assert pattern.source == WRITTEN


def test_changing_what_was_given_changes_no_pattern() -> None:
    given = {"a": ["x"]}
    pattern = Pattern(given)
    given["a"].append("y")
    assert not pattern.matches({"a": "y"})


def test_an_attribute_cannot_be_set() -> None:
    with pytest.raises(AttributeError, match="make a new one"):
        Pattern(WRITTEN).limits = 5


def test_the_text_is_compact_and_keeps_unicode() -> None:
    assert Pattern({"a": ["é", 1.5, None]}).to_json() == '{"a":["é",1.5,null]}'


def test_pickling_keeps_raised_limits() -> None:
    pattern = Pattern(
        {"a": [{"wildcard": "*a*a*a*a*a*"}]}, limits=PatternLimits(max_wildcard_stars=9)
    )
    assert pickle.loads(pickle.dumps(pattern)) == pattern  # noqa: S301  our own bytes


def test_the_representation_is_short_and_tells_the_pattern() -> None:
    assert repr(Pattern({"a": [1]})) == 'Pattern({"a":[1]})'
    assert len(repr(Pattern({"a": ["x" * 1_000]}))) < 120


def test_members_of_a_string_enumeration_are_strings() -> None:
    class Country(StrEnum):
        KR = "KR"

    pattern = Pattern({"a": [Country.KR]})
    assert pattern.to_json() == '{"a":["KR"]}'
    assert pattern.matches({"a": Country.KR})


def test_a_text_that_repeats_a_field_beside_or_is_written_as_it_was_given() -> None:
    text = '{"prefix":["x"],"a":[1],"a":[2],"$or":[{"b":[1]},{"c":[1]}]}'
    assert Pattern(text).to_json() == text
    assert Pattern(Pattern(text).to_json()) == Pattern(text)
