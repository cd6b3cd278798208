"""What an index owes its users besides right answers: whole changes, bounded cost, no leftovers."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import pytest

from eventroute.errors import JSONTextError
from eventroute.pattern import Pattern, PatternIndex
from eventroute.pattern.index import board, column, pattern_index, trie
from eventroute.pattern.index.board import Board
from eventroute.pattern.index.node import Entry, Node
from eventroute.pattern.index.reader import Reader


@pytest.mark.parametrize("test", [{"wildcard": "abc"}, {"anything-but": {"wildcard": "abc"}}])
def test_a_wildcard_without_a_star_is_a_text(test: dict[str, Any]) -> None:
    index = PatternIndex[str]()
    for name in "xyz":
        index.add(name, {"a": [test]})
    for value in ("abc", "abcd"):
        expected = [*"xyz"] if Pattern({"a": [test]}).matches({"a": value}) else []
        assert index.match({"a": value}) == expected


@pytest.mark.parametrize("value", [[1, {"x": 2}], ["s", {}], [None, {}], [{"x": [1]}, 1]])
def test_an_object_beside_leaves_in_an_array_is_no_absence(value: list[object]) -> None:
    index = PatternIndex[str]()
    index.add("absent", {"a": [{"exists": False}]})
    index.add("other", {"b": [1]})
    for event in ({"a": value}, json.dumps({"a": value}), json.dumps({"a": value}).encode()):
        assert index.match(event) == []


@pytest.mark.parametrize("size", [2, 600])
def test_a_number_beyond_every_double_is_compared_or_refused(size: int) -> None:
    index = PatternIndex[int]()
    for number in range(size):
        index.add(number, {"a": [{"numeric": [">=", number, "<", number + 10]}]})
    assert index.match({"a": 10**400}) == index.match('{"a": 1' + "0" * 400 + "}") == []


@pytest.mark.skipif(
    not str(trie.__file__).endswith(".py"),
    reason="calls within compiled code cannot be made to fail",
)
def test_a_failed_addition_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    index = PatternIndex[str](_most_on_a_board=2)
    index.add("kept", {"a": [1]})
    index.add("kept, too", {"a": [1]})

    class FailingNode(Node[str]):
        def __init__(self, met: int = 0) -> None:
            super().__init__(met)
            if met:  # the board is gone by now
                raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(trie, "Node", FailingNode)
        with pytest.raises(MemoryError):
            index.add("lost", {"a": [1], "b": [2]})
    assert index.match({"a": 1, "b": 2}) == ["kept", "kept, too"]
    index.add("lost", {"b": [2]})
    assert index.match({"a": 1, "b": 2}) == ["kept", "kept, too", "lost"]


def test_a_reader_that_is_made_during_a_change_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = PatternIndex[int]()
    for number in range(100):
        index.add(number, {f"p{number}": [number]})
    index.match({})
    index.add(100, {"p100": [100]})
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Reader):
        def __init__(self, paths: Sequence[str]) -> None:
            super().__init__(paths)
            if threading.current_thread().name == "matching":
                begun.set()
                go_on.wait(5)

    monkeypatch.setattr(pattern_index, "Reader", Slow)
    found: list[list[int]] = []
    matching = threading.Thread(
        target=lambda: found.append(index.match({"p50": 50})), name="matching"
    )
    matching.start()
    begun.wait(5)

    def change() -> None:
        index.remove(0)
        index.add(0, {"q": [1]})

    changing = threading.Thread(target=change)
    changing.start()
    go_on.set()
    matching.join(10)
    changing.join(10)
    assert found == [[50]]
    assert [index.match({f"p{number}": number}) for number in range(1, 101)] == [
        [number] for number in range(1, 101)
    ]
    assert index.match({"q": 1}) == [0]


def test_a_match_in_the_midst_of_a_change_waits_for_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = PatternIndex[int](_most_on_a_board=2)
    for number in range(2):
        index.add(number, {"a": [1]})
    assert index.match({"a": 1}) == [0, 1]
    in_the_midst, go_on = threading.Event(), threading.Event()

    class PausingNode(Node[int]):
        def __init__(self, met: int = 0) -> None:
            super().__init__(met)
            in_the_midst.set()  # the board is gone, and its entries are in no node yet
            go_on.wait(10)

    class Lock:
        """Lets the change go on once another thread waits for its end."""

        def __init__(self) -> None:
            self._lock = threading.Lock()

        def __enter__(self) -> None:
            if not self._lock.acquire(blocking=False):
                go_on.set()
                self._lock.acquire()

        def __exit__(self, *_: object) -> None:
            self._lock.release()

    monkeypatch.setattr(trie, "Node", PausingNode)
    monkeypatch.setattr(index, "_lock", Lock())
    with ThreadPoolExecutor(1) as pool:
        change = pool.submit(index.add, 2, {"a": [1]})
        in_the_midst.wait(10)
        found = index.match({"a": 1})
        go_on.set()
        change.result(10)
    assert found == [0, 1, 2]


def test_a_board_forgets_rules_that_are_gone() -> None:
    forgetful = Board[int](
        {"a": 0, **{f"p{number}": number + 1 for number in range(40)}}, 0, remembers=False
    )

    def entry(number: int, pattern: dict[str, Any]) -> Entry[int]:
        (rule,) = Pattern(pattern).sub_rules
        return Entry(number, number, rule, frozenset())

    forgetful.add(entry(-1, {"a": [{"prefix": "kept"}]}))
    for number in range(1_000):
        passing = entry(number, {"a": [{"prefix": "x" * number}], f"p{number % 40}": [number]})
        forgetful.add(passing)
        forgetful.remove(passing)
    assert (len(forgetful), len(forgetful.entries)) == (1, 1)
    assert forgetful.tests <= 3
    assert forgetful.width <= 2


def board_of(*patterns: dict[str, Any]) -> tuple[Board[int], list[Entry[int]]]:
    """A board with these, named by their places, and its entries."""
    board = Board[int]({"a": 0, "b": 1}, 0, remembers=True)
    entries = [
        Entry(number, number, Pattern(pattern).sub_rules[0], frozenset())
        for number, pattern in enumerate(patterns)
    ]
    for entry in entries:
        board.add(entry)
    return board, entries


@pytest.mark.skipif(not board.__file__.endswith(".py"), reason="compiled code wants plain integers")
def test_a_reader_that_meets_a_removal_leaves_nothing_behind() -> None:
    shared, entries = board_of(*[{"a": [1]}] * 60)
    for entry in entries[30:]:
        shared.remove(entry)

    class Mask(int):
        def bit_count(self) -> int:  # another thread comes in between
            shared.remove(entries[0])
            return super().bit_count()

    shared.named(Mask(shared.find([1.0, None])))

    left = shared.named(shared.find([1.0, None]))
    assert [entry.name for entry in left] == [*range(1, 30)]


@pytest.mark.skipif(not board.__file__.endswith(".py"), reason="compiled code cannot be traced")
def test_a_reader_that_meets_an_addition_leaves_nothing_behind() -> None:
    def added_while_read_at(step: int) -> tuple[list[int], bool]:
        """The names that are found after a reader came in between two lines of an addition."""
        shared, _ = board_of({"b": [{"prefix": "a"}, {"prefix": "q"}]}, {"b": [{"suffix": "z"}]})
        more = Entry(7, 7, Pattern({"b": ["other"]}).sub_rules[0], frozenset())
        lines = 0
        shared.find([None, ["abc"]])

        def trace(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401  as sys has it
            nonlocal lines
            if frame.f_code.co_filename == column.__file__ and event == "line":
                lines += 1
                if lines == step:
                    sys.settrace(None)
                    shared.find([None, ["abc"]])
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            shared.add(more)
        finally:
            sys.settrace(before)
        return shared.names(shared.find([None, ["abc"]])), lines >= step

    found = [added_while_read_at(step) for step in range(1, 60)]
    assert [names for names, _ in found] == [[0]] * len(found)
    assert sum(came for _, came in found) > 5


def test_rules_that_are_replaced_stay_on_their_board() -> None:
    def wide(number: int) -> Entry[int]:
        pattern = Pattern({"a": [f"{number}-{test}" for test in range(15)]})
        return Entry(number, number, pattern.sub_rules[0], frozenset())

    made = trie.Trie[int]({"a": 0}, trie.MOST_ENTRIES)
    entries = [wide(number) for number in range(200)]
    for entry in entries:
        made.add(entry)
    for entry in entries[:100]:
        made.remove(entry)
        made.add(wide(1_000 + entry.number))
    assert made.root.board is not None
    assert made.root.board.names(made.root.board.find(["1007-3"])) == [1_007]
    assert made.root.board.find(["7-3"]) == 0


def test_names_keep_their_order_on_a_board_while_patterns_come_and_go() -> None:
    index = PatternIndex[int]()
    expected: list[int] = []
    for number in range(300):
        index.add(number, {"a": [{"exists": True}], "b": [number, {"exists": False}]})
        expected.append(number)
        if number % 3 == 2:
            for gone in (expected[len(expected) // 2], expected[0]):
                index.remove(gone)
                expected.remove(gone)
        assert index.match({"a": 1}) == expected


def test_alternatives_of_a_pattern_on_one_board_name_it_once() -> None:
    index = PatternIndex[str]()
    index.add("either", {"$or": [{"a": [1]}, {"b": [2]}]})
    index.add("one", {"a": [1]})
    assert index.match({"a": 1, "b": 2}) == ["either", "one"]
    index.remove("one")
    assert index.match({"a": 1, "b": 2}) == ["either"]


def test_an_array_as_deep_as_no_event_may_be_is_refused_as_elsewhere() -> None:
    index = PatternIndex[str]()
    index.add("a", {"a": [1]})
    deep = b'{"a":' + b"[" * 900 + b"1" + b"]" * 900 + b"}"
    with pytest.raises(JSONTextError, match="levels deep"):
        index.match(deep)


def test_wide_patterns_are_added_in_time() -> None:
    index = PatternIndex[int]()
    wide = {f"p{number}": [number] for number in range(2_000)}
    for name in range(4):
        index.add(name, wide)
    assert index.match({f"p{number}": number for number in range(2_000)}) == [0, 1, 2, 3]


def test_long_lists_of_numbers_are_removed_in_time() -> None:
    index = PatternIndex[int]()
    for name in range(30):
        index.add(name, {"a": [*range(2_000)]})
    for name in range(29):
        index.remove(name)
    assert index.match({"a": 1_999}) == [29]


def test_many_overlapping_ranges_of_one_rule_are_one_look_up() -> None:
    index = PatternIndex[str]()
    ranges = [{"numeric": [">=", low, "<", low + 5_000]} for low in range(1_500)]
    index.add("wide", {"a": ranges})
    index.add("other", {"a": [-5]})
    assert index.match({"a": -5}) == ["other"]
    assert index.match({"a": 6_498}) == ["wide"]
    assert index.match({"a": 6_499}) == []


def test_many_dotted_spellings_are_not_spelt_out() -> None:
    index = PatternIndex[str]()
    deep = {".".join(f"{number}_{step}" for step in range(40)): [1] for number in range(200)}
    index.add("deep", deep)
    index.add("flat", {"a": {"b": [1]}})
    assert index.match('{"a.b": 1}') == ["flat"]
    assert index.match({"a": {"b": 1}, "c": [{"d.e": 1}]}) == ["flat"]
    assert index.match(json.dumps(dict.fromkeys(deep, 1))) == ["deep"]


def test_rules_that_ask_for_absence_are_reached_by_what_else_they_ask_for() -> None:
    ((may_be_absent, anything),) = Pattern(
        {"a": [{"exists": False}, "x"], "b": [{"anything-but": "y"}]}
    ).sub_rules
    assert trie.rank(anything) < trie.rank(may_be_absent)
