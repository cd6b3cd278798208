from __future__ import annotations

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern


def but(operand: object, value: object) -> bool:
    return Pattern({"a": [{"anything-but": operand}]}).matches({"a": value})


def test_the_named_value_fails_and_others_match() -> None:
    assert not but("x", "x")
    assert but("x", "y")
    assert not but([1, 2], 2)
    assert but([1, 2], 3)
    assert not but(1, 1.0)


def test_values_of_other_types_match() -> None:
    assert but("x", None)
    assert but("x", True)
    assert but(1, "1")
    assert but(1, True)
    assert but({"prefix": "x"}, 5)


def test_absent_empty_and_object_fail() -> None:
    pattern = Pattern({"a": [{"anything-but": "x"}]})
    assert not pattern.matches({})
    assert not pattern.matches({"a": []})
    assert not pattern.matches({"a": {"b": 1}})


def test_one_other_element_of_an_array_suffices() -> None:
    assert but("x", ["x", "y"])
    assert not but("x", ["x", "x"])


def test_two_of_them_are_alternatives() -> None:
    pattern = Pattern({"a": [{"anything-but": "x"}, {"anything-but": "y"}]})
    assert pattern.matches({"a": "x"})


@pytest.mark.parametrize(
    ("operand", "excluded", "other"),
    [
        ({"prefix": "in"}, "init", "post"),
        ({"prefix": ["in", "po"]}, "post", "stop"),
        ({"suffix": ".txt"}, "a.txt", "a.txt.bak"),
        ({"suffix": [".txt", ".png"]}, "a.png", "a"),
        ({"equals-ignore-case": "Stop"}, "sTOP", "stops"),
        ({"equals-ignore-case": ["stop", ""]}, "", "x"),
        ({"wildcard": "*/x/*"}, "a/x/b", "x"),
        ({"wildcard": ["*/x/*", ""]}, "", "x"),
    ],
)
def test_a_nested_test_excludes(operand: object, excluded: str, other: str) -> None:
    assert not but(operand, excluded)
    assert but(operand, other)


@pytest.mark.parametrize(
    "operand",
    [
        None,
        True,
        [],
        ["x", 1],
        [None],
        [True],
        [["x"]],
        {},
        {"prefix": ""},
        {"suffix": ["a", ""]},
        {"prefix": []},
        {"prefix": 5},
        {"prefix": {"equals-ignore-case": "x"}},
        {"numeric": ["=", 1]},
        {"prefix": "a", "suffix": "b"},
    ],
)
def test_other_operands_are_refused(operand: object) -> None:
    with pytest.raises(PatternError):
        Pattern({"a": [{"anything-but": operand}]})
