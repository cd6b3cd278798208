"""The idempotency stores of a bus: which subscription uses which, and when they are open."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import anyio

from eventroute.errors import ConfigurationError, DeclarationError
from eventroute.idempotency.port import TransactionalStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from eventroute.clock import Clock
    from eventroute.delivery.subscriber import Subscriber
    from eventroute.idempotency.port import IdempotencyStore
    from eventroute.port import Capabilities

__all__ = ["Stores", "store_from"]


class StoreSettings(Protocol):
    """The table ``[idempotency]`` of ``eventroute.toml``."""

    @property
    def store(self) -> str | None:
        """The kind of store."""
        ...

    @property
    def path(self) -> Path | None:
        """Its file."""
        ...


class Stores:
    """Gives each idempotent subscriber its guard.

    :param default: for subscribers that name no store.
    """

    def __init__(self, default: IdempotencyStore | None, clock: Clock) -> None:
        self._default = default
        self._clock = clock
        self._open = AsyncExitStack()
        self._opened: set[int] = set()

    def check(self, subscribers: Iterable[Subscriber], capabilities: Capabilities) -> None:
        """Make sure that each idempotent subscriber has a store that can do what it asks for.

        A backend that is gone with this process brings a store that is gone with it as well.

        :raises ConfigurationError: there is no store.
        :raises DeclarationError: a handler asks for a transaction that its store does not have.
        """
        for subscriber in subscribers:
            if subscriber.idempotency is None:
                continue
            if self._default is None and not (capabilities.durable or capabilities.multi_process):
                from eventroute.idempotency.memory import MemoryStore  # noqa: PLC0415  seldom used

                self._default = MemoryStore()
            _check_transaction(subscriber, self._store_of(subscriber))

    async def open(self, subscribers: Iterable[Subscriber]) -> None:
        """Open the stores of these subscribers that are not open."""
        for subscriber in subscribers:
            if subscriber.idempotency is None:
                continue
            store = self._store_of(subscriber)
            if id(store) not in self._opened:
                await store.open(self._clock)
                self._opened.add(id(store))
                self._open.push_async_callback(store.close)

    async def close(self) -> None:
        """Close what was opened. Idempotent."""
        self._opened.clear()
        with anyio.CancelScope(shield=True):
            await self._open.aclose()

    def guarded(self, subscriber: Subscriber) -> Subscriber:
        """The subscriber with its guard, if it asked for one."""
        if subscriber.idempotency is None:
            return subscriber
        from eventroute.delivery.guard import Guard  # noqa: PLC0415  seldom used

        guard = Guard(
            subscriber.idempotency,
            self._store_of(subscriber),
            self._clock,
            lease=subscriber.subscription.visibility_timeout,
            transaction=subscriber.handler.transaction is not None,
        )
        return replace(subscriber, guard=guard)

    def _store_of(self, subscriber: Subscriber) -> IdempotencyStore:
        own = subscriber.idempotency.store if subscriber.idempotency is not None else None
        store = own if own is not None else self._default
        if store is None:
            raise ConfigurationError(
                f"{subscriber.subscription.name!r} is idempotent, and there is no store: set "
                '[idempotency] store = "sqlite" and path in eventroute.toml, or pass '
                "EventBus(idempotency_store=...) or Idempotency(store=...)"
            )
        return store


def _check_transaction(subscriber: Subscriber, store: IdempotencyStore) -> None:
    wanted = subscriber.handler.transaction
    if wanted is None:
        return
    place = f"{subscriber.subscription.name!r} asks for a transaction of {wanted.__name__}"
    if not isinstance(store, TransactionalStore):
        raise DeclarationError(
            f"{place}, and its store, {type(store).__name__}, has none; use SQLiteStore or another "
            "store with transactions"
        )
    if not issubclass(store.provides, wanted):
        raise DeclarationError(
            f"{place}, and its store, {type(store).__name__}, gives {store.provides.__name__}"
        )


def store_from(settings: StoreSettings) -> IdempotencyStore | None:
    """The store that ``[idempotency]`` names, if it names one."""
    if settings.store == "sqlite" and settings.path is not None:
        from eventroute.idempotency.sqlite import SQLiteStore  # noqa: PLC0415  loads a driver

        return SQLiteStore(settings.path)
    if settings.store == "memory":
        from eventroute.idempotency.memory import MemoryStore  # noqa: PLC0415  seldom used

        return MemoryStore()
    return None
