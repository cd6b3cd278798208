"""Patterns and events made to hang, crash or exhaust: refused, or answered in linear time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventroute.errors import EventError, JSONTextError, LimitExceededError, PatternError
from eventroute.pattern import Pattern, PatternLimits


def nested(depth: int) -> dict[str, Any]:
    pattern: dict[str, Any] = {"a": [1]}
    for _ in range(depth - 2):
        pattern = {"a": pattern}
    return pattern


def test_a_pattern_of_two_hundred_levels_is_refused() -> None:
    with pytest.raises(PatternError, match="64 levels"):
        Pattern(nested(200))
    with pytest.raises(PatternError, match="64 levels"):
        Pattern(json.dumps(nested(200)))


@pytest.mark.parametrize("bracket", ['{"a":', "["])
def test_a_pattern_of_a_hundred_thousand_brackets_is_refused(bracket: str) -> None:
    with pytest.raises(PatternError):
        Pattern(bracket * 100_000, limits=PatternLimits(max_bytes=10**7))


def test_a_pattern_that_contains_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(PatternError):
        Pattern(endless)


def test_a_pattern_that_shares_its_parts_to_explode_is_refused() -> None:
    shared: dict[str, Any] = {"a": [1]}
    for _ in range(40):
        shared = {"a": shared, "b": shared}
    with pytest.raises(PatternError, match="max_bytes"):
        Pattern(shared)


def test_a_dotted_path_is_as_deep_as_it_has_names() -> None:
    with pytest.raises(PatternError, match="64 names"):
        Pattern({"a" + ".a" * 10_000: [1]})


def test_a_pattern_at_the_depth_limit_works() -> None:
    event: Any = 1
    for _ in range(63):
        event = {"a": event}
    assert Pattern(nested(64)).matches(event)


def test_a_large_pattern_is_refused_unless_the_limit_is_raised() -> None:
    large = {"a": ["x" * 70_000]}
    for source in (large, json.dumps(large)):
        with pytest.raises(PatternError, match="max_bytes"):
            Pattern(source)
        Pattern(source, limits=PatternLimits(max_bytes=100_000))


def test_or_may_expand_to_a_thousand_combinations() -> None:
    def product(*sizes: int) -> dict[str, Any]:
        return {
            f"f{field}": {"$or": [{f"x{n}": [n]} for n in range(size)]}
            for field, size in enumerate(sizes)
        }

    assert len(Pattern(product(10, 10, 10)).sub_rules) == 1_000
    with pytest.raises(PatternError, match="1,000 combinations"):
        Pattern(product(10, 10, 11))
    with pytest.raises(PatternError, match="1,000 combinations"):
        Pattern(product(*[2] * 60))


def test_combinations_of_many_fields_are_bounded_too() -> None:
    fields: dict[str, Any] = {f"f{n}": [1] for n in range(2_000)}
    with pytest.raises(PatternError, match="50,000 fields"):
        Pattern({**fields, "$or": [{"x": [n]} for n in range(900)]})


@pytest.mark.parametrize("value", ["a" * 1_000_000, "ab" * 500_000, "b" * 1_000_000])
def test_ten_thousand_stars_against_a_megabyte_take_linear_time(value: str) -> None:
    limits = PatternLimits(max_bytes=100_000, max_wildcard_stars=20_000)
    pattern = Pattern({"a": [{"wildcard": "*a" * 10_000 + "*b"}]}, limits=limits)
    assert pattern.matches({"a": value}) == (value == "ab" * 500_000)


def test_folding_a_megabyte_takes_linear_time() -> None:
    limits = PatternLimits(max_bytes=4_000_000)
    pattern = Pattern({"a": [{"equals-ignore-case": "ß" * 300_000}]}, limits=limits)
    assert pattern.matches({"a": "SS" * 300_000})
    assert not pattern.matches({"a": "SS" * 299_999 + "S"})


def test_a_deep_event_is_refused() -> None:
    with pytest.raises(JSONTextError):
        Pattern({"a": [1]}).matches('{"a":' * 100_000)
    with pytest.raises(JSONTextError):
        Pattern({"a": [1]}).matches('{"a":' + "[" * 100_000)
    endless: dict[str, Any] = {}
    endless["a"] = [endless]
    with pytest.raises(EventError):
        Pattern({"a": [1]}).matches(endless)


def test_a_member_name_of_a_hundred_thousand_dots_is_harmless() -> None:
    event = json.dumps({"a" + ".a" * 100_000: 1})
    assert not Pattern({"a": {"a": [1]}}).matches(event)
    assert Pattern({"a": {"a": [{"exists": False}]}}).matches(event)


def test_large_arrays_of_objects_are_searched_in_linear_time() -> None:
    event = {"a": [{"b": n, "c": n + 1} for n in range(100_000)] + list(range(100_000))}
    assert not Pattern({"a": {"b": [1], "c": [1]}}).matches(event)
    assert Pattern({"a": {"b": [1], "c": [2]}}).matches(event)


def test_repeated_members_that_make_the_search_explode_are_refused() -> None:
    array = json.dumps([{"b": n} for n in range(20)])
    event = "{" + ",".join(f'"a": {array}' for _ in range(10)) + "}"
    pattern = Pattern({"a": {"b": [1], "c": [1]}})
    with pytest.raises(LimitExceededError, match="repeated or dotted"):
        pattern.matches(event)
    with pytest.raises(LimitExceededError):
        pattern.explain(event)


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(LimitExceededError, match="max_bytes=0"):
        PatternLimits(max_bytes=0)
    with pytest.raises(LimitExceededError, match="max_depth=129"):
        PatternLimits(max_depth=129)
    with pytest.raises(LimitExceededError, match="negative"):
        PatternLimits(max_wildcard_stars=-1)
