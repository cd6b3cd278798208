"""Testing an application: a bus in memory on a virtual clock."""

from eventroute.testing.bus import TestBus
from eventroute.testing.clock import VirtualClock
from eventroute.testing.faults import (
    FaultKind,
    FaultLog,
    Faults,
    FaultyAdapter,
    InjectedFault,
    with_faults,
)

__all__ = [
    "FaultKind",
    "FaultLog",
    "Faults",
    "FaultyAdapter",
    "InjectedFault",
    "TestBus",
    "VirtualClock",
    "with_faults",
]
