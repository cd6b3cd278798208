"""Each refusal names the place, the value and the remedy."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

import pytest

from eventroute.errors import EventError, EventRouteError, JSONTextError, PatternError
from eventroute.pattern import Pattern


@pytest.mark.parametrize(
    ("source", "pointer", "words"),
    [
        ([], "", ["an array", '{"source": ["shop.orders"]}']),
        (None, "", ["null"]),
        ({}, "", ["empty object", "name a field"]),
        ({"a": {}}, "/a", ["empty object"]),
        ({"a": []}, "/a", ["empty list"]),
        ({"a": 5}, "/a", ["5", "put it into a list: [5]"]),
        ({"a": {"b": "x"}}, "/a/b", ['"x"', '["x"]']),
        ({"a": [1, [2]]}, "/a/1", ["[2]"]),
        ({"a": [{}]}, "/a/0", ["one operator an object"]),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "/a/0", ["one operator an object", "not 2"]),
        ({"a/b": {"~": 1}}, "/a~1b/~0", ["1"]),
        ({"a": [{"NUMERIC": ["=", 5]}]}, "/a/0/NUMERIC", ["NUMERIC", "did you mean 'numeric'?"]),
        ({"a": [{"equals_ignore_case": "x"}]}, "/a/0/equals_ignore_case", ["'equals-ignore-case'"]),
        ({"a": [{"regex": "x"}]}, "/a/0/regex", ["unknown operator", "wildcard"]),
        ({"a": ["x", {"prefix": 5}]}, "/a/1/prefix", ["a number (5)", '{"prefix": "text"}']),
        ({"a": [{"prefix": {"x": "y"}}]}, "/a/0/prefix", ["equals-ignore-case alone"]),
        ({"a": [{"exactly": 33}]}, "/a/0/exactly", ["takes a string"]),
        ({"a": [{"numeric": [">", "1"]}]}, "/a/0/numeric/1", ["a string", '"1"']),
        ({"a": [{"numeric": ["=<", 1]}]}, "/a/0/numeric/0", ["=<", "<="]),
        ({"a": [{"cidr": "1.2.3.4/32"}]}, "/a/0/cidr", ["1.2.3.4/32", "bare string"]),
        ({"a": [{"exists": "true"}]}, "/a/0/exists", ["true or false"]),
        ({"a": [{"wildcard": "a**"}]}, "/a/0/wildcard", ["a**", "write one"]),
        (
            {"a": [{"anything-but": ["x", None]}]},
            "/a/0/anything-but/1",
            ["strings or numbers", "null"],
        ),
        ({"$or": [{"a": [1]}]}, "/$or", ["at least two objects"]),
        ({"d": {"$or": [{"a": [1]}, 5]}}, "/d/$or/1", ["an object", "5"]),
        ({"a": [float("nan")]}, "/a/0", ["finite"]),
        ({"a": [Decimal(1)]}, "/a/0", ["Decimal", "write a string, a number"]),
        ({1: ["x"]}, "", ["the name 1 is not a string"]),
        ({"a": ["\ud800"]}, "/a/0", ["surrogate"]),
        ("{'a': [1]}", "", ["not JSON at line 1, column 2"]),
        ('{"a": [NaN]}', "", ["NaN"]),
        (b"\xff", "", ["not UTF-8"]),
        ('{"a": ["\\ud800"]}', "", ["surrogate"]),
    ],
)
def test_an_invalid_pattern_is_refused(source: object, pointer: str, words: list[str]) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(cast("str", source))
    assert caught.value.pointer == pointer
    for word in words:
        assert word in caught.value.reason


def test_a_long_value_is_shortened() -> None:
    with pytest.raises(PatternError) as caught:
        Pattern({"a": "x" * 10_000})
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("event", ['[{"a":1}]', "1", b"null", [1], 5, None])
def test_an_event_that_is_no_object_is_refused(event: object) -> None:
    with pytest.raises(EventError, match="JSON object"):
        Pattern({"a": [1]}).matches(cast("str", event))


@pytest.mark.parametrize("text", ["", "{", '{"a": NaN}', '{"a": 1e999}', b"\xff", '{"a": 1} x'])
def test_an_event_that_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(JSONTextError):
        Pattern({"a": [1]}).matches(text)


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ({"a": {1, 2}}, "/a"),
        ({"a": [{"b": object()}]}, "/a/0/b"),
        ({"a": float("inf")}, "/a"),
        ({"a": {1: 2}}, "/a"),
    ],
)
def test_a_mapping_with_other_values_is_refused(event: object, pointer: str) -> None:
    with pytest.raises(EventError) as caught:
        Pattern({"x": [1]}).matches(cast("dict[str, object]", event))
    assert caught.value.pointer == pointer


def test_decimals_and_tuples_of_a_mapping_are_numbers_and_arrays() -> None:
    pattern = Pattern({"total": [{"numeric": [">=", 10.5]}]})
    assert pattern.matches({"total": Decimal("10.50")})
    assert pattern.matches({"total": (Decimal(1), Decimal(11))})


def test_every_error_has_the_one_root() -> None:
    with pytest.raises(EventRouteError):
        Pattern({})
