"""An application for ``eventroute run`` whose handlers wait until a gate opens.

``TORTURE_GATE`` is the file that opens it, ``TORTURE_GRACE`` the grace period in seconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import anyio

from eventroute import Delivery, Event, EventBus, Router
from tools.torture.apps import leash
from tools.torture.journal import Journal

__all__ = ["IN_FLIGHT", "SOURCE", "bus", "gated_bus"]

SOURCE: Final = "torture.gate"
IN_FLIGHT: Final = 50


def gated_bus(folder: Path, gate: Path, grace: float) -> EventBus:
    """The bus, for the process that is stopped and for the one that publishes."""
    journal = Journal(folder / "journal")
    router = Router("gate")

    @router.subscribe({"source": [SOURCE]}, concurrency=IN_FLIGHT)
    async def wait(event: Event, delivery: Delivery) -> None:
        journal.add("begun", event.detail["number"], delivery.attempt)
        while not gate.exists():
            await anyio.sleep(0.005)
        journal.add("ended", event.detail["number"])

    options = {"path": str(folder / "events.db"), "busy_timeout": 30}
    made = EventBus("sqlite", options=options, grace=grace)
    made.include(router)
    return made


if "TORTURE_GATE" in os.environ:
    leash.hold()
    bus = gated_bus(
        Path(os.environ["TORTURE_FOLDER"]),
        Path(os.environ["TORTURE_GATE"]),
        float(os.environ["TORTURE_GRACE"]),
    )
