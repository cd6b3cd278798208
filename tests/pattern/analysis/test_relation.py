"""Two patterns: equal, one within the other, apart, overlapping, or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.pattern import Pattern
from eventroute.pattern.analysis import Relation, contained_pairs, implies, relation
from eventroute.pattern.analysis.witness import common_event


def related(first: dict[str, Any] | list[Any], second: dict[str, Any] | list[Any]) -> Relation:
    """Compare two patterns, or two lists of tests of one field."""
    one, two = ({"a": each} if isinstance(each, list) else each for each in (first, second))
    return relation(Pattern(one), Pattern(two))


def operator(name: str, operand: object) -> list[Any]:
    return [{name: operand}]


INSIDE: list[tuple[list[Any], list[Any]]] = [
    (["abc"], operator("prefix", "ab")),
    (["abc"], operator("anything-but", "ab")),
    (["abc"], operator("exists", True)),
    ([5], operator("numeric", [">", 4])),
    ([None], operator("anything-but", 4)),
    (["10.0.0.1"], operator("cidr", "10.0.0.0/8")),
    (operator("prefix", "abc"), operator("prefix", "ab")),
    (operator("prefix", "abc"), operator("wildcard", "a*")),
    (operator("suffix", "abc"), operator("wildcard", "*bc*")),
    (operator("wildcard", "ab*cd*e"), operator("wildcard", "a*d*e")),
    (operator("wildcard", "ab*cd"), operator("suffix", "d")),
    (operator("prefix", "Ab"), operator("prefix", {"equals-ignore-case": "aB"})),
    (operator("prefix", "SSa"), operator("prefix", {"equals-ignore-case": "ß"})),
    (operator("equals-ignore-case", "straße"), operator("prefix", {"equals-ignore-case": "STR"})),
    (operator("equals-ignore-case", "a-1"), operator("suffix", "-1")),
    (operator("cidr", "10.1.0.0/16"), operator("cidr", "10.0.0.0/8")),
    (operator("cidr", "::/127"), operator("wildcard", "*")),
    (operator("numeric", [">", 0, "<", 5]), operator("numeric", [">=", 0, "<=", 5])),
    (operator("numeric", [">", 0]), operator("numeric", [">=", 0])),
    (operator("numeric", ["<", 0]), operator("numeric", ["<=", 0])),
    (operator("numeric", [">", 0]), operator("anything-but", [0, -1])),
    (operator("prefix", "b"), operator("anything-but", {"prefix": ["a", "c"]})),
    (operator("anything-but", {"prefix": "a"}), operator("anything-but", {"prefix": "ab"})),
    (operator("anything-but", ["a", "b"]), operator("anything-but", "a")),
    (operator("exists", False), [{"exists": False}, "a"]),
]


@pytest.mark.parametrize(("narrow", "wide"), INSIDE, ids=str)
def test_a_test_lies_within_a_wider_one(narrow: list[Any], wide: list[Any]) -> None:
    assert related(wide, narrow) is Relation.SUBSUMES
    assert related(narrow, wide) is Relation.SUBSUMED
    assert implies(Pattern({"a": narrow}), Pattern({"a": wide})) is True
    assert implies(Pattern({"a": wide}), Pattern({"a": narrow})) is False


EQUAL: list[tuple[Any, Any]] = [
    ([1, 2], [2.0, 1]),
    ({"a": ["x", "y"]}, {"$or": [{"a": ["x"]}, {"a": ["y"]}]}),
    (
        {"$or": [{"a": [1]}, {"b": [2]}], "c": [3]},
        {"$or": [{"b": [2], "c": [3]}, {"a": [1], "c": [3]}]},
    ),
    (operator("equals-ignore-case", "1-2"), ["1-2"]),
    (operator("wildcard", "a*"), operator("prefix", "a")),
    (operator("prefix", ""), operator("wildcard", "*")),
    ([{"anything-but": "x"}, {"anything-but": "y"}], operator("exists", True)),
    ([{"anything-but": "x"}, "x"], operator("exists", True)),
    ({"a": [{"exists": True}, {"exists": False}], "b": [1]}, {"b": [1]}),
    (operator("cidr", "10.0.0.7/24"), operator("cidr", "10.0.0.0/24")),
]


@pytest.mark.parametrize(("first", "second"), EQUAL, ids=str)
def test_two_spellings_are_equal(first: Any, second: Any) -> None:  # noqa: ANN401  a pattern
    assert related(first, second) is Relation.EQUAL


OVERLAPPING: list[tuple[Any, Any]] = [
    (["x"], ["y"]),  # {"a": ["x", "y"]} matches both
    (["x"], operator("anything-but", "x")),
    ([1], operator("prefix", "1")),
    (operator("numeric", ["<", 0]), operator("numeric", [">", 0])),
    ({"a": ["x"]}, {"b": ["x"]}),
    ({"a": {"b": [1], "c": [1]}}, {"a": {"b": [1]}, "d": [1]}),
    ([{"exists": False}, "x"], ["x", "y"]),
    (operator("prefix", "a"), operator("suffix", "a")),
    (operator("equals-ignore-case", "ab"), operator("anything-but", {"wildcard": "a*b"})),
    (
        operator("prefix", {"equals-ignore-case": "ßa"}),
        operator("anything-but", {"prefix": "SSa"}),
    ),
    ({"a": [{"exists": False}], "b": [1]}, {"a": [{"exists": False}, "x"], "c": [1]}),
]


@pytest.mark.parametrize(("first", "second"), OVERLAPPING, ids=str)
def test_arrays_let_tests_of_other_values_overlap(first: Any, second: Any) -> None:  # noqa: ANN401
    assert related(first, second) is Relation.OVERLAPPING


def test_only_a_leaf_and_its_absence_are_disjoint() -> None:
    assert related(operator("exists", False), ["x"]) is Relation.DISJOINT
    assert (
        related({"a": ["x"], "b": [1]}, {"a": operator("exists", False), "c": [1]})
        is Relation.DISJOINT
    )
    assert related(operator("exists", False), [{"exists": False}, "x"]) is Relation.SUBSUMED


def test_absence_at_a_path_leaves_room_below_it() -> None:
    assert related({"a": operator("exists", False)}, {"a.b": [1]}) is Relation.OVERLAPPING


def test_a_clause_that_anything_passes_still_ties_array_elements() -> None:
    either = [{"exists": True}, {"exists": False}]
    tied = Pattern({"a": {"b": either, "c": [1]}})
    free = Pattern({"a": {"c": [1]}})
    assert relation(tied, free) is Relation.SUBSUMED
    event = {"a": [{"b": 1}, {"c": 1}]}
    assert (tied.matches(event), free.matches(event)) == (False, True)


def test_more_clauses_match_less() -> None:
    assert related({"a": [1]}, {"a": [1], "b": [1]}) is Relation.SUBSUMES


def test_a_range_without_a_double_in_it_stays_unknown() -> None:
    between = operator("numeric", [">", 1, "<", 1.0000000000000002])
    assert related(between, ["x"]) is Relation.UNKNOWN
    assert related(["x"], between) is Relation.UNKNOWN
    assert implies(Pattern({"a": between}), Pattern({"a": ["x"]})) is None
    assert common_event(Pattern({"a": ["x"]}), Pattern({"a": between})) is None


def test_titlecase_letters_have_no_spelling_of_their_own() -> None:
    assert (
        related(operator("equals-ignore-case", "ǅ"), operator("equals-ignore-case", "ǆ"))
        is Relation.EQUAL
    )
    assert related(["ǅ"], operator("equals-ignore-case", "ǅ")) is Relation.OVERLAPPING


def test_pairs_name_the_wider_rule_first() -> None:
    found = contained_pairs(
        {
            "korea": Pattern({"country": ["KR"]}),
            "asia": Pattern({"country": ["JP", "KR"]}),
            "west": Pattern({"country": ["US"]}),
            "far east": Pattern({"country": ["KR", "JP"]}),
        }
    )
    assert found.complete
    assert [(pair.first, pair.second, pair.relation) for pair in found.pairs] == [
        ("asia", "korea", Relation.SUBSUMES),
        ("far east", "korea", Relation.SUBSUMES),
        ("asia", "far east", Relation.EQUAL),
    ]
