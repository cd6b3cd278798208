"""The conformance kit: what every backend promises, as tests that an adapter's author runs."""

from typing import Final

from eventroute.errors import MissingExtraError

try:
    import pytest
except ImportError as error:
    raise MissingExtraError(
        "the conformance kit runs on pytest; run pip install pytest", name="pytest"
    ) from error

GROUPS: Final = (
    "delivery",
    "waiting",
    "isolation",
    "ordering",
    "redelivery",
    "deduplication",
    "dead_letters",
    "batching",
    "filtering",
    "lifecycle",
    "restart",
    "cancellation",
    "limits",
    "archive",
)

# A failed assertion then tells its values, as in a test of one's own; before they are imported.
pytest.register_assert_rewrite(
    *(f"{__name__}.{module}" for module in (*GROUPS, "application", "backend"))
)

from eventroute.testing.conformance.archive import ArchivePromises  # noqa: E402
from eventroute.testing.conformance.batching import BatchingPromises  # noqa: E402
from eventroute.testing.conformance.cancellation import CancellationPromises  # noqa: E402
from eventroute.testing.conformance.dead_letters import DeadLetterPromises  # noqa: E402
from eventroute.testing.conformance.deduplication import DeduplicationPromises  # noqa: E402
from eventroute.testing.conformance.delivery import DeliveryPromises  # noqa: E402
from eventroute.testing.conformance.filtering import FilteringPromises  # noqa: E402
from eventroute.testing.conformance.isolation import IsolationPromises  # noqa: E402
from eventroute.testing.conformance.lifecycle import LifecyclePromises  # noqa: E402
from eventroute.testing.conformance.limits import LimitPromises  # noqa: E402
from eventroute.testing.conformance.ordering import OrderingPromises  # noqa: E402
from eventroute.testing.conformance.redelivery import RedeliveryPromises  # noqa: E402
from eventroute.testing.conformance.restart import RestartPromises  # noqa: E402
from eventroute.testing.conformance.verdicts import Verdict, promises_of, verdicts  # noqa: E402
from eventroute.testing.conformance.waiting import WaitingPromises  # noqa: E402
from eventroute.testing.wrapper import AdapterWrapper  # noqa: E402

__all__ = [
    "GROUPS",
    "AdapterConformance",
    "AdapterWrapper",
    "Verdict",
    "promises_of",
    "verdicts",
]


class AdapterConformance(
    DeliveryPromises,
    WaitingPromises,
    IsolationPromises,
    OrderingPromises,
    RedeliveryPromises,
    DeduplicationPromises,
    DeadLetterPromises,
    BatchingPromises,
    FilteringPromises,
    LifecyclePromises,
    RestartPromises,
    CancellationPromises,
    LimitPromises,
    ArchivePromises,
):
    """Derive a test class from it and define ``make``; its methods are the properties.

    >>> class TestMyAdapter(AdapterConformance):
    ...     def make(self, clock, place):
    ...         return MyAdapter(place / "events.db", clock)
    """
