"""What is measured: named rules, and the events that they meet."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import citylots, webhooks
from benchmarks.citylots_rules import RULE_SETS
from benchmarks.ecommerce import Shop
from benchmarks.families import FAMILIES, Family
from benchmarks.reference import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Workload", "workloads"]

CITYLOTS = "parcels"
WEBHOOKS = "webhooks"
SHOP = "e-commerce"


@dataclass(frozen=True)
class Workload:
    """Rules, and a way to make events.

    :ivar group: what its row stands under.
    :ivar rules: patterns; their positions are their names.
    :ivar grows: whether adding, removing and memory are measured, too.
    :ivar rivals: whether other engines are measured, too.
    """

    group: str
    name: str
    rules: list[dict[str, Any]] = field(repr=False)
    make_events: Callable[[int], list[bytes]] = field(repr=False)
    grows: bool = False
    rivals: bool = True

    def expected(self, events: list[bytes]) -> list[list[int]]:
        """Which rules match each event, according to the reference."""
        return [
            [name for name, rule in enumerate(self.rules) if holds(rule, event)]
            for event in map(json.loads, events)
        ]


def workloads(*, quick: bool) -> Iterator[tuple[str, str, Callable[[], Workload]]]:
    """Group and name of each workload, and how to make it: large ones are made when needed."""
    for name, rules in RULE_SETS.items():
        yield CITYLOTS, name, partial(Workload, CITYLOTS, name, rules, citylots.events)
    if webhooks.FILE.is_file():
        name = f"{len(webhooks.RULES)} rules"
        make = partial(Workload, WEBHOOKS, name, webhooks.RULES, webhooks.events)
        yield WEBHOOKS, name, make
    for count in (10, 100, 1000) if quick else (10, 100, 1000, 10_000, 100_000):
        yield SHOP, f"{count:,} rules", partial(_shop, count)
    for kind in FAMILIES:
        for count in (1000,) if quick else (10_000, 100_000):
            yield f"only {kind}", f"{count:,} rules", partial(_family, kind, count)


def _shop(count: int) -> Workload:
    shop = Shop(count)
    return Workload(SHOP, f"{count:,} rules", shop.rules(), shop.events, grows=True)


def _family(kind: str, count: int) -> Workload:
    family = Family(kind, count)
    group, name = f"only {kind}", f"{count:,} rules"
    return Workload(group, name, family.rules(), family.events, grows=True, rivals=False)
