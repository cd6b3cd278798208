"""Timing loops that never time one event twice and stop at a budget of CPU time."""

from __future__ import annotations

import gc
import tracemalloc
from time import process_time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.engines import Engine

__all__ = ["OverBudgetError", "add_all", "bytes_a_rule", "seconds_a_call", "seconds_an_event"]

VALUES = 6
_LONGEST_BLOCK = 0.2
Item = TypeVar("Item")


class OverBudgetError(Exception):
    """An engine took longer than it may; the message says how far it came."""


def seconds_a_call(call: Callable[[Item], object], items: Sequence[Item]) -> float:
    """CPU seconds that a call takes on average, those of the engine's own threads included."""
    start = process_time()
    for item in items:
        call(item)
    return (process_time() - start) / len(items)


def seconds_an_event(
    match: Callable[[Item], object], events: Sequence[Item], budget: float
) -> list[float]:
    """One value for each of several blocks of different events, after a block that warms up.

    Different events, because an engine may remember values that it has seen.
    """
    start = process_time()
    estimate = seconds_a_call(match, events[:1])
    if estimate < budget / 20:
        estimate = seconds_a_call(match, events[1:6])
    block = max(1, min(len(events) // (VALUES + 1), int(_LONGEST_BLOCK / max(estimate, 1e-9))))
    if process_time() - start < budget:
        seconds_a_call(match, events[:block])
    values: list[float] = []
    for number in range(1, VALUES + 1):
        if values and process_time() - start > budget:
            break
        values.append(seconds_a_call(match, events[block * number : block * (number + 1)]))
    return values


def add_all(engine: Engine, rules: Sequence[dict[str, Any]], budget: float) -> float:
    """Add every rule under its position; returns CPU seconds a rule.

    :raises OverBudgetError: the time is over before all are added.
    """
    start = process_time()
    for name, rule in enumerate(rules):
        engine.add(name, rule)
        if name % 64 == 63 and process_time() - start > budget:
            raise OverBudgetError(f"{name + 1:,} of {len(rules):,} rules added in {budget:.0f} s")
    return (process_time() - start) / len(rules)


def bytes_a_rule(
    engine: Engine,
    read_rules: Callable[[], Sequence[dict[str, Any]]],
    events: Sequence[bytes],
    budget: float,
) -> float:
    """Memory that a rule takes once it is matched against, with all that the engine keeps of it.

    Where the time is over before all rules are added, of those that were.
    """
    start = process_time()
    gc.collect()
    tracemalloc.start()
    rules = read_rules()
    count = 0
    for name, rule in enumerate(rules):
        engine.add(name, rule)
        count += 1
        if name % 64 == 63 and process_time() - start > budget:
            break
    rules = []
    for event in events[:20]:
        engine.match_text(event)
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / count
