"""No expression and no text makes matching slow."""

from __future__ import annotations

import pytest

from eventroute.errors import UnsupportedExpressionError
from eventroute.registry.regular import Language
from eventroute.registry.regular.harmless import harmless
from eventroute.registry.regular.parse import parse
from eventroute.registry.regular.search import searcher

_HARMLESS = [
    "^abc$",
    "foo|bar",
    r"\.json$",
    "^[a-z]+@[a-z]+$",
    r"\d+",
    r"\s+$",
    ".*foo",
    "^(a|b)*$",
    "^(a+b)*$",
    "^(https?|ftp)://",
    "^[a-z][a-z0-9-]{0,61}[a-z0-9]$",
    r"^\d{4}-\d{2}-\d{2}$",
    "^[A-Z]{3}[A-Z0-9]{5}$",
    r"^arn:aws:[a-z]+:[^:]*:\d{12}:.+$",
]
_HARMFUL = [
    "(a+)+$",
    "^(a*)*$",
    "^(a|a)*$",
    "^(a|ab)*c",
    "^(?:a?){30}a{30}$",
    "(x+x+)+y",
    "^.+@.+$",
    "^.*a.*a.*a.*b$",
    "(?:a{1,50}){1,20}b",
]


@pytest.mark.parametrize("pattern", _HARMLESS)
def test_what_the_next_character_decides_is_left_to_python(pattern: str) -> None:
    assert harmless(parse(pattern)) is not None


@pytest.mark.parametrize("pattern", _HARMFUL)
def test_what_may_be_tried_in_many_ways_is_not(pattern: str) -> None:
    assert harmless(parse(pattern)) is None


@pytest.mark.timeout(20)  # backtracking would need longer than the universe is old
@pytest.mark.parametrize("pattern", _HARMLESS + _HARMFUL)
@pytest.mark.parametrize("text", ["a" * 30_000 + "!", "x" * 30_000, "a@" * 15_000 + "\n"])
def test_a_long_text_is_read_in_linear_time(pattern: str, text: str) -> None:
    assert bool(searcher(pattern)(text)) is Language.of(pattern).matches(text)


def test_states_are_forgotten_and_found_again() -> None:
    text = "".join("ab"[(at * at >> 3) % 2] for at in range(60_000)) + "b" * 17
    assert not Language.of("^(?:a|b)*a(?:a|b){16}$").matches(text)
    assert Language.of("^(?:a|b)*a(?:a|b){16}$").matches(text + "a" + "b" * 16)


def test_an_automaton_that_would_be_too_large_is_refused() -> None:
    with pytest.raises(UnsupportedExpressionError, match="more than 2000 characters"):
        searcher("a[ax]{1,3000}y")
