"""A relay in a process of its own, which writes what it publishes behind a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import anyio
from pydantic import BaseModel
from sqlalchemy import MetaData, create_engine

from eventroute import Event
from eventroute.outbox import Relay, outbox_table
from eventroute.publisher import Publisher


class File(Publisher):
    """Each event is a line, written at once, so that several processes may share the file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def publish(
        self,
        event: BaseModel | Event,
        *,
        id: str | None = None,  # noqa: A002  the envelope's own name
        time: datetime | None = None,
        resources: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> Event:
        raise NotImplementedError

    async def publish_many(
        self,
        events: Iterable[BaseModel | Event],
        *,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> list[Event]:
        published = [one for one in events if isinstance(one, Event)]
        for one in published:
            os.write(self._file, f"{one.detail['order_id']} {one.detail['step']}\n".encode())
            await anyio.sleep(0.001)  # the others get a turn, also at being killed
        return published


async def relay(url: str, path: Path, *, batch: int, lease: float) -> None:
    """Publish until the process is killed."""
    engine = create_engine(url)
    table = outbox_table(MetaData())
    await Relay(engine, table, File(path), batch=batch, lease=lease, poll_interval=0.01).run()


if __name__ == "__main__":
    given_url, given_path, given_batch, given_lease = sys.argv[1:]
    anyio.run(
        lambda: relay(given_url, Path(given_path), batch=int(given_batch), lease=float(given_lease))
    )
