"""The in-memory backend: queues held by this process, for tests and development."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute_memory.adapter import MemoryAdapter
from eventroute_memory.options import MemoryOptions, read_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.clock import Clock

__all__ = ["MemoryAdapter", "MemoryOptions", "create"]


def create(options: Mapping[str, object], clock: Clock) -> MemoryAdapter:
    """Make the adapter: what the entry point ``eventroute.adapters`` names.

    :raises ConfigurationError: an option is unknown or has a wrong value.
    """
    return MemoryAdapter(read_options(options), clock)
