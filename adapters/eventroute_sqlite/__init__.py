"""The SQLite backend: durable queues in one file, for several processes on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute_sqlite.adapter import SqliteAdapter
from eventroute_sqlite.options import SqliteOptions, read_options
from eventroute_sqlite.outbox import publish_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.clock import Clock

__all__ = ["SqliteAdapter", "SqliteOptions", "create", "publish_in"]


def create(options: Mapping[str, object], clock: Clock) -> SqliteAdapter:
    """Make the adapter: what the entry point ``eventroute.adapters`` names.

    :raises ConfigurationError: an option is unknown or has a wrong value.
    :raises UnsupportedError: this Python has a SQLite that is too old.
    """
    return SqliteAdapter(read_options(options), clock)
