"""The backend while a bus is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from anyio.lowlevel import current_token

from eventroute.errors import NotOpenError
from eventroute.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.declarations import Declarations
    from eventroute.delivery import Subscriber
    from eventroute.port import Adapter
    from eventroute.topology import Route

    Check = Callable[[tuple[Subscriber, ...], tuple[Route, ...]], None]

__all__ = ["Connection"]


class Connection:
    """Opened by the first who asks and closed by the last one, in one event loop.

    :param declared: what is opened; what is declared later does not count until it is closed.
    :param check: refuses what the backend cannot do, before anything is provisioned.
    :ivar lock: is held while it opens, closes or grows.
    """

    def __init__(self, adapter: Adapter, declared: Declarations, check: Check) -> None:
        self._adapter = adapter
        self._declared = declared
        self._check = check
        self._openings = 0
        self._provisioned = False
        self._loop: object = None
        self.lock = anyio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether events can be published now."""
        return self._openings > 0

    @property
    def was_open(self) -> bool:
        """Whether it is open, or was before."""
        return self._loop is not None

    def require(self, otherwise: str) -> None:
        """Refuse what needs the backend now.

        :param otherwise: what is wrong and how it is mended, when it is not open.
        :raises NotOpenError: it is not open, or open in another event loop.
        """
        if not self._openings:
            raise NotOpenError(otherwise)
        self.check_loop()

    def check_loop(self) -> None:
        """Refuse to be used in another event loop than the one that it is open in.

        :raises NotOpenError: naming what to do instead.
        """
        if self._openings and current_token() != self._loop:
            raise NotOpenError(
                "the bus was opened in another event loop, to which it belongs; from another "
                "thread, call anyio.from_thread.run(bus.publish, event), or give each event loop a "
                "bus of its own"
            )

    async def open(self, *, provision: bool = True) -> None:
        """Open it once more; each opening is closed on its own.

        :param provision: create what the declarations need, if no earlier opening did.
        :raises DeclarationError: there are two models of one version of an event type.
        """
        self.check_loop()
        async with self.lock:
            if not self._openings or (provision and not self._provisioned):
                declared = self._declared
                declared.check_models()
                await self._attach(declared.subscribers, declared.routes, provision=provision)
                self._provisioned = provision
            self._loop = current_token()
            self._openings += 1

    async def grow(self, subscribers: tuple[Subscriber, ...], routes: tuple[Route, ...]) -> None:
        """Open what is new as well, if anything is open. The lock is held by the caller.

        :param subscribers: all of them, and all ``routes``, not only the new ones.
        """
        if self._openings:
            await self._attach(subscribers, routes, provision=self._provisioned)

    async def _attach(
        self, subscribers: tuple[Subscriber, ...], routes: tuple[Route, ...], *, provision: bool
    ) -> None:
        if provision:
            self._check(subscribers, routes)
        topology = Topology(tuple(one.subscription for one in subscribers), routes)
        await self._adapter.open(topology, provision=provision)
        self._declared.fix(subscribers)

    async def close(self) -> None:
        """Close one opening, whatever is cancelled."""
        with anyio.CancelScope(shield=True):
            async with self.lock:
                self._openings -= 1
                if not self._openings:
                    self._declared.unfix()
                    await self._adapter.close()
