"""How many dead letters each subscription has: ``eventroute dlq list`` without one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from eventroute.cli.backend import load_durable_bus, on_backend
from eventroute.cli.output import Output

if TYPE_CHECKING:
    from eventroute.bus import EventBus

__all__ = ["counted", "show_overview"]

_AT_ONCE: Final = 10
"""Queues that are asked at the same time; an application may have hundreds."""


def show_overview(target: str, *, as_json: bool) -> None:
    """Print each subscription of a bus with the number of its dead letters.

    There is no age: to see the oldest letter would hide it from others for a moment, and not every
    backend tells which it is.

    :raises CommandError: the bus cannot be imported, or its backend keeps nothing.
    :raises AdapterError: the backend cannot be asked.
    """
    bus = load_durable_bus(target, kept="dead letters", instead="bus.depth(name)")
    counts = on_backend(bus, partial(_count, bus)) if bus.subscribers else {}
    output = Output()
    if as_json:
        for name, dead in counts.items():
            output.show_json({"subscription": name, "dead": dead})
        return
    if not counts:
        output.show(f"{target} has no subscriptions")
        return
    output.show_table(
        ("subscription", "dead"), [(name, f"{dead:,}") for name, dead in counts.items()]
    )
    holding, total = sum(map(bool, counts.values())), len(counts)
    output.show(
        f"{counted(sum(counts.values()))} in {holding:,} of {total:,} "
        f"subscription{'' if total == 1 else 's'}"
    )


def counted(count: int) -> str:
    """So many dead letters, in words."""
    return f"{count:,} dead letter{'' if count == 1 else 's'}"


async def _count(bus: EventBus) -> dict[str, int]:
    names = [one.subscription.name for one in bus.subscribers]
    found: dict[str, int] = {}
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def ask(name: str) -> None:
        async with limiter:
            found[name] = (await bus.depth(name)).dead

    async with anyio.create_task_group() as group:
        for name in names:
            group.start_soon(ask, name)
    return {name: found[name] for name in names}
