"""Doing without a library: what the parts of a delivery cost alone."""

from __future__ import annotations

import asyncio
from collections import deque
from importlib import import_module
from os import urandom
from typing import TYPE_CHECKING, Any

from benchmarks.delivery.model import declare
from benchmarks.delivery.orders import PASSES
from benchmarks.delivery.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.delivery.in_memory import Deliver
    from benchmarks.delivery.orders import Seen

__all__ = ["FLOORS"]

Handlers = list["Callable[[Any], Awaitable[None]]"]


async def hand_over(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Await each handler with the object as it is."""
    payloads, handlers = _prepare(declare(), published, seen)
    with Stopwatch() as watch:
        for payload in payloads:
            for handle in handlers:
                if payload.country == PASSES:
                    await handle(payload)
    return watch


async def a_task_each(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """The same in a task a delivery."""
    payloads, handlers = _prepare(declare(), published, seen)
    with Stopwatch() as watch:
        for payload in payloads:
            if payload.country == PASSES:
                await asyncio.gather(*(handle(payload) for handle in handlers))
    return watch


async def validate_once(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Write JSON once, read it into the model once an event; handlers share the object."""
    model = declare()
    payloads, handlers = _prepare(model, published, seen)
    read = model.model_validate_json
    with Stopwatch() as watch:
        for payload in payloads:
            order = read(payload.model_dump_json())
            for handle in handlers:
                if order.country == PASSES:
                    await handle(order)
    return watch


async def validate_each(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """Write JSON once, read it into the model once a subscription: the bare loop."""
    model = declare()
    payloads, handlers = _prepare(model, published, seen)
    read = model.model_validate_json
    with Stopwatch() as watch:
        for payload in payloads:
            text = payload.model_dump_json()
            for handle in handlers:
                order = read(text)
                if order.country == PASSES:
                    await handle(order)
    return watch


async def validate_what_passes(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """The same, with a filter that costs nothing: what does not pass is never read."""
    model = declare()
    payloads, handlers = _prepare(model, published, seen)
    read = model.model_validate_json
    with Stopwatch() as watch:
        for payload in payloads:
            text = payload.model_dump_json()
            for handle in handlers:
                if payload.country == PASSES:
                    await handle(read(text))
    return watch


async def through_queues(published: Sequence[dict[str, Any]], seen: Seen) -> Stopwatch:
    """The same with an envelope for each order, and a queue of bytes for each handler."""
    msgspec: Any = import_module("msgspec")
    texts = [(name, str) for name in ("id", "source", "type", "time")]
    envelope: Any = msgspec.defstruct("Envelope", [*texts, ("detail", msgspec.Raw)])
    model = declare()
    payloads, handlers = _prepare(model, published, seen)
    write, unwrap = msgspec.json.Encoder().encode, msgspec.json.Decoder(envelope).decode
    read = model.model_validate_json
    queues: list[deque[bytes]] = [deque() for _ in handlers]
    with Stopwatch() as watch:
        for payload in payloads:
            detail = msgspec.Raw(payload.model_dump_json().encode())
            time = "2026-11-01T00:00:00Z"
            text = write(envelope(urandom(16).hex(), "shop.orders", "OrderPlaced", time, detail))
            for queue in queues:
                if payload.country == PASSES:
                    queue.append(text)
        for queue, handle in zip(queues, handlers, strict=True):
            while queue:
                await handle(read(bytes(unwrap(queue.popleft()).detail)))
    return watch


def _prepare(
    model: type[Any], published: Sequence[dict[str, Any]], seen: Seen
) -> tuple[list[Any], Handlers]:
    def handler(log: list[str]) -> Callable[[Any], Awaitable[None]]:
        async def handle(order: Any) -> None:  # noqa: ANN401  the model is made at run time
            log.append(order.order_id)

        return handle

    return [model(**one) for one in published], [handler(log) for log in seen.by_name.values()]


FLOORS: dict[str, Deliver] = {
    "floor: await with the object as is": hand_over,
    "floor: one task a delivery": a_task_each,
    "floor: write once, validate once": validate_once,
    "floor: write once, validate what passes": validate_what_passes,
    "floor: the same, with envelopes and queues": through_queues,
    "bare loop: validate once a subscription": validate_each,
}
"""Each does what :data:`~benchmarks.delivery.in_memory.IN_MEMORY` does."""
