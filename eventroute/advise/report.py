"""What an advice says: backends with bills, quotas and gaps, and a recommendation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from eventroute.advise.tables import limits, prices

if TYPE_CHECKING:
    from eventroute.advise.bill import Action, Charge
    from eventroute.advise.findings import Deliveries, Gap, Usage
    from eventroute.advise.load import Load

__all__ = [
    "Advice",
    "Backend",
    "BackendAdvice",
    "Recommendation",
    "total_of",
]

Backend: TypeAlias = Literal["memory", "sqlite", "sns", "eventbridge", "aws"]


@dataclass(frozen=True, slots=True)
class BackendAdvice:
    """One backend.

    :ivar bill: what AWS bills; empty where it bills nothing.
    :ivar one_by_one: USD a month where no two events share a request.
    """

    backend: Backend
    bill: tuple[Charge, ...]
    one_by_one: Decimal
    quotas: tuple[Usage, ...]
    gaps: tuple[Gap, ...]
    deliveries: tuple[Deliveries, ...]

    @property
    def monthly(self) -> Decimal:
        """USD a month: the sum of the lines."""
        return total_of(self.bill)

    @property
    def fits(self) -> bool:
        """Whether it does all that the application asks for."""
        return not any(gap.kind == "cannot" for gap in self.gaps) and not self.exceeded

    @property
    def exceeded(self) -> tuple[Usage, ...]:
        """The quotas that do not suffice."""
        return tuple(usage for usage in self.quotas if usage.exceeded)

    @property
    def needless(self) -> int:
        """Deliveries a month that workers throw away."""
        return sum(one.needless for one in self.deliveries)

    @property
    def saved(self) -> int:
        """Deliveries a month that native filters save."""
        return sum(one.saved for one in self.deliveries)

    @property
    def latency(self) -> str:
        """The order of magnitude of the time from publish to receive."""
        return limits().latency[self.backend].class_

    def calls(self, action: Action) -> int:
        """How many requests a month are for something."""
        return sum(charge.requests for charge in self.bill if charge.action == action)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "backend": self.backend,
            "fits": self.fits,
            "monthly": str(self.monthly),
            "one_by_one": str(self.one_by_one),
            "latency": self.latency,
            "requests": {name: self.calls(name) for name in _CALLS},
            "needless": self.needless,
            "saved": self.saved,
            "bill": [charge.to_dict() for charge in self.bill],
            "quotas": [usage.to_dict() for usage in self.quotas],
            "gaps": [asdict(gap) for gap in self.gaps],
            "deliveries": [one.to_dict() for one in self.deliveries],
        }


_CALLS: tuple[Action, ...] = ("publish", "receive", "delete", "poll")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to choose.

    :ivar backend: ``None`` where no backend does everything.
    :ivar otherwise: the next best.
    """

    backend: Backend | None
    reasons: tuple[str, ...]
    otherwise: Backend | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """The answer."""

    load: Load
    backends: tuple[BackendAdvice, ...]
    recommendation: Recommendation
    assumptions: tuple[str, ...]

    def __getitem__(self, backend: Backend) -> BackendAdvice:
        """What is said of one backend."""
        return next(one for one in self.backends if one.backend == backend)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; money is text with two decimals."""
        return {
            "load": {
                "events_a_month": self.load.whole_events,
                "events_a_second": float(round(self.load.rate, 6)),
                "peak_a_second": float(round(self.load.highest, 6)),
                "event_bytes": self.load.size,
                "workers": self.load.workers,
                "batch": self.load.batch,
                "poll_wait": self.load.poll_wait,
                "free_tier": self.load.free_tier,
            },
            "prices": {
                "date": prices().date.isoformat(),
                "region": prices().region,
                "currency": prices().currency,
                "free_tiers": {
                    name: {"requests": tier.requests, "note": tier.note}
                    for name, tier in prices().free_tiers.items()
                },
                "unconfirmed": [
                    name for name, price in prices().prices.items() if not price.confirmed
                ],
            },
            "assumptions": list(self.assumptions),
            "backends": [one.to_dict() for one in self.backends],
            "recommendation": asdict(self.recommendation),
        }


def total_of(bill: tuple[Charge, ...]) -> Decimal:
    """The sum of the lines of a bill."""
    return sum((charge.cost for charge in bill), start=Decimal("0.00"))
