"""An application for ``eventroute run`` on AWS: subscriptions that note what they did.

``TORTURE_FOLDER`` is where its journal is, ``TORTURE_ENDPOINT`` an emulator of AWS,
``TORTURE_SHOP`` which of the shops it is, ``TORTURE_BACKEND`` where it is open.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import anyio

from eventroute import Event, EventBus, RejectError, Retry, Router
from tools.emulators.emulator import REGION
from tools.torture.apps import leash
from tools.torture.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.torture.wire.station import Backend

__all__ = [
    "ACCOUNT",
    "CONCURRENCY",
    "KEYS",
    "LEASE",
    "NAMES",
    "Shop",
    "bus",
    "is_poison",
    "key_of",
    "queues_bus",
    "source_of",
    "takes",
]

Shop: TypeAlias = Literal["plain", "ordered", "mixed"]

NAMES: Final[Mapping[Shop, tuple[str, ...]]] = {
    "plain": ("plain", "picky", "poisoned"),
    "ordered": ("ordered",),
    "mixed": ("ordered", "plain", "both"),
}
"""Subscriptions of a shop. Orders have an order; in the mixed one, ``both`` takes all events."""

KEYS: Final = 50
CONCURRENCY: Final = 10
LEASE: Final = 3.0
"""Seconds after which the events of a killed process come back."""

ACCOUNT: Final = "000000000000"
_SOURCE: Final = "torture"
_ORDERS: Final = "torture.orders"
_PACE: Final = 0.002
_POISON: Final = 100
"""Of so many events, the first one can never be handled."""

_RETRY: Final = Retry(attempts=900, first=0.01, longest=0.05)
"""A killed process costs an attempt, and there are many of them."""


def is_poison(number: int) -> bool:
    """Whether the subscription ``poisoned`` refuses an event each time."""
    return number % _POISON == 0


def key_of(number: int) -> str:
    """The ordering key of an event."""
    return f"k{number % KEYS}"


def source_of(shop: Shop, number: int) -> str:
    """The source of an event: in a mixed shop, an order of each key, then another event of each."""
    if shop == "mixed" and number // KEYS % 2:
        return _SOURCE
    return _SOURCE if shop == "plain" else _ORDERS


def takes(shop: Shop, name: str, number: int) -> bool:
    """Whether a subscription has to handle an event."""
    if name == "poisoned":
        return not is_poison(number)
    if shop == "mixed" and name != "both":
        return (name == "ordered") == (source_of(shop, number) == _ORDERS)
    return True


def queues_bus(shop: Shop, backend: Backend, folder: Path, endpoint: str) -> EventBus:
    """The bus of a shop, for the processes that work, and for the publisher."""
    journal = Journal(folder / "journal")
    router = Router("queues")

    def subscribe(name: str, pattern: Mapping[str, object]) -> None:
        @router.subscribe(
            pattern,
            name=name,
            ordered_by="key" if name == "ordered" else None,
            retry=_RETRY,
            visibility_timeout=LEASE,
        )
        async def handle(event: Event) -> None:
            number = event.detail["number"]
            await anyio.sleep(_PACE)
            if name == "poisoned" and is_poison(number):
                journal.add("refused", number)
                raise RejectError(f"{number} is poison")
            journal.add(name, number)

    for name in NAMES[shop]:
        subscribe(name, _PATTERNS.get(name, {"source": [_SOURCE]}))
    options = {"endpoint_url": endpoint, "region": REGION, "account": ACCOUNT, "poll_wait": 2}
    more = {"sources": {_ORDERS: "sns"}} if backend == "aws" else {}
    made = EventBus(backend, options={**options, **more}, concurrency=CONCURRENCY, grace=10.0)
    made.include(router)
    return made


_PATTERNS: Final[Mapping[str, Mapping[str, object]]] = {
    "picky": {"source": [_SOURCE], "detail": {"number": [{"numeric": [">=", 0]}]}},
    "ordered": {"source": [_ORDERS]},
    "both": {"source": [_SOURCE, _ORDERS]},
}

if "TORTURE_ENDPOINT" in os.environ:
    leash.hold()
    bus = queues_bus(
        cast("Shop", os.environ["TORTURE_SHOP"]),
        cast("Backend", os.environ["TORTURE_BACKEND"]),
        Path(os.environ["TORTURE_FOLDER"]),
        os.environ["TORTURE_ENDPOINT"],
    )
