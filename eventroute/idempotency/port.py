"""What a store implements: it remembers which events were handled, and which are being handled.

A third party's store imports this module, :mod:`eventroute.clock` and :mod:`eventroute.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, final, runtime_checkable

if TYPE_CHECKING:
    from eventroute.clock import Clock

__all__ = [
    "Busy",
    "Claim",
    "Done",
    "IdempotencyStore",
    "Key",
    "Transaction",
    "TransactionalStore",
    "UnitOfWork",
]


@dataclass(frozen=True, slots=True)
class Key:
    """What must have one effect.

    :ivar subscription: full name of the subscription; the same value in another is another key.
    :ivar value: at most 256 ASCII characters.
    """

    subscription: str
    value: str


@dataclass(frozen=True, slots=True)
class Done:
    """The key was handled, and its window has not passed."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Another worker holds the key.

    :ivar seconds: until its claim ends if it is dead; 0 where the store cannot tell.
    """

    seconds: float


class Claim(Protocol):
    """A key that this worker holds. Ends with one call of ``complete`` or ``release``."""

    async def extend(self, lease: float) -> None:
        """Hold the key for ``lease`` seconds from now.

        :raises ClaimLostError: it had ended, and another worker may hold the key.
        """
        ...

    async def complete(self) -> None:
        """Mark the key as handled, for the window that ``claim`` was given.

        :raises ClaimLostError: it had ended, and another worker took the key. Nothing is marked.
        """
        ...

    async def release(self) -> None:
        """Forget the key. Harmless once the claim has ended."""
        ...


class UnitOfWork(Protocol):
    """A transaction that holds a key. Ends with one call of ``commit`` or ``rollback``."""

    @property
    def handle(self) -> object:
        """What the handler is given: a connection or a session of this transaction."""
        ...

    async def commit(self) -> None:
        """Mark the key as handled, and commit what the handler did together with the mark.

        What raises has committed neither, or both; ``rollback`` follows.
        """
        ...

    async def rollback(self) -> None:
        """Undo what the handler did. The key is free again."""
        ...


class IdempotencyStore(Protocol):
    """Remembers keys. All methods run in one event loop; they may run concurrently."""

    async def open(self, clock: Clock) -> None:
        """Connect. Idempotent; each call is followed by one of ``close``.

        :param clock: time for leases and windows. A store on a server goes by the server's.
        :raises ConfigurationError: the store cannot be used.
        """
        ...

    async def close(self) -> None:
        """Disconnect. A durable store keeps everything."""
        ...

    async def claim(self, key: Key, *, lease: float, window: float) -> Claim | Done | Busy:
        """Hold a key, unless it is done or somebody holds it. Atomic, also between processes.

        :param lease: seconds after which the claim ends, so that it ends with a dead worker.
        :param window: seconds that the key counts as done once it is completed.
        """
        ...


@runtime_checkable
class TransactionalStore(IdempotencyStore, Protocol):
    """A store that shares a transaction with the handler: effect and mark commit together."""

    @property
    def provides(self) -> type:
        """The class of what handlers are given."""
        ...

    async def begin(self, key: Key, *, window: float) -> UnitOfWork | Done | Busy:
        """Begin a transaction in which no other one can handle the key.

        May wait until another transaction with the key ends. The store needs no lease: the
        transaction of a dead worker is rolled back by the database.
        """
        ...


@final
class Transaction:
    """Marks the parameter that takes the store's connection or session.

    >>> async def book(order: OrderPlaced, db: Annotated[sqlite3.Connection, Transaction]): ...

    What is done through it is committed together with the mark that the event is handled, after
    the handler returned and before the event is acknowledged; it is rolled back when the handler
    raises.
    """
