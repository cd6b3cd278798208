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
    from eventroute.idempotency.sqlalchemy_rows import idempotency_table
    from eventroute.idempotency.sqlalchemy_store import SQLAlchemyStore
    from eventroute.idempotency.sqlite import SQLiteStore

__all__ = [
    "Busy",
    "Claim",
    "Done",
    "Idempotency",
    "IdempotencyStore",
    "Key",
    "MemoryStore",
    "SQLAlchemyStore",
    "SQLiteStore",
    "Transaction",
    "TransactionalStore",
    "UnitOfWork",
    "idempotency_table",
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
    "SQLAlchemyStore": "sqlalchemy_store",
    "SQLiteStore": "sqlite",
    "Transaction": "port",
    "TransactionalStore": "port",
    "UnitOfWork": "port",
    "idempotency_table": "sqlalchemy_rows",
}


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for (PEP 562)."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'eventroute.idempotency' has no attribute {name!r}")
    value: object = getattr(import_module(f"eventroute.idempotency.{module}"), name)
    globals()[name] = value
    return value
