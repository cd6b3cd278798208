"""Tasks that outlive the call that started them."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

__all__ = ["Background"]


class Background:
    """A task group that may be opened in one task and closed in another.

    anyio's own must be left in the task that entered it, so one of asyncio's holds it.
    """

    def __init__(self) -> None:
        self._host: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[TaskGroup] | None = None
        self._ending = asyncio.Event()

    async def group(self) -> TaskGroup:
        """The task group; opens it the first time."""
        if self._opened is None:
            self._opened = asyncio.get_running_loop().create_future()
            # In a context of its own: that of the first caller is not that of the others.
            self._host = asyncio.create_task(self._live(self._opened), context=Context())
        return await asyncio.shield(self._opened)

    async def close(self) -> None:
        """Wait until its tasks have ended. Idempotent; no task may be started any more."""
        self._ending.set()
        if self._host is not None:
            await asyncio.wait({self._host})

    async def _live(self, opened: asyncio.Future[TaskGroup]) -> None:
        async with anyio.create_task_group() as group:
            opened.set_result(group)
            await self._ending.wait()
