from __future__ import annotations

import pytest

from eventroute.pattern import Pattern
from eventroute.pattern.analysis import Verdict, find_misspelt_names


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("detail-typ", "detail-type"),
        ("detail_type", "detail-type"),
        ("detailType", "detail-type"),
        ("sorce", "source"),
        ("Source", "source"),
        ("resource", "resources"),
        ("details", "detail"),
    ],
)
def test_a_name_that_is_nearly_one_of_an_event_is_a_guess_at_a_mistake(
    written: str, meant: str
) -> None:
    (finding,) = find_misspelt_names(Pattern({written: ["x"]}))
    assert (finding.pointer, finding.verdict) == (f"/{written}", Verdict.SUSPICIOUS)
    assert finding.reason.endswith(f'did you mean "{meant}"?')


def test_alternatives_are_looked_into() -> None:
    found = find_misspelt_names(Pattern({"$or": [{"source": ["x"]}, {"sorce": ["x"]}]}))
    assert [one.pointer for one in found] == ["/$or/1/sorce"]


@pytest.mark.parametrize("name", ["source", "detail-type", "replay-name", "customer", "x"])
def test_a_name_that_an_event_has_or_that_is_like_none_is_left_alone(name: str) -> None:
    assert find_misspelt_names(Pattern({name: ["x"]})) == []


def test_what_is_inside_of_detail_is_the_applications() -> None:
    assert find_misspelt_names(Pattern({"detail": {"sorce": ["x"], "detail-typ": ["x"]}})) == []
