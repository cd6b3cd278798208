"""Which texts Python's own matcher may be asked about."""

from __future__ import annotations

import re

import pytest

from eventroute.registry.regular.backtracking import is_quick

EMAIL = r"^\w+([.-]?\w+)*@\w+([.-]?\w+)*(\.\w{2,3})+$"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^[a-z]+(-[a-z]+)*$", "a-name-of-some-parts"),
        (EMAIL, "user@example.com"),
        ("(a+)+b", "aaaaaaaa"),
        (r"^(a|b)\1$", "a" * 10_000),
        ("^a{3000}$", "a" * 3_000),
        ("^[a-z]+$", "a" * 20_000),
        ("(?!a)b*", "b" * 500),
    ],
)
def test_few_ways_are_quick(pattern: str, text: str) -> None:
    assert is_quick(pattern, text)
    re.search(pattern, text + "!")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a|a|a|a)*b", "a" * 16),
        ("a?" * 30 + "a{30}", "a" * 30),
        ("(a?){40}b", "a" * 30),
        ("(a|a)*b{25}", "a" * 25),
        ("(?=(a|a)*b)c", "a" * 30),
        ("((a?){1000}){1000}", "a" * 20),
        ("a*a*a*a*b", "a" * 3_000),
        ("(a|a){,40}b", "a" * 30),
        (r"(a+)+\1b", "a" * 30),
        (EMAIL, "a" * 40),
    ],
)
def test_many_ways_are_not(pattern: str, text: str) -> None:
    assert not is_quick(pattern, text)
