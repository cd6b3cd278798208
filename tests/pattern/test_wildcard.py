from __future__ import annotations

import pytest

from eventroute.errors import PatternError
from eventroute.pattern import Pattern, PatternLimits


def fits(text: str, value: object) -> bool:
    return Pattern({"a": [{"wildcard": text}]}).matches({"a": value})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("*", ""),
        ("*", "x\ny"),
        ("a*b", "ab"),
        ("a*b", "a\nb"),
        ("*bc", "abcbc"),
        ("12*4*", "12345"),
        ("*x*x*", "xx"),
        ("d*f", "dff"),
        ("", ""),
        ("plain", "plain"),
        ("*データ*", "ふデータた"),
    ],
)
def test_a_star_stands_for_any_run_of_characters(text: str, value: str) -> None:
    assert fits(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a*b", "a"),
        ("a*a", "a"),
        ("ab*ba", "aba"),
        ("*x*x*", "x"),
        ("d*ff", "def"),
        ("", "x"),
        ("a*b", "A b"),
        ("1*", 12),
        ("*", None),
    ],
)
def test_what_does_not_fit_fails(text: str, value: object) -> None:
    assert not fits(text, value)


def test_a_backslash_makes_a_star_or_a_backslash_literal() -> None:
    assert fits(r"a\*b", "a*b")
    assert not fits(r"a\*b", "axb")
    assert fits("a\\\\*", "a\\b")


@pytest.mark.parametrize("text", ["a**b", "**", "a\\nb", "a\\", 5, ["a*"]])
def test_other_operands_are_refused(text: object) -> None:
    with pytest.raises(PatternError):
        Pattern({"a": [{"wildcard": text}]})


def test_six_stars_are_too_many_unless_the_limit_is_raised() -> None:
    text = "*:*:*:*:*:event-bus/*"
    with pytest.raises(PatternError, match="has 6 stars"):
        Pattern({"a": [{"wildcard": text}]})
    Pattern({"a": [{"wildcard": text}]}, limits=PatternLimits(max_wildcard_stars=6))


def test_an_escaped_star_does_not_count() -> None:
    assert fits(r"\*\*\*\*\*\**", "******")
