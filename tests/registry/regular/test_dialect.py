"""Expressions mean what ECMA-262 says, and are found anywhere, as JSON Schema says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from eventroute.registry.regular import Language
from eventroute.registry.regular.search import searcher
from tests.registry.regular.expressions import EXPRESSIONS, TEXTS

_CASES = [
    ("b+", "abba", "aca"),
    ("^b+", "bba", "abb"),
    ("b+$", "abb", "bba"),
    ("^$", "", "a"),
    ("^(?:a|bc)$", "bc", "abc"),
    ("^(?<year>a)(b)$", "ab", "aab"),
    ("^(?P<year>a)$", "a", "b"),
    ("^a{2}$", "aa", "aaa"),
    ("^a{2,}$", "aaaa", "a"),
    ("^a{1,2}?$", "aa", "aaa"),
    ("(^|,)a(,|$)", "b,a", "b,ab"),
    ("a$|^b", "bca", "ab"),
    ("^[a-c-]$", "-", "d"),
    ("^[^a-c]$", "d", "b"),
    ("^[\\]\\\\]$", "]", "["),
    ("^[]$|x", "x", "]"),
    ("^[^]$", "\n", ""),
    ("^[\\b]$", "\b", "b"),
    (r"^\d$", "7", "\u0667"),
    (r"^\D$", "\u0667", "7"),
    (r"^\w$", "_", "é"),
    (r"^\W$", "é", "a"),
    (r"^\s$", "\ufeff", "\x1c"),
    (r"^\S$", "\x1c", "\u3000"),
    ("^.$", "\x85", "\u2028"),
    ("^.$", "😀", "\n"),
    (r"^\u0041\x42\cJ\0$", "AB\n\0", "AB"),
    (r"^\uD83D\uDE00$", "😀", "😁"),
    (r"^\u{1F600}$", "😀", "u"),
    (r"^\t\n\v\f\r$", "\t\n\v\f\r", "t"),
    (r"^\p{Lu}\P{L}$", "Ä1", "äb"),
    (r"^\p{Letter}$", "ß", "1"),
    (r"^\/\.\-\$$", "/.-$", "/x-$"),
    ("^x{$", "x{", "x"),
    ("^{a}]$", "{a}]", "a"),
    ("^(?=.*[A-Z])(?=.*[0-9]).{4,}$", "abC1", "abc1"),
    ("^(?!.*--)[a-z-]+$", "a-b", "a--b"),
    ("^(?!foo$)", "food", "foo"),
    ("^(a(?=b)|c)", "ab", "ac"),
]


@pytest.mark.parametrize(("pattern", "found", "missed"), _CASES)
def test_an_expression_is_found_in_one_text_and_not_in_the_other(
    pattern: str, found: str, missed: str
) -> None:
    language = Language.of(pattern)
    search = searcher(pattern)
    assert language.matches(found)
    assert search(found)
    assert not language.matches(missed)
    assert not search(missed)


def test_the_end_is_the_end_and_not_before_a_last_newline() -> None:
    assert not Language.of("^a$").matches("a\n")
    assert not searcher("^a$")("a\n")
    assert re.search("^a$", "a\n")  # as Python has it


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, TEXTS)
def test_python_finds_what_the_language_holds(pattern: str, text: str) -> None:
    python = pattern.replace("$", r"\Z").replace(r"\w", "[A-Za-z0-9_]").replace(r"\d", "[0-9]")
    found = re.search(python, text) is not None
    assert Language.of(pattern).matches(text) is found
    assert bool(searcher(pattern)(text)) is found
