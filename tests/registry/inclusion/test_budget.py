"""What a judgement may cost."""

from __future__ import annotations

from threading import Event, Thread
from time import thread_time

import pytest

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
