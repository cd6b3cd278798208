"""What is found about one backend: gaps, quotas, and what reaches each queue."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from eventroute.advise.tables import limits

if TYPE_CHECKING:
    from eventroute.advise.traffic import Origin
    from eventroute.pattern.narrow import Omission

__all__ = ["Deliveries", "Gap", "Usage", "delayed"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a backend does not do for this application.

    :ivar kind: ``cannot`` rules the backend out, ``costs`` is extra work or money, and a ``note``
        is good to know.
    :ivar subscription: the subscription or route; ``None`` is the whole application.
    """

    kind: Literal["cannot", "costs", "note"]
    what: str
    why: str
    remedy: str
    subscription: str | None = None

    def __str__(self) -> str:
        """One sentence."""
        who = f"{self.subscription}: " if self.subscription else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{who}{self.what}: {self.why}{remedy}"


def delayed() -> Gap:
    """What AWS does for events that are published with a delay, whichever service carries them."""
    return Gap(
        "note",
        "an event that is published with a delay",
        "it waits up to 15 minutes in a queue, and longer in EventBridge Scheduler, which bills it",
        "longer delays take scheduler_role",
    )


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a quota is used.

    :ivar quota: its name in ``limits.toml``.
    :ivar used: in the units of the quota.
    :ivar where: the topic or subscription that uses most of it.
    """

    quota: str
    used: Decimal
    where: str = ""

    @property
    def limit(self) -> int:
        """What AWS gives by default."""
        return limits().quotas[self.quota].limit

    @property
    def exceeded(self) -> bool:
        """Whether it is too much, so that something fails."""
        return self.used > self.limit and not limits().quotas[self.quota].soft

    @property
    def share(self) -> Decimal:
        """How much is used, 1 for all."""
        return self.used / self.limit

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        quota = limits().quotas[self.quota]
        return {
            "quota": self.quota,
            "what": quota.what,
            "where": self.where,
            "used": float(round(self.used, 3)),
            "limit": quota.limit,
            "headroom": float(round(max(Decimal(0), 1 - self.share), 4)),
            "exceeded": self.exceeded,
            "soft": quota.soft,
            "remedy": quota.remedy,
            "source": quota.source,
        }


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What one subscription or route gets from one backend, in events a month.

    :ivar matched: those that its pattern matches.
    :ivar delivered: those that reach its queue or target.
    :ivar saved: those that the native filter keeps away.
    :ivar left_out: what of the pattern the native filter does not test.
    """

    subscription: str
    origin: Origin
    matched: int
    delivered: int
    saved: int
    left_out: tuple[Omission, ...] = ()

    @property
    def needless(self) -> int:
        """Those that the worker has to throw away."""
        return self.delivered - self.matched

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "subscription": self.subscription,
            "origin": self.origin,
            "matched": self.matched,
            "delivered": self.delivered,
            "needless": self.needless,
            "saved": self.saved,
            "left_out": [omission.to_dict() for omission in self.left_out],
        }
