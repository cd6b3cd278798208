"""What a backend may do to an application on a bad day, decided by a seed."""

from eventroute.testing.faults.adapter import FaultyAdapter, with_faults
from eventroute.testing.faults.log import FaultLog, InjectedFault
from eventroute.testing.faults.plan import FaultKind, Faults

__all__ = ["FaultKind", "FaultLog", "Faults", "FaultyAdapter", "InjectedFault", "with_faults"]
