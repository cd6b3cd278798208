"""An emulator, a proxy before it, and the credentials that botocore finds."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import anyio

from tools.emulators import Emulator, ministack
from tools.emulators.proxy import Proxy
from tools.torture.children import TortureError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from pathlib import Path

    from eventroute import EventBus

__all__ = ["Backend", "Station", "at_work", "credentials", "station"]

Backend: TypeAlias = Literal["sns", "eventbridge", "aws"]

_ENDING: Final = 30.0


@dataclass(frozen=True, slots=True)
class Station:
    """What a scenario works with.

    :ivar proxy: checks nothing, so that it may change requests; neither does the emulator.
    """

    emulator: Emulator
    proxy: Proxy

    def options(self, **more: object) -> dict[str, object]:
        """The table of the backend; it speaks through the proxy."""
        return {**self.emulator.options(), "endpoint_url": self.proxy.url, **more}

    async def restart(self) -> None:
        """Stop the emulator, and start it again with what it held."""
        await anyio.to_thread.run_sync(self.emulator.stop)
        await anyio.to_thread.run_sync(self.emulator.start)


@asynccontextmanager
async def station(folder: Path, *, keep: bool = False) -> AsyncGenerator[Station]:
    """Start a ministack that checks no signatures, with a proxy before it.

    :param keep: whether its state outlives a restart.
    """
    home = folder / "emulator"
    home.mkdir()
    with credentials(), ministack(home, auth=False, keep=keep) as emulator:
        async with Proxy(emulator.url) as proxy:
            yield Station(emulator, proxy)


@contextmanager
def credentials() -> Generator[None]:
    """Let botocore find the emulator's credentials, and nothing of this machine's."""
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name in before:
        del os.environ[name]
    ours = {
        **Emulator.credentials(),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
        os.environ.update(before)


@asynccontextmanager
async def at_work(bus: EventBus) -> AsyncGenerator[Callable[[], bool]]:
    """Open a bus and let it work inside the block; gives what tells whether it still does.

    :raises TortureError: it does not stop.
    """
    ended: list[bool] = []

    async def work() -> None:
        try:
            await bus.run(handle_signals=False)
        finally:
            ended.append(True)

    async with bus, anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        yield lambda: not ended
        bus.stop()
        with anyio.move_on_after(_ENDING) as waiting:
            while not ended:
                await anyio.sleep(0.01)
        if waiting.cancelled_caught:
            tasks.cancel_scope.cancel()
            raise TortureError(f"the bus did not stop within {_ENDING:g} s")
