"""What is said of two patterns holds for random events."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eventroute.pattern import Pattern
from eventroute.pattern.analysis import Relation, find_redundancies, implies, relation
from eventroute.pattern.analysis.leaf_sets import apart, covered, within
from eventroute.pattern.analysis.witness import common_event, event_between
from tests.pattern.analysis.strategies import SCALARS, events, pairs, patterns, tests

many = settings(max_examples=150)


@many
@given(pairs(), st.lists(events, min_size=1, max_size=12))
def test_every_event_keeps_to_the_relation(
    written: tuple[dict[str, Any], dict[str, Any]], tried: list[dict[str, Any]]
) -> None:
    first, second = map(Pattern, written)
    answer = relation(first, second)
    for event in tried:
        one, two = first.matches(event), second.matches(event)
        assert answer is not Relation.EQUAL or one == two
        assert answer is not Relation.SUBSUMES or one or not two
        assert answer is not Relation.SUBSUMED or two or not one
        assert answer is not Relation.DISJOINT or not (one and two)


@many
@given(pairs())
def test_an_overlap_has_its_three_events(
    written: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    first, second = map(Pattern, written)
    both = common_event(first, second)
    left, right = event_between(first, second), event_between(second, first)
    assert both is None or (first.matches(both) and second.matches(both))
    assert left is None or (first.matches(left) and not second.matches(left))
    assert right is None or (second.matches(right) and not first.matches(right))
    if relation(first, second) is Relation.OVERLAPPING:
        assert None not in (both, left, right)


@many
@given(pairs())
def test_a_proof_is_never_at_odds_with_an_event(
    written: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    first, second = map(Pattern, written)
    answer = relation(first, second)
    if answer in (Relation.EQUAL, Relation.SUBSUMED):
        assert event_between(first, second) is None
        assert implies(first, second) is True
    if answer in (Relation.EQUAL, Relation.SUBSUMES):
        assert event_between(second, first) is None
    if answer is Relation.DISJOINT:
        assert common_event(first, second) is None


@given(pairs())
def test_relations_are_symmetric(written: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = map(Pattern, written)
    turned = {Relation.SUBSUMES: Relation.SUBSUMED, Relation.SUBSUMED: Relation.SUBSUMES}
    answer = relation(first, second)
    assert relation(second, first) is turned.get(answer, answer)


@given(patterns)
def test_a_pattern_equals_itself(written: dict[str, Any]) -> None:
    pattern = Pattern(written)
    assert relation(pattern, Pattern(written)) is Relation.EQUAL


@settings(max_examples=400)
@given(st.lists(tests, min_size=2, max_size=4), st.lists(SCALARS | st.text("abAB.ßS1"), min_size=4))
def test_every_leaf_keeps_to_what_is_said_of_tests(written: list[Any], leaves: list[Any]) -> None:
    (clause,) = Pattern(
        {"a": [each for each in written if each != {"exists": False}] or [1]}
    ).sub_rules[0]
    first, *others = clause.matchers
    for leaf in leaves:
        assert not covered(first, others) or (
            not first.matches(leaf) or any(other.matches(leaf) for other in others)
        )
        for other in others:
            assert not within(first, other) or not first.matches(leaf) or other.matches(leaf)
            assert not apart(first, other) or not (first.matches(leaf) and other.matches(leaf))


@many
@given(patterns, st.lists(events, min_size=1, max_size=8))
def test_a_pattern_means_the_same_without_its_redundancies(
    written: dict[str, Any], tried: list[dict[str, Any]]
) -> None:
    pattern = Pattern(written)
    found = [finding.pointer for finding in find_redundancies(pattern)]
    shorter = Pattern(_without(written, set(found)))
    for event in tried:
        assert pattern.matches(event) == shorter.matches(event)


def _without(value: Any, dead: set[str], place: str = "") -> Any:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        return {name: _without(item, dead, f"{place}/{name}") for name, item in value.items()}
    if not isinstance(value, list):
        return value
    kept = [
        _without(item, dead, f"{place}/{number}")
        for number, item in enumerate(value)
        if f"{place}/{number}" not in dead
    ]
    # A lone alternative is written twice: $or takes no fewer than two.
    return kept * 2 if place.endswith("$or") and len(kept) == 1 else kept
