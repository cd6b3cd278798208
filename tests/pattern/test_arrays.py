from __future__ import annotations

from eventroute.pattern import Pattern

B_AND_C = Pattern({"a": {"b": [1], "c": [2]}})


def test_one_matching_element_suffices() -> None:
    assert Pattern({"a": [2]}).matches({"a": [1, 2, 3]})
    assert not Pattern({"a": [4]}).matches({"a": [1, 2, 3]})


def test_nested_arrays_are_searched() -> None:
    assert Pattern({"a": [2]}).matches({"a": [[1], [[2]]]})
    assert B_AND_C.matches({"a": [[{"b": 0}], [{"b": 1, "c": 2}]]})


def test_conditions_below_an_array_must_hold_in_one_element() -> None:
    assert B_AND_C.matches({"a": [{"b": 9}, {"b": 1, "c": 2}]})
    assert not B_AND_C.matches({"a": [{"b": 1, "c": 9}, {"b": 9, "c": 2}]})
    assert not B_AND_C.matches({"a": [[{"b": 1}], [{"c": 2}]]})


def test_consistency_holds_at_every_level() -> None:
    pattern = Pattern({"a": {"b": {"c": [1]}, "d": [2]}})
    assert pattern.matches({"a": [{"b": [{"c": 0}, {"c": 1}], "d": 2}]})
    assert not pattern.matches({"a": [{"b": [{"c": 1}], "d": 0}, {"b": [{"c": 0}], "d": 2}]})


def test_different_arrays_are_independent() -> None:
    pattern = Pattern({"a": {"x": [1]}, "b": {"x": [2]}})
    assert pattern.matches({"a": [{"x": 0}, {"x": 1}], "b": [{"x": 2}]})


def test_scalars_beside_objects_belong_to_no_element() -> None:
    pattern = Pattern({"a": [5], "a.b": [1]})
    assert pattern.matches({"a": [5, {"b": 1}]})
    assert not pattern.matches({"a": [5, {"b": 2}]})
    assert not pattern.matches({"a": [[5], {"b": 1}]})


def test_scalars_beside_objects_do_not_hide_them() -> None:
    assert Pattern({"a": {"b": [1]}}).matches({"a": [5, {"b": 1}]})


def test_a_dot_joins_names_in_pattern_and_event() -> None:
    nested, dotted = {"a": {"b": {"c": 1}}}, {"a.b": {"c": 1}}
    for written in ({"a": {"b": {"c": [1]}}}, {"a.b.c": [1]}, {"a": {"b.c": [1]}}):
        assert Pattern(written).matches(nested)
        assert Pattern(written).matches(dotted)
        assert not Pattern(written).matches({"a": {"b": {"c": 2}}})


def test_dotted_and_nested_members_of_an_event_are_alternatives() -> None:
    pattern = Pattern({"a": {"b": [1], "c": [2]}})
    assert pattern.matches({"a": {"b": 1}, "a.c": 2})
    assert pattern.matches({"a": [{"b": 0}, {"b": 1}], "a.c": 2})


def test_either_value_of_a_repeated_member_matches() -> None:
    text = '{"a": [{"b": 1}, {"b": 2}], "a": {"c": 3}, "x": 1, "x": 2}'
    assert Pattern({"x": [1]}).matches(text)
    assert Pattern({"x": [2]}).matches(text)
    assert Pattern({"a": {"b": [2], "c": [3]}}).matches(text)
    assert not Pattern({"a": {"b": [3], "c": [3]}}).matches(text)


def test_of_a_repeated_field_in_a_pattern_the_last_counts() -> None:
    pattern = Pattern('{"a": [1], "a": [2]}')
    assert pattern == Pattern({"a": [2]})
    assert pattern.source == {"a": [2]}


def test_repeated_objects_in_a_pattern_add_up() -> None:
    pattern = Pattern('{"a": {"b": [1]}, "a": {"c": [2]}}')
    assert pattern == Pattern({"a": {"b": [1], "c": [2]}})
    assert Pattern(pattern.source) == pattern
