"""Commands that look at what a backend keeps for a bus, without running its workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import anyio

from eventroute.cli.failure import CommandError, errors_in_one
from eventroute.cli.loading import load_bus
from eventroute.plugins import backend_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from eventroute.bus import EventBus

__all__ = ["full_name", "load_durable_bus", "on_adapter", "on_backend"]

Result = TypeVar("Result")


def load_durable_bus(
    target: str, *, kept: str, instead: str, registry: Path | None = None
) -> EventBus:
    """Import a bus whose backend outlives the process that works on it.

    :param kept: what the command is about, such as ``"dead letters"``.
    :param instead: how to get at it from inside the process.
    :param registry: what ``--registry`` said.
    :raises CommandError: there is no such bus, or its backend keeps nothing.
    """
    bus = load_bus(target, registry=registry)
    if not bus.adapter.capabilities.durable:
        raise CommandError(
            f"the backend {backend_name(bus.adapter)!r} of {target} keeps its {kept} in the "
            f"process that runs it, out of reach of this one; call {instead} there, or choose a "
            "backend that keeps them when a process ends"
        )
    return bus


def full_name(bus: EventBus, subscription: str) -> str:
    """Complete the name of a subscription.

    :raises CommandError: none has this name, or several have.
    """
    try:
        return bus.full_name(subscription)
    except LookupError as error:
        raise CommandError(str(error)) from None


def on_backend(bus: EventBus, work: Callable[[], Awaitable[Result]]) -> Result:
    """Connect a bus, do something, and close it again; what the backend has is not changed.

    :raises CommandError: several things failed at once.
    """

    async def opened() -> Result:
        async with bus.connect():
            return await work()

    with errors_in_one():
        return anyio.run(opened)


def on_adapter(bus: EventBus, work: Callable[[], Awaitable[Result]]) -> Result:
    """Do something with the backend of a bus that is not opened, and disconnect.

    :raises CommandError: several things failed at once.
    """

    async def closed() -> Result:
        try:
            return await work()
        finally:
            await bus.adapter.close()

    with errors_in_one():
        return anyio.run(closed)
