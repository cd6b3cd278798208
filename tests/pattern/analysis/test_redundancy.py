"""Tests and alternatives that another one makes superfluous."""

from __future__ import annotations

from typing import Any

import pytest

from eventroute.pattern import Pattern
from eventroute.pattern.analysis import Verdict, find_redundancies


def places(pattern: dict[str, Any] | str) -> list[str]:
    found = find_redundancies(Pattern(pattern))
    assert all(each.verdict is Verdict.REDUNDANT for each in found)
    return [each.pointer for each in found]


def test_a_wider_test_in_the_list_suffices() -> None:
    assert places({"a": ["abc", {"prefix": "a"}]}) == ["/a/0"]
    (finding,) = find_redundancies(Pattern({"a": ["abc", {"prefix": "a"}]}))
    assert finding.reason == 'whatever passes "abc" passes {"prefix":"a"} as well'
    assert str(finding) == f"redundant at /a/0: {finding.reason}"


def test_of_equal_tests_the_first_is_kept() -> None:
    assert places({"a": [1, "x", 1.0, 1]}) == ["/a/2", "/a/3"]


@pytest.mark.parametrize(
    "pattern",
    [
        {"a": ["x", "y"]},
        {"a": [{"exists": False}, {"exists": True}]},
        {"a": ["5", 5]},
        {"a": [{"prefix": "a"}, {"suffix": "a"}]},
        {"$or": [{"a": [1]}, {"b": [1]}]},
        {"$or": ["x", {"prefix": "y"}]},
    ],
    ids=str,
)
def test_where_each_part_counts_nothing_is_found(pattern: dict[str, Any]) -> None:
    assert places(pattern) == []


def test_an_alternative_within_another_is_superfluous() -> None:
    assert places({"$or": [{"a": [1]}, {"a": [1, 2]}, {"b": [3], "a": [2]}]}) == [
        "/$or/2",
        "/$or/0",
    ]


def test_of_equal_alternatives_the_first_is_kept() -> None:
    assert places({"$or": [{"a": [1]}, {"a": [1]}, {"a": [1.0]}]}) == ["/$or/2", "/$or/1"]


def test_alternatives_inside_alternatives_are_compared() -> None:
    nested = {"b": [1], "$or": [{"c": [1, 2]}, {"c": [1]}]}
    assert places({"$or": [{"a": [1]}, nested]}) == ["/$or/1/$or/1"]


def test_an_alternative_that_a_later_test_replaces_is_seen_as_it_counts() -> None:
    assert places({"$or": [{"a": [1]}, {"b": [2]}], "a": [3]}) == ["/$or/1"]


def test_a_text_that_repeats_names_gets_pointers_only_where_they_lead() -> None:
    assert places('{"a": [1], "a": [2, 2], "$or": [{"b": [1]}, {"b": [1]}]}') == ["/a/1"]


def test_an_or_that_is_a_field_has_tests_and_no_alternatives() -> None:
    assert places({"$or": [{"prefix": "x"}, {"prefix": "xy"}]}) == ["/$or/1"]
