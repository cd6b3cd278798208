"""The reference itself: the least that the benchmarks' answers rest on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reference import holds


@pytest.mark.parametrize(
    ("test", "passing", "failing"),
    [
        ("x", "x", "X"),
        (1, 1, True),
        ({"prefix": "ab"}, "abc", "ba"),
        ({"prefix": {"equals-ignore-case": "AB"}}, "abc", "bab"),
        ({"suffix": "bc"}, "abc", "bca"),
        ({"equals-ignore-case": "aB"}, "Ab", "a"),
        ({"wildcard": "a*c"}, "ac", "acd"),
        ({"numeric": [">", 1, "<=", 2]}, 2.0, 1),
        ({"cidr": "10.0.0.0/8"}, "10.1.2.3", "11.1.2.3"),
        ({"anything-but": ["x", "y"]}, None, "y"),
        ({"anything-but": {"prefix": "x"}}, "yx", "xy"),
        ({"exists": True}, None, []),
        ({"exists": False}, [], [1]),
    ],
)
def test_one_value_passes_and_another_fails(test: object, passing: object, failing: object) -> None:
    assert holds({"a": [test]}, {"a": passing})
    assert not holds({"a": [test]}, {"a": failing})


def test_one_element_of_an_array_must_satisfy_everything() -> None:
    pattern = {"a": {"b": [1], "c": [2]}}
    assert holds(pattern, {"a": [{"b": 0, "c": 2}, {"b": 1, "c": 2}]})
    assert not holds(pattern, {"a": [{"b": 1, "c": 0}, {"b": 0, "c": 2}]})


def test_an_alternative_suffices() -> None:
    pattern = {"$or": [{"a": [1]}, {"b": [2]}], "c": [3]}
    assert holds(pattern, {"b": 2, "c": 3})
    assert not holds(pattern, {"b": 2})


def test_shared_rule_sets_have_as_many_counts_as_rules(shared: Path) -> None:
    sets: dict[str, dict[str, Any]] = json.loads(
        (shared / "benchmarks" / "citylots2_rulesets.json").read_text()
    )
    for each in sets.values():
        assert len(each["rules"]) == len(each["matches"])
