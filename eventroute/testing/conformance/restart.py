"""What a durable backend keeps of an event: when it may come, how often it came, its headers."""

from __future__ import annotations

from eventroute.port import Adapter, Outgoing, Release
from eventroute.testing.conformance.backend import Backend
from eventroute.testing.conformance.events import event, subscription
from eventroute.testing.conformance.harness import Harness
from eventroute.testing.conformance.promise import NotApplicableError, promise
from eventroute.topology import Subscription

__all__ = ["RestartPromises"]

HEADERS = {"trace": "7"}


async def restarted(backend: Backend, adapter: Adapter, *subscriptions: Subscription) -> Adapter:
    """Another process's adapter, when this one is closed."""
    await adapter.close()
    return await backend.open(*subscriptions)


def _must_be_durable(backend: Backend) -> None:
    if not backend.capabilities.durable:
        raise NotApplicableError("what this backend holds is gone with its process")


class RestartPromises(Harness):
    """Delays, leases, attempt numbers and headers outlive the process."""

    @promise
    async def test_a_delayed_event_comes_at_its_time_after_a_restart(
        self, backend: Backend
    ) -> None:
        _must_be_durable(backend)
        longest = backend.capabilities.max_publish_delay
        if longest is not None and longest < backend.delay:
            raise NotApplicableError("the backend delays no event that long")
        before = await backend.open()
        since = backend.clock.now()
        await backend.publish(before, Outgoing(event(), HEADERS, delay=backend.delay))
        after = await restarted(backend, before)
        delivery = await backend.comes_after(after, backend.delay, since)
        assert (delivery.attempt, dict(delivery.headers)) == (1, HEADERS)

    @promise
    async def test_a_released_event_keeps_its_delay_across_a_restart(
        self, backend: Backend
    ) -> None:
        _must_be_durable(backend)
        before = await backend.open()
        await backend.publish(before, event())
        first = await backend.one(before)
        since = backend.clock.now()
        await backend.settle(before, Release(first, backend.delay))
        after = await restarted(backend, before)
        again = await backend.comes_after(after, backend.delay, since)
        assert again.body == first.body

    @promise
    async def test_a_lease_goes_on_when_its_process_ends(self, backend: Backend) -> None:
        _must_be_durable(backend)
        queue = subscription(lease=backend.lease)
        before = await backend.open(queue)
        await backend.publish(before, event())
        since = backend.clock.now()
        first = await backend.one(before)
        after = await restarted(backend, before, queue)
        again = await backend.comes_after(after, backend.lease, since)
        assert (again.body, again.attempt) == (first.body, 2)

    @promise
    async def test_attempts_are_counted_on_after_a_restart(self, backend: Backend) -> None:
        _must_be_durable(backend)
        before = await backend.open()
        await backend.publish(before, event())
        for _ in range(2):
            await backend.settle(before, Release(await backend.one(before)))
        after = await restarted(backend, before)
        assert (await backend.one(after)).attempt == 3

    @promise
    async def test_headers_survive_a_restart(self, backend: Backend) -> None:
        _must_be_durable(backend)
        before = await backend.open()
        await backend.publish(before, Outgoing(event(), HEADERS))
        after = await restarted(backend, before)
        assert (await backend.one(after)).headers == HEADERS
