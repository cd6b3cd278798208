"""Applications and loads to ask about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict, Unpack

from eventroute.advise import Advice, Load, advise, read_rate, read_size
from eventroute.advise.report import Backend
from eventroute.pattern import Pattern
from eventroute.topology import Subscription, Topology

PLACED: dict[str, Any] = {"source": ["shop.orders"], "detail-type": ["OrderPlaced"]}


def topology(**patterns: dict[str, Any]) -> Topology:
    """Unordered subscriptions by their name."""
    return Topology(tuple(Subscription(name, Pattern(one)) for name, one in patterns.items()))


class Options(TypedDict, total=False):
    """What else a load has."""

    peak: Decimal
    workers: int
    batch: int
    poll_wait: int
    free_tier: bool


def load(rate: str, size: str = "1KB", **more: Unpack[Options]) -> Load:
    return Load(events=read_rate(rate), size=read_size(size), **more)


def ask(
    patterns: Topology | dict[str, Any], rate: str, size: str = "1KB", **more: Unpack[Options]
) -> Advice:
    """An advice; of a pattern alone, that of its subscription ``one``."""
    known = patterns if isinstance(patterns, Topology) else topology(one=patterns)
    return advise(known, load(rate, size, **more))


def lines(advice: Advice, backend: Backend) -> list[str]:
    """The arithmetic of a bill."""
    return [charge.arithmetic for charge in advice[backend].bill]


def cannot(advice: Advice, backend: Backend) -> list[str]:
    """What rules a backend out."""
    return [str(gap) for gap in advice[backend].gaps if gap.kind == "cannot"]


def usd(text: str) -> Decimal:
    return Decimal(text)
