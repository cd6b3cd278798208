"""Libraries that deliver in this process: three subscriptions, each of which takes half.

Each is given its kindest treatment: no logging, no history, the largest batches that it has, a
native filter where it has one and the first line of the handler where it has none, and its own
stopwatch, started when everything is declared and connected and stopped by the last delivery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from importlib import import_module
from typing import Any

from benchmarks.delivery.model import declare
from benchmarks.delivery.orders import PASSES, SUBSCRIPTIONS, Seen
from benchmarks.delivery.stopwatch import Stopwatch

__all__ = ["IN_MEMORY", "Deliver"]

Deliver = Callable[[Sequence[dict[str, Any]], Seen], Coroutine[Any, Any, Stopwatch]]


async def eventroute(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Filters by pattern; a queue, leases and retries for each subscription."""
    library: Any = import_module("eventroute")
    model = library.event("shop.orders", "OrderPlaced")(declare())
    payloads = [model(**one) for one in published]
    router = library.Router("bench")
    for name in SUBSCRIPTIONS:
        router.subscribe(model, name=name, where={"country": [PASSES]})(_handler(model, seen, name))
    bus = library.EventBus("memory", options={"capacity": len(published)})
    bus.include(router)
    async with bus:
        with Stopwatch() as watch:
            await bus.publish_many(payloads)
            await bus.run(handle_signals=False, until_empty=True)
    return watch


async def natricine(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Its typed bus. No filters, no redelivery: what was not acknowledged is gone."""
    pubsub: Any = import_module("natricine.pubsub")
    cqrs: Any = import_module("natricine.cqrs")
    model = declare()
    payloads = [model(**one) for one in published]
    broker = pubsub.InMemoryPubSub()
    bus = cqrs.EventBus(broker, broker, cqrs.PydanticMarshaler())
    for name in SUBSCRIPTIONS:
        bus.handler(_filtering_handler(model, seen, name))
    with Stopwatch() as watch:
        async with broker:
            running = asyncio.ensure_future(bus.run())
            await asyncio.sleep(0)  # it loses what is published before it subscribes
            await asyncio.sleep(0)
            for payload in payloads:
                await bus.publish(payload)
            await _until(lambda: seen.count() == seen.expected)
            await bus.close()
            await running
    return watch


async def natricine_router(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Its router of bytes; the handlers read the model."""
    pubsub: Any = import_module("natricine.pubsub")
    routing: Any = import_module("natricine.router")
    model = declare()
    payloads = [model(**one) for one in published]
    broker, router = pubsub.InMemoryPubSub(), routing.Router()
    for name in SUBSCRIPTIONS:
        handle = _filtering_handler(model, seen, name)

        async def read(message: Any, handle: Any = handle) -> None:  # noqa: ANN401  another's class
            await handle(model.model_validate_json(message.payload))

        router.add_no_publisher_handler(name, "orders", broker, read)
    with Stopwatch() as watch:
        async with broker:
            running = asyncio.ensure_future(router.run())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for payload in payloads:
                message = pubsub.Message(payload=payload.model_dump_json().encode())
                await broker.publish("orders", message)
            await _until(lambda: seen.count() == seen.expected)
            await router.close()
            await running
    return watch


async def fanferro(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Its broker for tests: a topic, a queue a subscription, SNS's filters, a core in Rust."""
    library: Any = import_module("fanferro")
    testing: Any = import_module("fanferro.testing")
    model = library.message_type("shop.order_placed.v1")(declare())
    quiet = library.LoggingConfig(disabled=["*"])
    client = testing.memory_client(source="urn:service:shop", logging=quiet)
    topic = client.topic("orders")
    consumers: list[Any] = []
    for name in SUBSCRIPTIONS:
        queue = client.queue(name)
        client.subscription(topic, queue, filter_policy={"country": [PASSES]})
        consumer = client.consumer(queue, concurrency=10)
        consumer.route(model)(_handler(model, seen, name))
        consumers.append(consumer)
    messages = [
        library.OutgoingMessage(model(**one), attributes={"country": one["country"]})
        for one in published
    ]
    async with client:
        with Stopwatch() as watch:
            for consumer in consumers:
                await consumer.start()
            await topic.publish_batch(messages)
            await _until(lambda: seen.count() == seen.expected)
        for consumer in consumers:
            await consumer.stop()
    return watch


async def abxbus(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Hands over the object itself. No filters, no queues, no redelivery."""
    library: Any = import_module("abxbus")
    model = declare(library.BaseEvent)
    payloads = [model(**one) for one in published]
    bus = library.EventBus(
        "bench",
        event_concurrency="parallel",
        event_handler_concurrency="parallel",
        max_history_size=0,
        event_timeout=None,
        event_slow_timeout=None,
        event_handler_slow_timeout=None,
        event_handler_detect_file_paths=False,
        warn_on_duplicate_handler_names=False,
    )
    for name in SUBSCRIPTIONS:
        bus.on(model, _filtering_handler(model, seen, name))
    with Stopwatch() as watch:
        for start in range(0, len(payloads), 100):
            for payload in payloads[start : start + 100]:
                bus.emit(payload)
            await bus.wait_until_idle()
    return watch


def _handler(model: type[Any], seen: Seen, name: str) -> Callable[[Any], Awaitable[None]]:
    log = seen.by_name[name]

    async def handle(order: Any) -> None:  # noqa: ANN401  each engine has a model of its own
        log.append(order.order_id)

    handle.__annotations__["order"] = model
    handle.__name__ = name
    return handle


def _filtering_handler(model: type[Any], seen: Seen, name: str) -> Callable[[Any], Awaitable[None]]:
    log = seen.by_name[name]

    async def handle(order: Any) -> None:  # noqa: ANN401  each engine has a model of its own
        if order.country == PASSES:
            log.append(order.order_id)

    handle.__annotations__["order"] = model
    handle.__annotations__["return"] = None
    handle.__name__ = name
    return handle


async def _until(done: Callable[[], bool]) -> None:
    while not done():  # noqa: ASYNC110  no engine says when it has delivered everything
        await asyncio.sleep(0.001)


IN_MEMORY: dict[str, Deliver] = {
    "eventroute": eventroute,
    "fanferro": fanferro,
    "natricine": natricine,
    "natricine, router": natricine_router,
    "abxbus": abxbus,
}
"""Each declares, connects, and delivers what was published; returns what that took."""
