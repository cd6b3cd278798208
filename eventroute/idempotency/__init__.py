"""One effect per event and subscription: what was handled before, and the stores that know it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.idempotency.memory import MemoryStore
    from eventroute.idempotency.policy import Idempotency
    from eventroute.idempotency.port import (
        Busy,
        Claim,
        Done,
        IdempotencyStore,
        Key,
        Transaction,
        TransactionalStore,
        UnitOfWork,
    )
    from eventroute.idempotency.sqlite import SQLiteStore

__all__ = [
    "Busy",
    "Claim",
    "Done",
    "Idempotency",
    "IdempotencyStore",
    "Key",
    "MemoryStore",
    "SQLiteStore",
    "Transaction",
    "TransactionalStore",
    "UnitOfWork",
]

# A program that uses one store loads the driver of that one only.
_MODULES = {
    "Busy": "port",
    "Claim": "port",
    "Done": "port",
    "Idempotency": "policy",
    "IdempotencyStore": "port",
    "Key": "port",
    "MemoryStore": "memory",
    "SQLiteStore": "sqlite",
    "Transaction": "port",
    "TransactionalStore": "port",
    "UnitOfWork": "port",
}


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'eventroute.idempotency' has no attribute {name!r}")
    value: object = getattr(import_module(f"eventroute.idempotency.{module}"), name)
    globals()[name] = value
    return value
