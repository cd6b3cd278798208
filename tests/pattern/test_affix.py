from __future__ import annotations

import pytest

from eventroute.pattern import Pattern


def test_a_prefix_begins_a_string() -> None:
    pattern = Pattern({"a": [{"prefix": "ord-"}]})
    assert pattern.matches({"a": "ord-1"})
    assert pattern.matches({"a": "ord-"})
    assert not pattern.matches({"a": "Ord-1"})
    assert not pattern.matches({"a": "an ord-1"})


def test_a_suffix_ends_a_string() -> None:
    pattern = Pattern({"a": [{"suffix": ".png"}]})
    assert pattern.matches({"a": "image.png"})
    assert not pattern.matches({"a": "image.PNG"})
    assert not pattern.matches({"a": "image.png.bak"})


@pytest.mark.parametrize("operator", ["prefix", "suffix"])
def test_an_empty_affix_matches_every_string_and_nothing_else(operator: str) -> None:
    pattern = Pattern({"a": [{operator: ""}]})
    assert pattern.matches({"a": ""})
    assert pattern.matches({"a": "x"})
    assert not pattern.matches({"a": 12})
    assert not pattern.matches({"a": None})


def test_an_affix_may_ignore_case() -> None:
    assert Pattern({"a": [{"prefix": {"equals-ignore-case": "EventB"}}]}).matches({"a": "eVENTbus"})
    assert Pattern({"a": [{"suffix": {"equals-ignore-case": ".png"}}]}).matches({"a": "i.PNG"})
    assert not Pattern({"a": [{"suffix": {"equals-ignore-case": ".png"}}]}).matches({"a": "PNG"})


def test_an_affix_that_ignores_case_may_change_length() -> None:
    assert Pattern({"a": [{"suffix": {"equals-ignore-case": "ße"}}]}).matches({"a": "STRASSE"})
    assert Pattern({"a": [{"prefix": {"equals-ignore-case": "ße"}}]}).matches({"a": "SSE-N"})
