"""What the backends without a cloud cannot do for an application; AWS bills nothing for them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from eventroute.advise.findings import Deliveries, Gap, Usage
from eventroute.advise.report import BackendAdvice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.advise.case import Case

__all__ = ["assess_memory", "assess_sqlite"]

_FOREIGN = "publish them to the bus yourself, or choose eventbridge"
_NOTHING = Decimal("0.00")


def assess_memory(case: Case) -> BackendAdvice:
    """Assess queues in the memory of one process."""
    gaps = [
        Gap(
            "cannot",
            "keeps no event when its process ends",
            "queues are in its memory",
            "it is for tests and development",
        )
    ]
    if case.load.workers > 1:
        gaps.append(
            Gap(
                "cannot",
                f"has no {case.load.workers:,} workers",
                "queues are in the memory of one process",
                "choose sqlite on one machine, sns or eventbridge on several",
            )
        )
    gaps += case.foreign(_FOREIGN)
    return BackendAdvice("memory", (), _NOTHING, (), tuple(gaps), tuple(_deliveries(case)))


def assess_sqlite(case: Case) -> BackendAdvice:
    """Assess queues in a file of one machine."""
    gaps = [
        *case.foreign(_FOREIGN),
        *case.refused_routes(),
        Gap("note", "publishers and workers share one machine", "the queues are a file of it", ""),
    ]
    quotas = (Usage("sqlite_publish", case.peak(case.own)),)
    return BackendAdvice("sqlite", (), _NOTHING, quotas, tuple(gaps), tuple(_deliveries(case)))


def _deliveries(case: Case) -> Iterator[Deliveries]:
    own = case.count(case.own)
    for one, _, spread in case.each():
        matched = case.count(spread.matched_own)
        yield Deliveries(one.name, spread.origin, matched, matched, max(0, own - matched))
