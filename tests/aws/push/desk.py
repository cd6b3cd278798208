"""A receiver, with a bus behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from eventroute import Router
from eventroute.envelope import Event
from eventroute.port import Delivery
from eventroute.testing import TestBus
from eventroute_aws.push import SnsPushReceiver
from tests.aws.push.asgi import Application, post
from tests.aws.push.signing import (
    NOW,
    TOPIC,
    Shelf,
    verifier,
)


@dataclass
class Desk:
    """A receiver, the bus behind it, and what its handler got."""

    app: Application
    bus: TestBus
    shelf: Shelf
    got: list[tuple[Event, dict[str, str]]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [event.id for event, _ in self.got]

    async def push(self, document: dict[str, Any], **headers: str) -> int:
        """Push it, and wait until the handlers have had what came of it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await post(self.app, document, named)
        await self.bus.settled()
        return answer.status


@asynccontextmanager
async def desk(**options: Any) -> AsyncGenerator[Desk]:  # noqa: ANN401  of the receiver
    router = Router("shop")
    shelf = Shelf()
    bus = TestBus(router)
    options = {"verifier": verifier(shelf), "now": lambda: NOW, **options}
    at = Desk(SnsPushReceiver(bus, [TOPIC], **options), bus, shelf)

    @router.subscribe({"source": [{"prefix": ""}]})
    async def note(event: Event, delivery: Delivery) -> None:
        at.got.append((event, dict(delivery.headers)))

    async with bus:
        yield at
