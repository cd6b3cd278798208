from __future__ import annotations

import pytest

from eventroute.pattern import Pattern


def test_a_string_matches_the_same_string_only() -> None:
    pattern = Pattern({"a": ["KR"]})
    assert pattern.matches({"a": "KR"})
    assert not pattern.matches({"a": "kr"})
    assert not pattern.matches({"a": "KR "})


def test_one_of_several_values_suffices() -> None:
    pattern = Pattern({"a": ["KR", 5]})
    assert pattern.matches({"a": "KR"})
    assert pattern.matches({"a": 5})
    assert not pattern.matches({"a": "5"})


def test_all_fields_must_match() -> None:
    pattern = Pattern({"a": [1], "b": {"c": [2]}})
    assert pattern.matches({"a": 1, "b": {"c": 2}})
    assert not pattern.matches({"a": 1, "b": {"c": 3}})
    assert not pattern.matches({"a": 1})


@pytest.mark.parametrize("written", ["1", "1.0", "1e0", "10e-1"])
def test_a_number_matches_however_it_is_written(written: str) -> None:
    assert Pattern({"a": [1]}).matches(f'{{"a": {written}}}')
    assert Pattern(f'{{"a": [{written}]}}').matches({"a": 1})


def test_integers_are_exact_beyond_what_a_double_holds() -> None:
    pattern = Pattern({"a": [2**53 + 1]})
    assert pattern.matches({"a": 2**53 + 1})
    assert not pattern.matches({"a": 2**53})
    assert not pattern.matches({"a": float(2**53)})


def test_a_large_number_in_scientific_notation_is_the_integer_it_names() -> None:
    assert Pattern({"a": [10**23]}).matches('{"a": 1e23}')
    assert Pattern('{"a": [1e23]}').matches({"a": 10**23})


def test_true_is_not_one_and_false_is_not_zero() -> None:
    assert not Pattern({"a": [1]}).matches({"a": True})
    assert not Pattern({"a": [True]}).matches({"a": 1})
    assert not Pattern({"a": [0]}).matches({"a": False})
    assert not Pattern({"a": [False]}).matches({"a": 0})
    assert Pattern({"a": [False]}).matches({"a": False})


def test_null_matches_null_and_not_an_absent_field() -> None:
    pattern = Pattern({"a": [None]})
    assert pattern.matches({"a": None})
    assert not pattern.matches({})
    assert not pattern.matches({"a": []})


def test_exactly_is_a_bare_string() -> None:
    assert Pattern({"a": [{"exactly": "x"}]}) == Pattern({"a": ["x"]})


def test_text_is_not_normalised() -> None:
    assert not Pattern({"a": ["\u00e9"]}).matches({"a": "e\u0301"})
