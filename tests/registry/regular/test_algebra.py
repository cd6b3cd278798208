"""Languages are sets: what can be said about sets holds for them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from eventroute.registry.regular import EffortSpentError, Language
from tests.registry.regular.expressions import EXPRESSIONS, TEXTS

_STEPS = 20_000


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, TEXTS)
def test_a_text_is_in_a_combination_as_it_is_in_its_parts(one: str, two: str, text: str) -> None:
    left, right = Language.of(one), Language.of(two)
    assert (left & right).matches(text) is (left.matches(text) and right.matches(text))
    assert (left | right).matches(text) is (left.matches(text) or right.matches(text))
    assert (~left).matches(text) is not left.matches(text)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS, TEXTS)
def test_a_language_includes_another_unless_a_text_is_missing(
    one: str, two: str, text: str
) -> None:
    left, right = Language.of(one), Language.of(two)
    missing = (right & ~left).shortest(_STEPS)
    assert left.includes(right, _STEPS) is (missing is None)
    if missing is None:
        assert left.matches(text) or not right.matches(text)
    else:
        assert right.matches(missing)
        assert not left.matches(missing)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, TEXTS)
def test_no_text_is_shorter_than_the_shortest(pattern: str, text: str) -> None:
    language = Language.of(pattern)
    shortest = language.shortest(_STEPS)
    if shortest is not None:
        assert language.matches(shortest)
    if language.matches(text):
        assert shortest is not None
        assert len(shortest) <= len(text)


@pytest.mark.parametrize(
    ("pattern", "shortest"),
    [("^[^a-z]$", "0"), ("^.{3}$", "aaa"), ("^[\x00-\x1f]$", "\x00"), ("^$a", None), ("", "")],
)
def test_the_shortest_text_is_one_that_can_be_read(pattern: str, shortest: str | None) -> None:
    assert Language.of(pattern).shortest(_STEPS) == shortest


def test_a_surrogate_is_no_text() -> None:
    assert Language.of("^[\ud800-\udfff]$").shortest(_STEPS) is None


def test_a_literal_is_one_text() -> None:
    language = Language.literal("a.b")
    assert language.matches("a.b")
    assert not language.matches("axb")
    assert (language & ~Language.of("^a")).shortest(_STEPS) is None
    assert Language.literal("").shortest(_STEPS) == ""


def test_a_length_counts_code_points() -> None:
    assert Language.length(1, 2).matches("😀😀")
    assert not Language.length(1, 2).matches("abc")
    assert Language.length(3, None).shortest(_STEPS) == "aaa"
    assert Language.length(3, 2).shortest(_STEPS) is None


def test_an_answer_that_needs_more_steps_than_given_is_not_guessed() -> None:
    language = Language.of("^a{500}$")
    with pytest.raises(EffortSpentError):
        language.shortest(100)
    with pytest.raises(EffortSpentError):
        Language.of("^b").includes(language, 100)
