"""Applications for ``eventroute run``; their workers say ``ready PID`` once they listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .command import Running

APP = '''
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from eventroute import Delivery, Event, EventBus, Router
from eventroute.port import Capabilities
from eventroute_memory import MemoryAdapter, read_options


class SharedAdapter(MemoryAdapter):
    """Tells when it is asked for events; several processes may do so."""

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, multi_process=True)

    async def receive(
        self, subscription: str, *, limit: int, wait: float
    ) -> Sequence[Delivery]:
        # In one piece: workers share a pipe.
        os.write(1, f"ready {os.getpid()} {MARK}\\n".encode())
        await at_work()
        return await super().receive(subscription, limit=limit, wait=3600)


async def at_work() -> None:
    """What a test puts in its place."""


MARK = 1
router = Router("shop")


@router.subscribe({"source": ["shop.orders"]})
def invoice(event: Event) -> None:
    """Never called."""


bus = EventBus(lambda options, clock: SharedAdapter(read_options(options), clock))
bus.include(router)
alone = EventBus("memory")
alone.include(router)
'''


def write_app(folder: Path, at_work: str = "", mark: str = "1") -> None:
    """Write ``app.py``.

    :param at_work: lines of code that a worker runs when it asks for events.
    :param mark: what it says it is.
    """
    body = "".join(f"    {line}\n" for line in at_work.splitlines())
    text = APP.replace("MARK = 1\n", f"MARK = {mark}\n")
    text = text.replace('    """What a test puts in its place."""\n', body or "    pass\n")
    (folder / "app.py").write_text(text)


def ready(running: Running) -> int:
    """Wait for a worker to be ready; returns its process id."""
    word, process, _ = running.stdout.readline().split()
    assert word == "ready"
    return int(process)
