"""The ``[memory]`` table of ``eventroute.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from eventroute.backend_options import read_table
from eventroute.jsontext import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MemoryOptions", "read_options"]


class MemoryOptions(BaseModel):
    """Options of the in-memory backend."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    capacity: int = Field(default=10_000, ge=1)
    """Most events that one queue holds; a publish waits for room. The same for dead letters."""

    max_event_bytes: int = Field(default=MAX_BYTES, ge=1, le=MAX_BYTES)
    """Largest envelope, in bytes. Lower it to the limit of the backend you will run on."""

    archive: int = Field(default=0, ge=0)
    """How many of the events published last are kept for a replay."""

    routed: int = Field(default=1_000, ge=0)
    """How many of the events last due to targets of routes are kept for tests to look at."""


def read_options(options: Mapping[str, object]) -> MemoryOptions:
    """Check the table.

    :raises ConfigurationError: naming every option that is wrong.
    """
    return read_table(MemoryOptions, "memory", options)
