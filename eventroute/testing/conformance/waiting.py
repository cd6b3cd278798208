"""A receive that waits hears of everything that makes an event ready, not of publishes alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from eventroute.port import Ack, Adapter, Bury, Outgoing, Redrive, Release
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.dead_letters import letters_of
from eventroute.testing.conformance.events import (
    NAME,
    event,
    events,
    keyed,
    numbers,
    subscription,
)
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from eventroute.port import Delivery

__all__ = ["WaitingPromises"]

LONG: Final = 3_600.0
"""Seconds that a receive is told to wait on a virtual clock, which never comes that far."""


class WaitingPromises(Harness):
    """Nobody sleeps through what they wait for."""

    async def _woken(
        self,
        adapter: Adapter,
        happens: Callable[[], Awaitable[None]],
        count: int = 1,
    ) -> list[Delivery]:
        """What so many receives get that wait while something happens, an event each."""
        found: list[Delivery] = []
        wait = LONG if self.virtual_time else 2 * self.patience
        soon = self.patience if self.virtual_time else self.slack + self.quiet

        async def receive() -> None:
            found.extend(await adapter.receive(NAME, limit=1, wait=wait))

        async with anyio.create_task_group() as group:
            for _ in range(count):
                group.start_soon(receive)
            await anyio.sleep(0.02)
            await happens()
            with anyio.move_on_after(soon):
                while len(found) < count:
                    await anyio.sleep(0.002)
            group.cancel_scope.cancel()
        assert len(found) == count, (
            f"{len(found)} of {count} receives that waited had an event {soon:g} s after there was "
            "one for each"
        )
        return found

    @promise
    async def test_a_receive_that_waits_gets_what_is_released_meanwhile(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        other = await backend.open() if backend.capabilities.multi_process else adapter
        await backend.publish(adapter, event(1))
        held = await backend.one(other)
        (again,) = await self._woken(adapter, lambda: backend.settle(other, Release(held)))
        assert (again.body, again.attempt) == (held.body, 2)

    @promise
    async def test_a_receive_that_waits_gets_what_is_redriven_meanwhile(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event(1))
        await backend.settle(adapter, Bury(await backend.one(adapter), "rejected", "no"))
        (letter,) = await letters_of(backend, adapter, 1)

        async def redrive() -> None:
            assert list(await adapter.settle_dead([Redrive(letter)])) == [None]

        assert numbers(await self._woken(adapter, redrive)) == [1]

    @promise
    async def test_a_receive_that_waits_gets_the_next_of_a_key_when_its_turn_comes(
        self, backend: Backend
    ) -> None:
        if not backend.capabilities.ordered:
            raise NotApplicableError("the backend keeps no order")
        adapter = await backend.open(subscription(ordered=True))
        await backend.publish(adapter, keyed("a", 1), keyed("a", 2))
        first = await backend.one(adapter)
        (second,) = await self._woken(adapter, lambda: backend.settle(adapter, Ack(first)))
        assert second.event.detail["step"] == 2

    @promise
    async def test_a_receive_that_waits_gets_a_released_event_when_its_delay_ends(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open()
        await backend.publish(adapter, event(1))
        await backend.settle(adapter, Release(await backend.one(adapter), backend.delay))
        (again,) = await self._woken(adapter, lambda: backend.pass_time(backend.delay))
        assert again.attempt == 2

    @promise
    async def test_a_receive_that_waits_gets_a_delayed_event_when_its_time_comes(
        self, backend: Backend
    ) -> None:
        longest = backend.capabilities.max_publish_delay
        if longest is not None and longest < backend.delay:
            raise NotApplicableError("the backend delays no event that long")
        adapter = await backend.open()

        async def publish() -> None:
            await backend.publish(adapter, Outgoing(event(1), delay=backend.delay))
            await anyio.sleep(0.02)
            await backend.pass_time(backend.delay)

        assert numbers(await self._woken(adapter, publish)) == [1]

    @promise
    async def test_a_receive_that_waits_gets_the_event_of_a_dead_worker(
        self, backend: Backend
    ) -> None:
        adapter = await backend.open(subscription(lease=backend.lease))
        await backend.publish(adapter, event(1))
        await backend.one(adapter)
        (again,) = await self._woken(adapter, lambda: backend.pass_time(backend.lease))
        assert again.attempt == 2

    @promise
    async def test_two_receives_that_wait_get_an_event_each(self, backend: Backend) -> None:
        adapter = await backend.open()
        found = await self._woken(adapter, lambda: backend.publish(adapter, *events(2)), count=2)
        assert numbers(found) == [0, 1]
