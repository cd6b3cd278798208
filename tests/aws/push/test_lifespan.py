"""A server that runs the receiver by itself."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from eventroute import EventBus, Publisher
from eventroute_aws.push import SnsPushReceiver
from tests.aws.push.asgi import post
from tests.aws.push.signing import NOW, TOPIC, notification, verifier


class Server:
    """Starts and stops an application as a server does."""

    def __init__(self, bus: Publisher) -> None:
        self.app = SnsPushReceiver(bus, [TOPIC], verifier=verifier(), now=lambda: NOW)
        self.told: list[str] = []
        self._started = anyio.Event()
        self._stop = anyio.Event()
        self._asked = 0

    async def run(self) -> None:
        await self.app({"type": "lifespan"}, self._receive, self._send)
        self._started.set()

    async def started(self) -> None:
        await self._started.wait()

    def stop(self) -> None:
        self._stop.set()

    async def _receive(self) -> MutableMapping[str, Any]:
        self._asked += 1
        if self._asked == 1:
            return {"type": "lifespan.startup"}
        await self._stop.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        self.told.append(message["type"].removeprefix("lifespan."))
        self._started.set()


async def test_the_bus_is_open_while_the_server_runs(tmp_path: Path) -> None:
    server = Server(EventBus("sqlite", options={"path": str(tmp_path / "events.db")}))
    async with anyio.create_task_group() as group:
        group.start_soon(server.run)
        await server.started()
        assert (await post(server.app, notification())).status == 200
        server.stop()
    assert server.told == ["startup.complete", "shutdown.complete"]
    assert (await post(server.app, notification())).status == 503


async def test_a_bus_that_cannot_be_opened_keeps_the_server_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(EventBus("sqlite", options={"path": str(tmp_path)}))
    await server.run()
    assert server.told == ["startup.failed"]
    assert "the bus cannot be opened" in caplog.text
