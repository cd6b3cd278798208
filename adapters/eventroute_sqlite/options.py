"""The ``[sqlite]`` table of ``eventroute.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from eventroute.backend_options import read_table
from eventroute.jsontext import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SqliteOptions", "read_options"]


def _a_file(path: Path) -> Path:
    if str(path) in {".", ":memory:"} or str(path).startswith("file:"):
        raise ValueError("name a file, such as events.db; the backend 'memory' needs none")
    return path.expanduser()


class SqliteOptions(BaseModel):
    """Options of the SQLite backend."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[Path, AfterValidator(_a_file)] = Path("eventroute.db")
    """The file. A relative path begins in the folder of the process."""

    shared: bool = False
    """Whether the tables may be added to a database that holds other tables already."""

    synchronous: Literal["full", "normal"] = "full"
    """What a publish survives: ``full`` a power failure, ``normal`` the end of every process."""

    retention: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Seconds that published events are kept for replay, 0 for none. A setting of the file: left
    out, it stays as the file has it, which is 0 in a new one."""

    busy_timeout: float = Field(default=5.0, ge=0, le=3600)
    """Seconds that a call waits while another process writes. Below 10, so that a worker hears of
    it and repeats what it settles."""

    poll_interval: float = Field(default=0.05, gt=0, le=60)
    """Seconds after which another process's events are noticed."""

    capacity: int | None = Field(default=None, ge=1)
    """Most events that one queue holds; a publish waits for room. The same for dead letters."""

    max_event_bytes: int = Field(default=MAX_BYTES, ge=1, le=MAX_BYTES)
    """Largest envelope, in bytes."""


def read_options(options: Mapping[str, object]) -> SqliteOptions:
    """Check the table.

    :raises ConfigurationError: naming every option that is wrong.
    """
    return read_table(SqliteOptions, "sqlite", options)
