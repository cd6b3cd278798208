from __future__ import annotations

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern


def holds(comparison: list[object], value: object) -> bool:
    return Pattern({"a": [{"numeric": comparison}]}).matches({"a": value})


@pytest.mark.parametrize(
    ("comparison", "inside", "outside"),
    [
        (["=", 5], 5.0, 5.1),
        ([">", 5], 6, 5),
        ([">=", 5], 5, 4.9),
        (["<", 5], 4.9, 5),
        (["<=", 5], 5, 6),
        ([">", 0, "<=", 5], 5, 0),
        ([">=", 0, "<", 5], 0, 5),
    ],
)
def test_a_number_is_compared(comparison: list[object], inside: float, outside: float) -> None:
    assert holds(comparison, inside)
    assert not holds(comparison, outside)


@pytest.mark.parametrize("value", ["6", True, None, "", {"b": 6}])
def test_only_numbers_match(value: object) -> None:
    assert not holds([">", 0], value)


def test_comparison_is_exact_beyond_what_a_double_holds() -> None:
    assert holds([">", 2**53], 2**53 + 1)
    assert not holds([">", 2**53 + 1], 2**53 + 1)
    assert holds([">=", 10**23], 1e23)


@pytest.mark.parametrize(
    "comparison",
    [
        [],
        ["="],
        ["!=", 1],
        ["==", 1],
        ["=", "1"],
        ["=", True],
        ["=", float("nan")],
        ["=", float("inf")],
        ["=", 10**400],
        ["<", 5, ">", 1],
        [">", 0, ">", 0],
        [">", 30, "<", 1],
        [">=", 1, "<=", 1],
        [">", 1, "<", 30, False],
        [1, "="],
        5,
        "= 5",
    ],
)
def test_other_operands_are_refused(comparison: object) -> None:
    with pytest.raises(PatternError):
        Pattern({"a": [{"numeric": comparison}]})


def test_a_number_that_overflows_is_refused_in_text() -> None:
    with pytest.raises(PatternError, match="does not fit a double"):
        Pattern('{"a": [{"numeric": ["=", 2.0e422]}]}')
