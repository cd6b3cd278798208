"""A transactional outbox for SQLAlchemy: events that are published if, and only if, you commit."""

from __future__ import annotations

from importlib import import_module

from eventroute.errors import MissingExtraError

try:
    import_module("sqlalchemy")
except ImportError as error:
    raise MissingExtraError(
        'eventroute.outbox needs SQLAlchemy; run pip install "eventroute[sqlalchemy]"',
        name="sqlalchemy",
    ) from error

from eventroute.outbox.relay import Relay
from eventroute.outbox.table import enqueue, outbox_table

__all__ = ["Relay", "enqueue", "outbox_table"]
