"""What the tests of the outbox share: its table, and publishers that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import anyio
from pydantic import BaseModel
from sqlalchemy import Column, Engine, MetaData, String, Table, func, select
from sqlalchemy.orm import Session

from eventroute import Event, event
from eventroute.errors import AdapterError, EventRouteError, PublishError
from eventroute.outbox import Relay, enqueue, outbox_table
from eventroute.publisher import Publisher

METADATA = MetaData()
ORDERS = Table("orders", METADATA, Column("id", String, primary_key=True))
OUTBOX = outbox_table(METADATA)


@event("shop", "Placed")
class Placed(BaseModel):
    order_id: str
    step: int = 0


def nothing_fails(_: Event) -> bool:
    return False


class Recorder(Publisher):
    """A publisher that keeps what it is given, and fails where it is told to."""

    def __init__(
        self,
        failing: Callable[[Event], bool] = nothing_fails,
        *,
        reason: str = "the broker is away",
    ) -> None:
        self.failing = failing
        self.reason = reason
        self.accepted: list[Event] = []
        self.tried: list[Event] = []
        self.headers: list[Mapping[str, str] | None] = []

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
        outcomes: list[tuple[Event, EventRouteError | None]] = []
        for one in events:
            assert isinstance(one, Event)
            self.tried.append(one)
            self.headers.append(headers)
            failed = self.failing(one)
            if not failed:
                self.accepted.append(one)
            outcomes.append((one, AdapterError(self.reason) if failed else None))
        if any(error for _, error in outcomes):
            raise PublishError(outcomes)
        return [one for one, _ in outcomes]

    def steps(self) -> list[tuple[str, int]]:
        return [(one.detail["order_id"], one.detail["step"]) for one in self.accepted]


def commit(engine: Engine, *payloads: Placed, ordered: bool = True) -> list[Event]:
    with Session(engine) as session, session.begin():
        return [
            enqueue(session, OUTBOX, one, key=one.order_id if ordered else None) for one in payloads
        ]


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(OUTBOX)) or 0


async def drain(relay: Relay) -> None:
    while await relay.publish_pending():
        pass


class Gate(Recorder):
    """A publisher that waits in the middle of a publish."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = anyio.Event()
        self.open = anyio.Event()

    async def publish_many(
        self,
        events: Iterable[BaseModel | Event],
        *,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        at: datetime | None = None,
        version: int | None = None,
    ) -> list[Event]:
        self.entered.set()
        await self.open.wait()
        return await super().publish_many(events, headers=headers)
