"""What is in a JSON value."""

from __future__ import annotations

from eventroute.jsontext import objects_in


def test_every_object_is_found_once() -> None:
    shared = {"n": 1}
    value: dict[str, object] = {"a": [shared, [{"b": {}}]], "c": shared, "d": "text"}
    assert [one for one in objects_in(value) if one is shared] == [shared]
    assert sorted(map(list, objects_in(value))) == [[], ["a", "c", "d"], ["b"], ["n"]]


def test_a_value_without_objects_has_none() -> None:
    assert list(objects_in([1, "a", [None, True]])) == []
