"""The benchmarks measure what they say: right data, and answers that are really checked."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from benchmarks.citylots_rules import RULE_SETS
from benchmarks.workload import Workload, workloads
from eventroute.pattern import Pattern

MADE = {
    f"{group} {name}": make for group, name, make in workloads(quick=True) if group != "webhooks"
}


@pytest.fixture(scope="module", params=list(MADE.values()), ids=list(MADE))
def workload(request: pytest.FixtureRequest) -> Workload:
    make: Callable[[], Workload] = request.param
    return make()


def test_the_same_rules_and_events_come_every_time(workload: Workload) -> None:
    again = MADE[f"{workload.group} {workload.name}"]()
    assert again.rules == workload.rules
    assert again.make_events(20) == workload.make_events(20)


def test_the_reference_agrees_with_matching_one_by_one(workload: Workload) -> None:
    events = workload.make_events(20 if len(workload.rules) < 100 else 5)
    patterns = [Pattern(rule) for rule in workload.rules]
    one_by_one = [
        [name for name, pattern in enumerate(patterns) if pattern.matches(event)]
        for event in events
    ]
    assert workload.expected(events) == one_by_one


def test_some_rules_match_and_some_do_not(workload: Workload) -> None:
    expected = workload.expected(workload.make_events(2000 if len(workload.rules) < 100 else 20))
    found = sum(map(len, expected))
    assert 0 < found < len(expected) * len(workload.rules)


def test_events_are_distinct(workload: Workload) -> None:
    events = workload.make_events(200)
    assert len(set(events)) == 200
    assert all(isinstance(json.loads(event), dict) for event in events)


def test_parcel_rule_sets_are_those_of_event_rulers_benchmark() -> None:
    sizes = {name: len(rules) for name, rules in RULE_SETS.items()}
    combined = {"PARTIAL_COMBO": 40, "COMBO": 45}
    assert sizes == {name: combined.get(name, 5) for name in sizes}
    assert len(sizes) == 16
