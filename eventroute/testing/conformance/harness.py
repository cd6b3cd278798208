"""What an adapter's author says about the adapter."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from eventroute.clock import Clock
    from eventroute.port import Adapter

__all__ = ["Harness"]


class Harness:
    """How the kit gets adapters, and how it waits for them.

    What the backend can do is not said here: the adapter's ``capabilities`` say it.

    :cvar virtual_time: whether delays and leases go by the clock that ``make`` is given. Where they
        are the backend's own, the kit waits for them in real time.
    :cvar loops: the event loops that the adapter runs on.
    :cvar keeps_attempts: whether an uncounted `Release` leaves the attempt number as it was, which
        the port asks for only "if the backend can do that".
    :cvar tells_delayed: whether `QueueDepth` tells events that wait for their time from those under
        a lease; where not, the kit looks at their sum.
    :cvar burst: how many events there are in the tests that need many.
    :cvar lease: in real time, the shortest lease in seconds that the backend can do well.
    :cvar delay: in real time, the delay in seconds of what is released or published later.
    :cvar slack: seconds by which what comes back may be late.
    :cvar quiet: in real time, seconds without an event after which none is expected.
    :cvar archive_grain: in real time, seconds by which an archive tells moments apart.
    :cvar patience: most seconds of real time to wait for something that must happen.
    :cvar time_limit: most seconds of real time for one property.
    """

    virtual_time: ClassVar[bool] = True
    loops: ClassVar[tuple[str, ...]] = ("asyncio", "trio")
    keeps_attempts: ClassVar[bool] = True
    tells_delayed: ClassVar[bool] = True
    burst: ClassVar[int] = 1_100
    lease: ClassVar[float] = 1.0
    delay: ClassVar[float] = 0.4
    slack: ClassVar[float] = 2.0
    quiet: ClassVar[float] = 0.2
    archive_grain: ClassVar[float] = 0.0
    patience: ClassVar[float] = 20.0
    time_limit: ClassVar[float] = 90.0

    def make(self, clock: Clock, place: Path) -> Adapter:
        """Make an adapter, without I/O.

        :param clock: time for delays and leases.
        :param place: an empty folder of this test alone; its path is unique, for backends that
            need a prefix for names. The same place again means another adapter on the same
            storage: after a restart, or in the stead of another process.
        """
        raise NotImplementedError(f"{type(self).__name__} must define make(clock, place)")

    def make_bounded(self, clock: Clock, place: Path, capacity: int) -> Adapter | None:
        """Make an adapter whose queues, and dead-letter queues, hold ``capacity`` events each.

        ``None``, as here, where the backend has no such bound.
        """
        del clock, place, capacity
        return None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each property on each event loop that is installed."""
        if "loop" in metafunc.fixturenames:
            loops = [loop for loop in self.loops if loop == "asyncio" or find_spec(loop)]
            metafunc.parametrize("loop", loops)
