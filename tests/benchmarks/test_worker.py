"""What a worker reports to the process that compares the engines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ecommerce import Shop
from benchmarks.reference import holds
from benchmarks.run import run_job, written

SHOP = Shop(50)
RULES = SHOP.rules()
EVENTS = SHOP.events(70)
EXPECTED = [
    [name for name, rule in enumerate(RULES) if holds(rule, event)]
    for event in map(json.loads, EVENTS)
]
TIME = {"do": "time", "check": True, "grows": True}


def test_a_right_engine_is_timed() -> None:
    with written(RULES, EVENTS, EXPECTED) as folder:
        result = run_job("eventroute", folder, 10, TIME)
    assert result["wrong"] is None
    for what in ("text", "parsed", "add", "add at N", "remove", "after a change"):
        assert min(result[what]) > 0


@pytest.mark.parametrize(
    ("wrong", "said"), [([0, 1, 2, 3], "misses rules"), ([], "adds rules")], ids=["less", "more"]
)
def test_a_wrong_answer_is_told(wrong: list[int], said: str) -> None:
    place = next(number for number, names in enumerate(EXPECTED) if names and names != wrong)
    expected = [*EXPECTED[:place], wrong, *EXPECTED[place + 1 :]]
    with written(RULES, EVENTS, expected) as folder:
        result = run_job("eventroute", folder, 10, TIME)
    assert f"event {place}: {said}" in result["wrong"]


def test_matches_are_counted_a_rule() -> None:
    with written(RULES, EVENTS, []) as folder:
        result = run_job("eventroute", folder, 10, {"do": "count"})
    counts = [sum(name in names for names in EXPECTED) for name in range(len(RULES))]
    assert result["counts"] == counts


def test_memory_is_told_in_bytes_a_rule() -> None:
    with written(RULES, EVENTS, EXPECTED) as folder:
        result = run_job("eventroute", folder, 10, {"do": "memory"})
    assert min(result["bytes"]) > 100


def test_a_pattern_that_an_engine_refuses_is_no_crash(tmp_path: Path) -> None:
    refused: list[dict[str, Any]] = [{"a": "no list"}]
    with written(refused, EVENTS, EXPECTED) as folder:
        result = run_job("eventroute", folder, 10, TIME)
    assert result["cannot"].startswith("PatternError")


def test_an_engine_over_its_budget_is_stopped() -> None:
    with written(RULES * 10, EVENTS, EXPECTED) as folder:
        result = run_job("eventroute", folder, 0.0, TIME)
    assert "of 500 rules added" in result["over"]
