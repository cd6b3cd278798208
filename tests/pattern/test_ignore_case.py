from __future__ import annotations

import pytest

from eventroute.pattern import Pattern


def folds(text: str, value: object) -> bool:
    return Pattern({"a": [{"equals-ignore-case": text}]}).matches({"a": value})


def test_case_does_not_matter() -> None:
    assert folds("aBc", "AbC")
    assert folds("É", "é")
    assert not folds("abc", "abcd")
    assert not folds("abcd", "abc")


def test_a_character_matches_its_full_upper_case() -> None:
    assert folds("straße", "STRASSE")
    assert folds("straße", "Straße")
    assert not folds("straße", "Strasse")


@pytest.mark.parametrize(
    ("text", "value"),
    [("ß", "ẞ"), ("s", "\u017f"), ("k", "\u212a"), ("i", "İ"), ("\u03c3", "\u03c2"), ("𐐀", "𐐨")],
    ids=["sharp s", "long s", "Kelvin sign", "dotted I", "final sigma", "Deseret"],
)
def test_no_other_folding_happens(text: str, value: str) -> None:
    assert not folds(text, value)


def test_a_character_beyond_the_basic_plane_matches_itself() -> None:
    assert folds("𐐀x", "𐐀X")


def test_the_empty_string_matches_the_empty_string_only() -> None:
    assert folds("", "")
    assert not folds("", "x")


def test_other_types_do_not_match() -> None:
    assert not folds("1", 1)
    assert not folds("true", True)
    assert not folds("null", None)


def test_no_character_has_spellings_that_begin_or_end_alike() -> None:
    for code in range(0x10000):
        lower, upper = chr(code).lower(), chr(code).upper()
        if lower != upper:
            assert not lower.startswith(upper)
            assert not upper.startswith(lower)
            assert not lower.endswith(upper)
            assert not upper.endswith(lower)
