"""A bus that is open for as long as the server runs.

https://asgi.readthedocs.io/en/latest/specs/lifespan.html
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from logging import getLogger
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eventroute_aws.push.http import Receive, Send

__all__ = ["live"]

logger: Final = getLogger("eventroute.aws")


async def live(bus: object, receive: Receive, send: Send) -> None:
    """Open the bus, if it is one that opens, when the server starts; close it when that stops."""
    await receive()
    async with AsyncExitStack() as stack:
        if isinstance(bus, AbstractAsyncContextManager):
            try:
                await stack.enter_async_context(bus)
            except Exception as error:
                logger.exception("the bus cannot be opened")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})
