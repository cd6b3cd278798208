"""SNS or EventBridge? What each backend would cost for declared subscriptions, and cannot do."""

from __future__ import annotations

from eventroute.advise.advise import advise
from eventroute.advise.bill import Charge
from eventroute.advise.findings import Deliveries, Gap, Usage
from eventroute.advise.load import Load, read_rate, read_size
from eventroute.advise.report import Advice, Backend, BackendAdvice, Recommendation
from eventroute.advise.sample import Sample
from eventroute.advise.tables import Limits, Prices, limits, prices

__all__ = [
    "Advice",
    "Backend",
    "BackendAdvice",
    "Charge",
    "Deliveries",
    "Gap",
    "Limits",
    "Load",
    "Prices",
    "Recommendation",
    "Sample",
    "Usage",
    "advise",
    "limits",
    "prices",
    "read_rate",
    "read_size",
]
