"""What a judgement may cost."""

from __future__ import annotations

from bisect import bisect_left
from threading import Event, Thread
from time import thread_time

import pytest

from eventroute.registry.inclusion import Counterexample, decide, readings
from eventroute.registry.inclusion.budget import Budget, OutOfBudgetError


def spent_until_the_end(budget: Budget) -> None:
    while True:
        budget.spend()


def test_the_steps_come_to_an_end() -> None:
    with pytest.raises(OutOfBudgetError):
        spent_until_the_end(Budget(60, steps=1000))


def test_time_that_others_take_does_not_count() -> None:
    ended = Event()

    def keep_busy() -> None:
        while not ended.is_set():
            sum(range(1000))

    others = [Thread(target=keep_busy) for _ in range(3)]
    for one in others:
        one.start()
    began = thread_time()
    try:
        with pytest.raises(OutOfBudgetError):
            spent_until_the_end(Budget(0.1, steps=10**12))
        assert thread_time() - began >= 0.1
    finally:
        ended.set()
        for one in others:
            one.join()


def test_what_was_found_counts_even_if_nothing_is_left_to_find_out_where_it_is_refused() -> None:
    names = [f"p{number}" for number in range(100)]
    one, other = (
        {
            "type": "object",
            "properties": {**{name: {"type": "string"} for name in names}, "p99": {"type": kind}},
            "required": names,
        }
        for kind in ("string", "integer")
    )
    pairs = [(old, new) for old, new in readings((one, other), ("one", "other"), Budget(60))]

    def place(steps: int) -> str | None:
        answer = decide(pairs, Budget(60, steps=steps))
        return answer.pointer if isinstance(answer, Counterexample) else None

    least = bisect_left(range(10_000), True, key=lambda steps: place(steps) is not None)
    assert place(least) == ""
    assert place(10_000) == "/properties/p99/type"
