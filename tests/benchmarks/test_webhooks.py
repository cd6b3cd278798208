"""The rules for real webhooks, where the webhooks are at hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks import webhooks
from benchmarks.workload import Workload
from eventroute.pattern import Pattern


def test_the_reference_agrees_with_matching_one_by_one(shared: Path) -> None:
    assert webhooks.FILE.is_relative_to(shared)
    events = webhooks.events(329)
    patterns = [Pattern(rule) for rule in webhooks.RULES]
    expected = Workload("", "", webhooks.RULES, webhooks.events).expected(events)
    for event, names in zip(events, expected, strict=True):
        assert [name for name, each in enumerate(patterns) if each.matches(event)] == names


def test_rules_match_webhooks(shared: Path) -> None:
    assert shared
    expected = Workload("", "", webhooks.RULES, webhooks.events).expected(webhooks.events(329))
    matched = {name for names in expected for name in names}
    assert len(matched) > len(webhooks.RULES) // 2
