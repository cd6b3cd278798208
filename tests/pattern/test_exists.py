from __future__ import annotations

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern

PRESENT = Pattern({"a": [{"exists": True}]})
ABSENT = Pattern({"a": [{"exists": False}]})


@pytest.mark.parametrize("value", [1, "", False, None, [None], [[1]], [{}, 1]])
def test_a_leaf_exists(value: object) -> None:
    assert PRESENT.matches({"a": value})
    assert not ABSENT.matches({"a": value})


@pytest.mark.parametrize("value", [{}, [], [[]], {"b": 1}, [{"b": 1}]])
def test_what_holds_no_leaf_does_not_exist(value: object) -> None:
    assert not PRESENT.matches({"a": value})
    assert ABSENT.matches({"a": value})


def test_a_missing_member_does_not_exist() -> None:
    assert not PRESENT.matches({"b": 1})
    assert ABSENT.matches({"b": 1})
    assert ABSENT.matches({})


def test_absence_below_an_absent_parent_holds() -> None:
    assert Pattern({"p": {"a": [{"exists": False}]}}).matches({"b": 1})


def test_absence_is_asked_of_the_whole_event_not_of_one_element() -> None:
    pattern = Pattern({"a": {"b": [{"exists": False}], "c": [1]}})
    assert not pattern.matches({"a": [{"b": 1}, {"c": 1}]})
    assert pattern.matches({"a": [{"d": 1}, {"c": 1}]})


def test_absence_is_one_alternative_among_tests() -> None:
    pattern = Pattern({"a": [{"exists": False}, "x"]})
    assert pattern.matches({})
    assert pattern.matches({"a": "x"})
    assert not pattern.matches({"a": "y"})


@pytest.mark.parametrize("operand", [1, "true", None, [True]])
def test_other_operands_are_refused(operand: object) -> None:
    with pytest.raises(PatternError):
        Pattern({"a": [{"exists": operand}]})
