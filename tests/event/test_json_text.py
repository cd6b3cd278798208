"""What is in a JSON value."""

from __future__ import annotations

import pytest

from eventroute.jsontext import objects_in, pointer, segments, value_at


def test_every_object_is_found_once() -> None:
    shared = {"n": 1}
    value: dict[str, object] = {"a": [shared, [{"b": {}}]], "c": shared, "d": "text"}
    assert [one for one in objects_in(value) if one is shared] == [shared]
    assert sorted(map(list, objects_in(value))) == [[], ["a", "c", "d"], ["b"], ["n"]]


def test_a_value_without_objects_has_none() -> None:
    assert list(objects_in([1, "a", [None, True]])) == []


DOCUMENT: dict[str, object] = {"a/b": [{"~": 1}, [2]], "01": 3}


@pytest.mark.parametrize(
    ("place", "value"), [("/a~1b/0/~0", 1), ("/a~1b/1/0", 2), ("/01", 3), ("", DOCUMENT)]
)
def test_a_pointer_leads_to_a_value(place: str, value: object) -> None:
    assert value_at(DOCUMENT, place) == value
    assert pointer(*segments(place)) == place


LONG = pytest.param("1" * 5_000, id="of thousands of digits")


@pytest.mark.parametrize(
    "index", ["2", "00", "01", "-1", "\N{ARABIC-INDIC DIGIT ZERO}", "\xb2", "1\n", "", LONG]
)
def test_only_the_index_of_an_element_leads_into_an_array(index: str) -> None:
    with pytest.raises(LookupError):
        value_at([1, 2], f"/{index}")
