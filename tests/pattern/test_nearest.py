"""Which rules an event came nearest to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventroute.pattern import Pattern, PatternIndex
from tests.pattern.strategies import events, patterns


@pytest.fixture
def index() -> PatternIndex[str]:
    index = PatternIndex[str]()
    index.add("matches", {"source": ["shop"]})
    index.add("far", {"source": ["bank"], "detail": {"country": ["JP"], "total": [5]}})
    index.add("near", {"source": ["shop"], "detail": {"country": ["KR"], "total": [9]}})
    index.add("nearer", {"source": ["shop"], "detail": {"country": ["KR"], "total": [5], "a": [1]}})
    return index


EVENT = {"source": "shop", "detail": {"country": "KR", "total": 5}}


def test_those_that_miss_by_the_fewest_fields_come_first(index: PatternIndex[str]) -> None:
    found = index.explain(EVENT)
    assert [(miss.name, miss.met, miss.fields) for miss in found] == [
        ("nearer", 3, 4),
        ("near", 2, 3),
        ("far", 1, 3),
    ]


def test_each_says_what_was_there_instead(index: PatternIndex[str]) -> None:
    (nearest,) = index.explain(EVENT, limit=1)
    assert not nearest.explanation.matched
    assert "detail.a" in str(nearest.explanation)


def test_of_alternatives_the_nearest_counts() -> None:
    index = PatternIndex[str]()
    index.add("or", {"a": [1], "$or": [{"b": [1], "c": [1]}, {"d": [1]}]})
    (miss,) = index.explain({"a": 1})
    assert (miss.met, miss.fields) == (1, 2)


def test_a_rule_that_no_single_element_meets_is_a_miss_by_no_field() -> None:
    index = PatternIndex[str]()
    index.add("both", {"a": {"b": [1], "c": [2]}})
    (miss,) = index.explain({"a": [{"b": 1}, {"c": 2}]})
    assert (miss.met, miss.fields) == (2, 2)
    assert "no one element" in str(miss.explanation)


def test_a_near_miss_can_be_read(index: PatternIndex[str]) -> None:
    _, near, _ = index.explain(EVENT)
    assert str(near) == (
        "✗ near meets 2 of 3 fields\n"
        '  ✓ source: "shop" passes "shop"\n'
        '  ✓ detail.country: "KR" passes "KR"\n'
        "  ✗ detail.total: 5 is another number (wanted 9)"
    )


def test_one_that_no_single_element_meets_says_so_first() -> None:
    index = PatternIndex[str]()
    index.add("both", {"a": {"b": [1], "c": [2]}})
    (miss,) = index.explain({"a": [{"b": 1}, {"c": 2}]})
    first, *_, last = str(miss).splitlines()
    assert first == "✗ both meets each of 2 fields, but not in one element of an array"
    assert last.startswith("  ✗ no one element of 'a'")


@given(st.lists(patterns, max_size=4), events)
def test_every_rule_either_matches_or_is_a_miss(
    written: list[dict[str, object]], event: dict[str, object]
) -> None:
    index = PatternIndex[int]()
    for number, pattern in enumerate(written):
        index.add(number, Pattern(pattern))
    misses = {miss.name for miss in index.explain(event, limit=10)}
    assert misses.isdisjoint(index.match(event))
    assert misses.union(index.match(event)) == set(range(len(written)))
