"""A service that takes requests, as slowly and as badly as a test wants."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from eventroute.errors import EventRouteError
from eventroute_aws.batching import Batcher


@dataclass(frozen=True)
class Parcel:
    name: str
    size: int = 1
    key: str | None = None


class Service:
    """Holds requests back while it is shut."""

    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.answered: list[str] = []
        self.failing: dict[str, EventRouteError] = {}
        self.open = anyio.Event()
        self.open.set()

    def shut(self) -> None:
        self.open = anyio.Event()

    async def __call__(self, parcels: Sequence[Parcel]) -> Sequence[EventRouteError | None]:
        names = [parcel.name for parcel in parcels]
        self.requests.append(names)
        await self.open.wait()
        self.answered += names
        return [self.failing.get(name) for name in names]


@asynccontextmanager
async def batcher_for(
    service: Service,
    *,
    linger: float = 0,
    max_entries: int = 10,
    max_bytes: int = 100,
    max_calls: int = 10,
) -> AsyncGenerator[Batcher[Parcel]]:
    async with anyio.create_task_group() as group:
        batcher: Batcher[Parcel] = Batcher(
            group,
            service,
            max_entries=max_entries,
            max_bytes=max_bytes,
            linger=linger,
            max_calls=max_calls,
        )
        yield batcher
        service.open.set()
        await batcher.close()
