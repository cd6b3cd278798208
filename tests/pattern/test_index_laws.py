"""The index gives what its patterns give one by one, whatever is added and removed."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import nextafter
from threading import Event as Flag
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from eventroute.errors import EventError, JSONTextError
from eventroute.jsontext import MAX_BYTES
from eventroute.pattern import Pattern, PatternIndex
from eventroute.pattern.operators.numbers import comparable
from eventroute.pattern.operators.spelling import fold
from tests.pattern.strategies import events, patterns


def boards_of_two() -> PatternIndex[int]:
    """An index that has nearly all rules in its trie."""
    return PatternIndex[int](_most_on_a_board=2)


MakeIndex = Callable[[], PatternIndex[int]]

indexes = st.sampled_from([PatternIndex[int], boards_of_two])


class IndexMachine(RuleBasedStateMachine):
    """Adds, removes and matches at random."""

    @initialize(make=indexes)
    def begin(self, make: MakeIndex) -> None:
        self.index = make()
        self.kept: dict[int, Pattern] = {}
        self.number = 0

    @rule(written=patterns)
    def add(self, written: dict[str, Any]) -> None:
        self.number += 1
        self.kept[self.number] = Pattern(written)
        self.index.add(self.number, written)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.kept)))
        del self.kept[number]
        self.index.remove(number)

    @rule(event=events, way=st.sampled_from(["mapping", "text", "bytes"]))
    def match(self, event: dict[str, Any], way: str) -> None:
        given: dict[str, Any] | str | bytes = event
        if way != "mapping":
            given = json.dumps(event, ensure_ascii=way == "text")
        if way == "bytes":
            given = str(given).encode()
        expected = [number for number, pattern in self.kept.items() if pattern.matches(given)]
        assert self.index.match(given) == expected


TestIndexMachine = IndexMachine.TestCase
TestIndexMachine.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)

_bounds = st.integers(-5, 5) | st.sampled_from(
    [
        *(0.5, 2.5, nextafter(2.5, 3), nextafter(2.5, 2), -0.0, 5e-324, -5e-324, 1e300, -1e300),
        *(2**53 - 1, 2**53, 2**53 + 1, 1 - 2**53, -(2**53), 2.0**53 - 1, 1e23, 10**23),
    ]
)


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, Any]:
    low, high = sorted([draw(_bounds), draw(_bounds)], key=comparable)
    over, under = draw(st.sampled_from([">", ">="])), draw(st.sampled_from(["<", "<="]))
    terms = draw(st.sampled_from([[over, low], [under, high], [over, low, under, high]]))
    return {
        "numeric": terms if len(terms) == 2 or comparable(low) < comparable(high) else [over, low]
    }


@given(
    indexes, st.lists(ranges(), min_size=10, max_size=40), st.lists(_bounds, min_size=1), st.data()
)
def test_many_ranges_are_found_as_one_by_one(
    make: MakeIndex,
    written: list[dict[str, Any]],
    values: list[float],
    data: st.DataObject,
) -> None:
    index, kept = make(), dict[int, Pattern]()
    for number, test in enumerate(written):
        kept[number] = Pattern({"a": [test]})
        index.add(number, kept[number])
    for number in data.draw(st.sets(st.sampled_from(sorted(kept)))):
        del kept[number]
        index.remove(number)
    for value in values:
        expected = [number for number, pattern in kept.items() if pattern.matches({"a": value})]
        assert index.match({"a": value}) == expected
    several = [number for number, pattern in kept.items() if pattern.matches({"a": values})]
    assert index.match({"a": values}) == several


_letters = st.text(st.sampled_from("abß"), max_size=4)


@given(
    indexes,
    st.lists(
        st.tuples(
            st.sampled_from(["prefix", "suffix", "equals-ignore-case", "wildcard", "exactly"]),
            _letters,
        ),
        max_size=30,
    ),
    st.lists(st.text(st.sampled_from("aAbBßS"), max_size=6), min_size=1),
)
def test_many_tests_of_text_are_found_as_one_by_one(
    make: MakeIndex, written: list[tuple[str, str]], values: list[str]
) -> None:
    index, kept = make(), dict[int, Pattern]()
    for number, (operator, text) in enumerate(written):
        operand = f"*{text[:2]}*{text[2:]}" if operator == "wildcard" else text
        kept[number] = Pattern({"a": [{operator: operand.replace("**", "*")}]})
        index.add(number, kept[number])
    for value in [*values, values[0]]:  # twice, since texts are remembered
        expected = [number for number, pattern in kept.items() if pattern.matches({"a": value})]
        assert index.match(json.dumps({"a": value})) == expected


def test_a_folded_text_is_common_to_all_its_spellings() -> None:
    for code in range(0x10000):
        character = chr(code)
        if not 0xD800 <= code < 0xE000:
            assert fold(character.lower()) == fold(character.upper()) == fold(character)


@pytest.mark.parametrize("make", [PatternIndex[int], boards_of_two])
@pytest.mark.parametrize(
    "tests",
    [
        ["x", "x"],
        [{"equals-ignore-case": "ab"}, {"equals-ignore-case": "AB"}],
        [{"prefix": "a"}, {"prefix": "a"}, {"prefix": {"equals-ignore-case": "A"}}],
        [{"cidr": "10.0.0.0/8"}, {"cidr": "10.1.0.0/8"}],
        [{"anything-but": "x"}, {"anything-but": "x"}, {"anything-but": ["x", "x"]}],
        [{"wildcard": "a*"}, {"wildcard": "a*b"}, {"wildcard": "*"}, {"wildcard": "*"}],
        [{"numeric": [">", 1]}, {"numeric": [">", 1, "<", 5]}, {"numeric": [">", 1]}],
        [{"exists": True}, {"exists": True}, {"exists": False}],
    ],
)
def test_a_list_that_says_the_same_twice_is_removed_whole(
    tests: list[object], make: MakeIndex
) -> None:
    index = make()
    for number in range(3):
        index.add(number, {"a": tests, "b": [number]})
    for number in range(3):
        index.remove(number)
    assert index._trie.root.is_empty  # pyright: ignore[reportPrivateUsage]


def test_rules_that_came_and_went_leave_no_paths_to_be_searched_for() -> None:
    index = PatternIndex[int]()
    index.add(-1, {"a": [1], "b": [{"prefix": "x"}]})
    for number in range(500):
        index.add(number, {f"p{number}": {"q": [1]}, "a": [1]})
    for number in range(500):
        assert index.match({"a": 1, "b": "xy", f"p{number}": {"q": 1}}) == [-1, number]
        index.remove(number)
    assert index.match('{"a": 1, "b": "xy"}') == [-1]
    assert len(index._indexes) < 70  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a\u2028b", "", " "])
def test_any_string_may_name_a_member(name: str) -> None:
    index = PatternIndex[str]()
    index.add("odd", {name: [1], "x": {name: [2]}})
    index.add("plain", {"y": [1]})
    for event in ({name: 1, "x": {name: 2}}, {"x": [{name: 2}], name: [1]}):
        assert index.match(event) == index.match(json.dumps(event)) == ["odd"]
    assert index.match('{"y": 1}') == ["plain"]


def test_a_repeated_member_is_no_hindrance_where_names_are_odd() -> None:
    index = PatternIndex[str]()
    index.add("odd", {'a"b': [1], "c": {"d": [2]}})
    assert index.match('{"a\\"b": 1, "c": {"d": 2, "x": {"y": 1, "y": 2}}}') == ["odd"]


def test_an_emptied_index_keeps_nothing() -> None:
    index = PatternIndex[int]()
    for number in range(50):
        index.add(number, {"a": [{"prefix": f"p{number}"}], "b": [{"numeric": [">", number]}]})
    for number in range(50):
        index.remove(number)
    assert index._trie.root.is_empty  # pyright: ignore[reportPrivateUsage]
    assert index.match({"a": "p1", "b": 9}) == []


def test_texts_that_never_repeat_are_not_remembered_for_ever() -> None:
    index = PatternIndex[str]()
    index.add("p", {"a": [{"prefix": "x"}]})
    for number in range(5_000):
        assert index.match({"a": f"x{number}"}) == ["p"]
        assert index.match({"a": f"y{number}"}) == []


def test_a_repeated_member_of_a_text_counts_with_its_last_value() -> None:
    index = PatternIndex[str]()
    index.add("one", {"a": [1]})
    assert index.match('{"a": 1, "a": 2}') == []
    assert index.match('{"a": 2, "a": 1}') == ["one"]


def test_names_with_dots_are_several_names() -> None:
    index = PatternIndex[str]()
    index.add("nested", {"a": {"b": {"c": [1]}}})
    for event in ({"a.b.c": 1}, {"a.b": {"c": 1}}, {"a": {"b.c": 1}}):
        assert index.match(event) == index.match(json.dumps(event)) == ["nested"]


def test_one_element_of_an_array_meets_all_clauses_below_it() -> None:
    index = PatternIndex[str]()
    index.add("both", {"a": {"b": [1], "c": [2]}})
    index.add("first", {"a": {"b": [1]}})
    apart = {"a": [{"b": 1, "c": 9}, {"b": 9, "c": 2}]}
    assert index.match(apart) == index.match(json.dumps(apart)) == ["first"]
    together = {"a": [{"b": 9}, {"b": 1, "c": 2}]}
    assert index.match(together) == index.match(json.dumps(together)) == ["both", "first"]


@pytest.mark.parametrize("event", ["", "{", "[1]", "7", '{"a": NaN}', b'{"a": "\xff"}', "nul"])
def test_what_is_no_event_is_refused_as_a_pattern_refuses_it(event: str | bytes) -> None:
    index = PatternIndex[str]()
    index.add("one", {"a": [1]})
    with pytest.raises((JSONTextError, EventError)) as by_index:
        index.match(event)
    with pytest.raises((JSONTextError, EventError)) as by_pattern:
        Pattern({"a": [1]}).matches(event)
    assert str(by_index.value) == str(by_pattern.value)


def test_a_text_that_is_too_large_is_refused() -> None:
    index = PatternIndex[str]()
    index.add("one", {"a": [1]})
    with pytest.raises(JSONTextError, match="at most"):
        index.match('{"a": "' + "x" * MAX_BYTES + '"}')


def test_bottomless_nesting_is_refused() -> None:
    index = PatternIndex[str]()
    index.add("one", {"a": [1]})
    for text in ('{"x":' + "[" * 100_000, '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"):
        with pytest.raises(JSONTextError):
            index.match(text)


def test_an_event_with_another_type_on_the_way_to_a_path_is_read_all_the_same() -> None:
    index = PatternIndex[str]()
    index.add("deep", {"a": {"b": [1]}})
    index.add("here", {"c": [1]})
    index.add("none", {"a": {"b": [{"exists": False}]}})
    odd: object
    for odd in (None, 5, "text", [], {}, [5, "x"], True):
        event: dict[str, object] = {"a": odd, "c": 1}
        assert index.match(event) == index.match(json.dumps(event)) == ["here", "none"]


def test_threads_match_while_patterns_come_and_go() -> None:
    # More come than a board holds, and go again: in each round all of them get other places.
    index = PatternIndex[str](_most_on_a_board=64)
    fixed = [f"fixed{number}" for number in range(16)]
    for name in fixed:
        index.add(name, {"a": ["v1"], "b": [{"prefix": "x"}]})
    done = Flag()

    def churn() -> int:
        source, rounds = random.Random(1), 0
        while not done.is_set():
            for number in range(50):
                test = source.choice(["v1", {"prefix": "v"}, {"exists": True}])
                index.add(f"churn{number}", {"a": [test], f"p{number % 9}": [{"exists": False}]})
            for number in range(50):
                index.remove(f"churn{number}")
            rounds += 1
        return rounds

    def look() -> None:
        for number in range(15_000):
            names = index.match(b'{"a": "v1", "b": "xy"}')
            assert names[:16] == fixed, number
            assert sorted({*names}) == sorted(names), number

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(3) as pool:
            churner = pool.submit(churn)
            lookers = [pool.submit(look) for _ in range(2)]
            try:
                for one in lookers:
                    one.result()
            finally:
                done.set()
            assert churner.result() > 1
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("kind", ["numeric", "prefix"])
def test_more_rules_of_one_source_than_a_board_holds_are_found_as_one_by_one(kind: str) -> None:
    index = PatternIndex[int]()
    kept = dict[int, Pattern]()
    for number in range(3_600):
        test = [">=", number, "<", number + 3] if kind == "numeric" else f"{number % 1_000}"
        source = "few" if number % 10 == 9 else "many"
        kept[number] = Pattern({"source": [source], "a": [{kind: test}]})
        index.add(number, kept[number])

    def match_as_one_by_one() -> None:
        for value in (0, 2, 7, 99, 777, 2_000, 3_599):
            for source in ("few", "many"):
                event = {"source": source, "a": value if kind == "numeric" else f"{value}xy"}
                expected = [one for one, pattern in kept.items() if pattern.matches(event)]
                assert index.match(event) == expected

    match_as_one_by_one()
    for number in range(0, 3_600, 2):
        del kept[number]
        index.remove(number)
    match_as_one_by_one()


def test_an_index_that_shrank_is_a_board_again() -> None:
    index = PatternIndex[int]()
    for number in range(1_000):
        index.add(number, {"a": [number], "b": [{"prefix": f"{number}"}]})
    assert index._trie.root.board is None  # pyright: ignore[reportPrivateUsage]
    for number in range(900):
        index.remove(number)
    assert index._trie.root.board is not None  # pyright: ignore[reportPrivateUsage]
    assert index.match({"a": 950, "b": "9501"}) == [950]
