from __future__ import annotations

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern


def test_one_alternative_suffices() -> None:
    pattern = Pattern({"$or": [{"a": [1]}, {"b": [2]}]})
    assert pattern.matches({"a": 1})
    assert pattern.matches({"b": 2})
    assert not pattern.matches({"a": 2, "b": 1})


def test_fields_beside_it_must_match_too() -> None:
    pattern = Pattern({"x": [0], "$or": [{"a": [1]}, {"b": [2]}]})
    assert pattern.matches({"x": 0, "b": 2})
    assert not pattern.matches({"b": 2})


def test_it_nests_and_stands_below_a_field() -> None:
    pattern = Pattern({"d": {"$or": [{"a": [1]}, {"$or": [{"b": [2]}, {"c": [3]}]}]}})
    assert pattern.matches({"d": {"c": 3}})
    assert not pattern.matches({"c": 3})


def test_a_later_test_of_the_same_field_replaces_the_earlier() -> None:
    pattern = Pattern({"a": [1], "$or": [{"a": [2]}, {"b": [2]}]})
    assert pattern.matches({"a": 2})
    assert pattern.matches({"a": 1, "b": 2})
    assert not pattern.matches({"a": 1})
    assert Pattern({"$or": [{"a": [2]}, {"b": [2]}], "a": [1]}).matches({"a": 1})


def test_with_scalars_or_operators_it_is_a_field() -> None:
    assert Pattern({"$or": ["x"]}).matches({"$or": "x"})
    pattern = Pattern({"$or": [{"prefix": "x"}, {"suffix": "y"}]})
    assert pattern.matches({"$or": "x"})
    assert pattern.matches({"$or": ["a", "by"]})
    assert not pattern.matches({"prefix": "x"})


@pytest.mark.parametrize(
    "value",
    [
        [],
        [{"a": [1]}],
        [{"a": [1]}, {}],
        [{"a": [1]}, [1]],
        [{"a": [1]}, "x"],
        [{"a": [1]}, {"prefix": ["x"]}],
        {"a": [1]},
        "x",
    ],
)
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(PatternError):
        Pattern({"$or": value})


def test_a_field_inside_may_not_be_named_like_an_operator() -> None:
    with pytest.raises(PatternError, match="'prefix' is an operator") as caught:
        Pattern({"$or": [{"a": [1]}, {"d": {"prefix": ["x"]}}]})
    assert caught.value.pointer == "/$or/1/d/prefix"
    assert Pattern({"d": {"prefix": ["x"]}}).matches({"d": {"prefix": "x"}})
