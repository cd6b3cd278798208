"""Receives delayed events when they are due, and publishes them."""

from __future__ import annotations

import asyncio
from contextvars import Context
from logging import getLogger
from typing import TYPE_CHECKING, Final

import anyio

from eventroute_aws.delays.forwarding import Forwarding
from eventroute_aws.layout import Queue
from eventroute_aws.limits import BATCH
from eventroute_aws.queues.receiving import leases_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.delays.site import Site
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.parts import Sending
    from eventroute_aws.queues.receipts import Lease

__all__ = ["Forwarder"]

logger: Final = getLogger("eventroute.aws")

_LEASE: Final = 60.0
"""Seconds after which another forwarder takes over what this one has not settled."""

_AT_ONCE: Final = 4
_LONGEST_PAUSE: Final = 60
"""Seconds between tries of a poll that fails."""

_IDLE: Final = 0.5
"""Seconds between polls of an endpoint that does not wait for messages."""

_PATIENCE: Final = 3.0
"""Seconds beyond its wait that a poll may take to end when everything stops."""


class Forwarder:
    """Publishes what is due: at least once, and deletes it afterwards.

    :param lease: seconds that an event is hidden from the forwarders of other processes.
    """

    def __init__(  # noqa: PLR0917  its collaborators, each once
        self,
        publisher: Sending,
        site: Site,
        clients: Clients,
        options: AwsOptions,
        clock: Clock,
        claims: Claims | None,
        *,
        lease: float = _LEASE,
    ) -> None:
        self._site = site
        self._clients = clients
        self._clock = clock
        self._forwarding = Forwarding(publisher, site, clients, clock, claims)
        self._wait = options.poll_wait
        self._lease = lease
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def start(self) -> None:
        """Begin. Idempotent, until :meth:`close`."""
        if self._task is None and not self._closing.is_set():
            # In a context of its own: that of the first receive is not that of the others.
            self._task = asyncio.create_task(
                self.run(), name="eventroute forwarder", context=Context()
            )

    async def close(self) -> None:
        """Let the poll under way end, and what is being published. Idempotent."""
        self._closing.set()
        task = self._task
        if task is None:
            return
        _, late = await asyncio.wait({task}, timeout=self._wait + _PATIENCE)
        if late:
            logger.warning("the forwarder does not end; what it has leased comes back by itself")
            task.cancel()
            await asyncio.wait(late, timeout=1)

    async def run(self) -> None:
        """Publish what is due until :meth:`close`, or until it is cancelled."""
        slots = anyio.Semaphore(_AT_ONCE)
        pause = 0.0

        async def work(leases: Sequence[Lease]) -> None:
            try:
                await self._forwarding.forward(leases)
            except Exception:  # it must not end the others
                logger.exception("delayed events were not published; they come again")
            finally:
                slots.release()

        async with anyio.create_task_group() as group:
            while not self._closing.is_set():
                await slots.acquire()
                if self._closing.is_set():
                    break
                leases: Sequence[Lease] = ()
                began = self._clock.now()
                try:
                    leases = await self._poll()
                except Exception as error:  # whatever it is, it must not end silently
                    pause = min(max(1.0, 2 * pause), _LONGEST_PAUSE)
                    logger.warning(
                        "delayed events cannot be received, tried again in %g s: %s", pause, error
                    )
                    slots.release()
                    await self._rest(pause)
                    continue
                if pause:
                    logger.info("delayed events can be received again")
                    pause = 0.0
                if leases:
                    group.start_soon(work, leases)
                    continue
                slots.release()
                if self._clock.now() - began < self._wait / 2 or not self._wait:
                    await self._rest(_IDLE)

    async def _rest(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._closing.wait()

    async def _poll(self) -> Sequence[Lease]:
        url = await self._site.url()
        queue = Queue(self._site.name, url, "", self._lease)
        leases = await leases_of(
            self._clients,
            self._clock,
            queue,
            url,
            limit=BATCH,
            wait=self._wait,
            lease=self._lease,
        )
        if leases and self._closing.is_set():
            await self._forwarding.release(leases)
            return ()
        return leases
