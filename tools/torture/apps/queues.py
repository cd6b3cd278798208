"""An application for ``eventroute run`` on SNS: subscriptions that note what they did.

``TORTURE_FOLDER`` is where its journal is, ``TORTURE_ENDPOINT`` an emulator of AWS,
``TORTURE_SHOP`` which of the shops it is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio

from eventroute import Event, EventBus, RejectError, Retry, Router
from tools.emulators.emulator import REGION
from tools.torture.apps import leash
from tools.torture.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ACCOUNT",
    "CONCURRENCY",
    "LEASE",
    "NAMES",
    "SOURCE",
    "bus",
    "is_poison",
    "ordered_bus",
    "plain_bus",
]

SOURCE: Final = "torture"
NAMES: Final = ("plain", "picky", "poisoned")
CONCURRENCY: Final = 10
LEASE: Final = 3.0
"""Seconds after which the events of a killed process come back."""

ACCOUNT: Final = "000000000000"
_PACE: Final = 0.002
_POISON: Final = 100
"""Of so many events, the first one can never be handled."""

_RETRY: Final = Retry(attempts=1_000, first=0.01, longest=0.05)
"""A killed process costs an attempt, and there are many of them."""


def is_poison(number: int) -> bool:
    """Whether the subscription ``poisoned`` refuses an event each time."""
    return number % _POISON == 0


def plain_bus(folder: Path, endpoint: str) -> EventBus:
    """Three subscriptions without an order, for the processes that work, and for the publisher."""
    journal = Journal(folder / "journal")
    router = Router("queues")

    def subscribe(name: str, pattern: dict[str, object]) -> None:
        @router.subscribe(pattern, name=name, retry=_RETRY, visibility_timeout=LEASE)
        async def handle(event: Event) -> None:
            number = event.detail["number"]
            await anyio.sleep(_PACE)
            if name == "poisoned" and is_poison(number):
                journal.add("refused", number)
                raise RejectError(f"{number} is poison")
            journal.add(name, number)

    subscribe("plain", {"source": [SOURCE]})
    subscribe("picky", {"source": [SOURCE], "detail": {"number": [{"numeric": [">=", 0]}]}})
    subscribe("poisoned", {"source": [SOURCE]})
    return _bus(router, endpoint)


def ordered_bus(folder: Path, endpoint: str) -> EventBus:
    """One subscription that keeps the order of a key."""
    journal = Journal(folder / "journal")
    router = Router("queues")

    @router.subscribe(
        {"source": [SOURCE]}, ordered_by="key", retry=_RETRY, visibility_timeout=LEASE
    )
    async def ordered(event: Event) -> None:
        await anyio.sleep(_PACE)
        journal.add("ordered", event.detail["number"])

    return _bus(router, endpoint)


def _bus(router: Router, endpoint: str) -> EventBus:
    options = {"endpoint_url": endpoint, "region": REGION, "account": ACCOUNT, "poll_wait": 2}
    made = EventBus("sns", options=options, concurrency=CONCURRENCY, grace=10.0)
    made.include(router)
    return made


_SHOPS: Final[dict[str, Callable[[Path, str], EventBus]]] = {
    "plain": plain_bus,
    "ordered": ordered_bus,
}

if "TORTURE_ENDPOINT" in os.environ:
    leash.hold()
    bus = _SHOPS[os.environ["TORTURE_SHOP"]](
        Path(os.environ["TORTURE_FOLDER"]), os.environ["TORTURE_ENDPOINT"]
    )
