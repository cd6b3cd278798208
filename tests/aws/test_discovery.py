"""Contracts are inferred from what is published on SNS, by a queue that is gone afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import anyio

from eventroute import Event, EventBus, Router
from eventroute.cli.schema.listening import listen
from eventroute.clock import Clock
from eventroute.port import Adapter, Tidied
from eventroute.registry import Inference
from eventroute_aws import create_sns
from tools.emulators import Emulator


def on_sns(chosen: Mapping[str, object], options: Mapping[str, object], clock: Clock) -> Adapter:
    return create_sns(chosen, clock)


async def test_a_queue_of_its_own_listens_on_sns_and_is_dropped(
    running_ministack: Emulator, account: str
) -> None:
    options = {**running_ministack.options(account), "prefix": "shop", "delays": "off"}
    options["queues"] = {"billing.invoice": "invoices-of-the-shop"}
    router = Router("billing")

    @router.subscribe({"source": ["shop.orders"]})
    async def review(event: Event) -> None:
        """Never called."""

    bus = EventBus(partial(on_sns, options))
    bus.include(router)
    inference = Inference()
    event = Event("shop.orders", "Placed", {"n": 1})
    came = 0
    async with bus:
        await bus.publish(event)
        async with anyio.create_task_group() as group:
            ready = anyio.Event()

            async def publish_then() -> None:
                await ready.wait()
                await bus.publish(event)

            group.start_soon(publish_then)
            other = EventBus(partial(on_sns, options)).adapter
            with anyio.fail_after(60):
                came = await listen(other, inference, count=1, ready=ready.set)

        assert came == inference.samples("shop.orders", "Placed") == 1
        assert (await bus.depth("review")).ready == 2

    leftovers = EventBus(partial(on_sns, options)).adapter
    assert isinstance(leftovers, Tidied)
    try:
        assert await leftovers.leftovers(bus.topology) == []
    finally:
        await leftovers.close()
