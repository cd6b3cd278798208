"""Laws, checked on small random patterns and events that meet often."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any, TypeAlias, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute import Event
from eventroute.errors import PatternError
from eventroute.pattern import Pattern, PatternIndex
from tests.pattern.strategies import events, json_values, patterns

unhurried = settings(deadline=None)

Leaf: TypeAlias = tuple[str, Any, dict[int, int]]


def flattened(
    value: object, path: str = "", places: dict[int, int] | None = None
) -> Iterator[Leaf]:
    places = places or {}
    if isinstance(value, dict):
        for name, item in value.items():
            yield from flattened(item, f"{path}.{name}" if path else name, places)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            inner = places if not isinstance(item, dict | list) else {**places, id(value): index}
            yield from flattened(item, path, inner)
    else:
        yield path, value, places


def reference_matches(pattern: Pattern, event: dict[str, Any]) -> bool:
    found = list(flattened(event))
    for rule in pattern.sub_rules:
        ways: list[list[dict[int, int]]] = []
        for clause in rule:
            there = [(value, places) for path, value, places in found if path == clause.path]
            way = [
                places
                for value, places in there
                if any(test.matches(value) for test in clause.matchers)
            ]
            if not there and clause.accepts_absence:
                way.append({})
            ways.append(way)
        if any(_go_together(chosen) for chosen in product(*ways)):
            return True
    return False


def _go_together(chosen: tuple[dict[int, int], ...]) -> bool:
    seen: dict[int, int] = {}
    return all(
        seen.setdefault(array, index) == index
        for places in chosen
        for array, index in places.items()
    )


@unhurried
@given(patterns, events)
def test_the_engine_agrees_with_the_reference(
    pattern: dict[str, Any], event: dict[str, Any]
) -> None:
    assert Pattern(pattern).matches(event) == reference_matches(Pattern(pattern), event)


@unhurried
@given(patterns, events)
def test_an_explanation_agrees_with_the_match(
    pattern: dict[str, Any], event: dict[str, Any]
) -> None:
    explanation = Pattern(pattern).explain(event)
    assert explanation.matched == Pattern(pattern).matches(event)
    assert explanation.matched == any(each.matched for each in explanation.alternatives)
    for alternative in explanation.alternatives:
        assert (alternative.reason is None) == alternative.matched
        assert not alternative.matched or all(clause.matched for clause in alternative.clauses)
        for clause in alternative.clauses:
            assert (clause.reason is None) == clause.matched
            assert clause.matched == any(test.matched for test in clause.tests)
    assert json.loads(json.dumps(explanation.to_dict()))["matched"] == explanation.matched
    assert str(explanation).startswith("✓" if explanation.matched else "✗")


@unhurried
@given(st.lists(patterns, max_size=5), events)
def test_an_index_agrees_with_its_patterns_one_by_one(
    written: list[dict[str, Any]], event: dict[str, Any]
) -> None:
    index = PatternIndex[int]()
    for number, pattern in enumerate(written):
        index.add(number, pattern)
    one_by_one = [number for number, each in enumerate(written) if Pattern(each).matches(event)]
    assert index.match(event) == one_by_one


@unhurried
@given(patterns, events)
def test_text_and_values_match_alike(pattern: dict[str, Any], event: dict[str, Any]) -> None:
    text = json.dumps(event)
    expected = Pattern(pattern).matches(event)
    assert Pattern(json.dumps(pattern)).matches(text) == expected
    assert Pattern(pattern).matches(text.encode()) == expected


@unhurried
@given(patterns, events)
def test_an_event_matches_by_its_document(pattern: dict[str, Any], detail: dict[str, Any]) -> None:
    event = Event("s", "T", detail)
    wrapped = Pattern({"detail": pattern})
    assert wrapped.matches(event) == wrapped.matches(event.document)


@unhurried
@given(patterns)
def test_a_pattern_survives_its_text_and_pickling(written: dict[str, Any]) -> None:
    pattern = Pattern(written)
    for copy in (Pattern(pattern.to_json()), Pattern(pattern.source), _pickled(pattern)):
        assert copy == pattern
        assert hash(copy) == hash(pattern)


def _pickled(pattern: Pattern) -> Pattern:
    copy: Pattern = pickle.loads(pickle.dumps(pattern))  # noqa: S301  our own bytes
    return copy


@unhurried
@given(json_values)
def test_any_json_is_a_pattern_or_a_pattern_error(value: object) -> None:
    sources: tuple[object, ...] = (value, {"a": value}, {"a": [value]}, {"$or": value})
    for source in (*sources, json.dumps(value)):
        with suppress(PatternError):
            assert Pattern(cast("str", source)).sub_rules


@unhurried
@given(st.text() | st.binary())
def test_any_text_is_a_pattern_or_a_pattern_error(text: str | bytes) -> None:
    with suppress(PatternError):
        assert Pattern(text).sub_rules
