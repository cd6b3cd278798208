"""Testing an application: a bus in memory on a virtual clock."""

from eventroute.testing.bus import TestBus
from eventroute.testing.clock import VirtualClock

__all__ = ["TestBus", "VirtualClock"]
