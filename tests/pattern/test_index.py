from __future__ import annotations

import pytest

from eventroute import Event
from eventroute.errors import EventRouteError, NameNotFoundError, NameTakenError, PatternError
from eventroute.pattern import Pattern, PatternIndex


@pytest.fixture
def index() -> PatternIndex[str]:
    index = PatternIndex[str]()
    index.add("korea", {"country": ["KR"]})
    index.add("asia", '{"country": ["KR", "JP"]}')
    index.add("any", Pattern({"country": [{"exists": True}]}))
    return index


def test_names_come_in_the_order_in_which_they_were_added(index: PatternIndex[str]) -> None:
    assert index.match({"country": "KR"}) == ["korea", "asia", "any"]
    assert index.match('{"country": "JP"}') == ["asia", "any"]
    assert index.match({}) == []


def test_an_event_is_matched(index: PatternIndex[str]) -> None:
    index.add("orders", {"source": ["shop.orders"]})
    assert index.match(Event("shop.orders", "OrderPlaced", {})) == ["orders"]


def test_a_removed_pattern_matches_no_more(index: PatternIndex[str]) -> None:
    index.remove("korea")
    assert index.match({"country": "KR"}) == ["asia", "any"]


def test_a_pattern_added_again_comes_last(index: PatternIndex[str]) -> None:
    index.remove("korea")
    index.add("korea", {"country": ["KR"]})
    assert index.match({"country": "KR"}) == ["asia", "any", "korea"]


def test_it_is_a_collection_of_names(index: PatternIndex[str]) -> None:
    assert len(index) == 3
    assert "asia" in index
    assert "europe" not in index
    assert list(index) == ["korea", "asia", "any"]


def test_a_name_is_used_once(index: PatternIndex[str]) -> None:
    with pytest.raises(NameTakenError, match="'korea' is in the index; remove it first") as caught:
        index.add("korea", {"country": ["JP"]})
    assert isinstance(caught.value, EventRouteError | ValueError)
    assert index.match({"country": "JP"}) == ["asia", "any"]


def test_removing_an_unknown_name_is_refused(index: PatternIndex[str]) -> None:
    with pytest.raises(NameNotFoundError, match="'europe'") as caught:
        index.remove("europe")
    assert isinstance(caught.value, LookupError)


def test_an_invalid_pattern_is_not_added(index: PatternIndex[str]) -> None:
    with pytest.raises(PatternError):
        index.add("broken", {"country": "KR"})
    assert "broken" not in index
