"""``eventroute run --workers N``: several processes work on the same queues."""

from __future__ import annotations

import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import anyio

from eventroute.cli.children import STOP_SIGNALS, describe_end, escalated, send, started
from eventroute.cli.failure import CommandError
from eventroute.cli.output import report
from eventroute.plugins import backend_name

if TYPE_CHECKING:
    from anyio.abc import Process

    from eventroute.bus import EventBus

__all__ = ["check_multi_process", "run_workers"]


def check_multi_process(bus: EventBus, target: str) -> None:
    """Refuse several processes where the backend belongs to one.

    :raises CommandError: naming the backend and the remedy.
    """
    if bus.adapter.capabilities.multi_process:
        return
    raise CommandError(
        f"the backend {backend_name(bus.adapter)!r} of {target} lives in one process; "
        "run it without --workers, or choose a backend that several processes can share"
    )


async def run_workers(target: str, count: int) -> bool:
    """Run ``count`` processes until a signal comes; tell whether all of them ended well."""
    return await _Workers(target, count).run()


class _Workers:
    def __init__(self, target: str, count: int) -> None:
        self._target = target
        self._count = count
        self._processes: list[Process] = []
        self._signals = 0
        self._stopping = False
        self._well = True

    async def run(self) -> bool:
        with anyio.open_signal_receiver(*STOP_SIGNALS) as signals:
            async with AsyncExitStack() as stack, anyio.create_task_group() as around:
                for _ in range(self._count):
                    self._processes.append(await stack.enter_async_context(started(self._target)))
                async with anyio.create_task_group() as group:
                    for number, process in enumerate(self._processes, 1):
                        group.start_soon(self._watch, number, process)

                    async def forward() -> None:
                        async for received in signals:
                            self._forward(received)

                    around.start_soon(forward)
                around.cancel_scope.cancel()
        return self._well

    def _forward(self, received: signal.Signals) -> None:
        self._signals += 1
        self._stop(escalated(received, self._signals))

    def _stop(self, number: signal.Signals) -> None:
        self._stopping = True
        for process in self._processes:
            send(process, number)

    async def _watch(self, number: int, process: Process) -> None:
        code = await process.wait()
        name = f"worker {number} (process {process.pid})"
        if self._stopping:
            # A signal that comes before the bus listens ends the process by itself.
            if code not in (0, 130, -signal.SIGINT, -signal.SIGTERM):
                self._well = False
                report(f"eventroute: {name} ended {describe_end(code)}")
            return
        if code:
            self._well = False
            how = f"unexpectedly, {describe_end(code)}"
        else:
            how = "by itself"
        report(f"eventroute: {name} ended {how}; stopping the others")
        self._stop(signal.SIGTERM)
