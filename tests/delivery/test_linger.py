"""Settlements and receives wait a little for each other where a request costs something."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import anyio
import pytest

from eventroute import Event, Router
from eventroute.testing import VirtualClock
from tests.delivery.line import Line, bus_on

LONG = 60.0


class Desk:
    """Handlers that end when they are told to."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.begun: set[int] = set()
        self.ends = [anyio.Event() for _ in range(3)]

    @property
    def settled(self) -> list[int]:
        """How many settlements each call had."""
        return [len(call) for call in self.line.settled]

    async def end(self, number: int) -> None:
        self.ends[number].set()
        await anyio.wait_all_tasks_blocked()


@asynccontextmanager
async def desk(linger: float, ordered_by: str | None = None) -> AsyncGenerator[Desk]:
    line = Line(VirtualClock())
    line.capabilities = replace(line.capabilities, linger=linger)
    at, router = Desk(line), Router("r")

    @router.subscribe({"source": ["shop"]}, ordered_by=ordered_by)
    async def handle(event: Event) -> None:
        at.begun.add(event.detail["n"])
        await at.ends[event.detail["n"]].wait()

    async with bus_on(line, router) as bus, anyio.create_task_group() as group:
        for number in range(2):
            await bus.publish(Event("shop", "Made", {"n": number}))
        group.start_soon(partial(bus.run, handle_signals=False))
        with anyio.fail_after(5):
            while len(at.begun) < 2:
                await anyio.wait_all_tasks_blocked()
        yield at
        for end in at.ends:
            end.set()
        bus.stop()


async def test_what_ends_within_the_time_is_settled_by_one_call() -> None:
    async with desk(LONG) as at:
        await at.end(0)
        assert at.settled == []
        await at.end(1)
        assert at.settled == [2]  # at once, since nothing else is under way


async def test_nobody_waits_for_longer() -> None:
    async with desk(0.01) as at:
        at.ends[0].set()
        with anyio.fail_after(5):
            while not at.settled:
                await anyio.sleep(0.001)
        assert at.settled == [1]


@pytest.mark.parametrize(("linger", "ordered_by"), [(0.0, None), (LONG, "n")])
async def test_where_it_saves_nothing_or_others_wait_for_it_a_settlement_is_sent_at_once(
    linger: float, ordered_by: str | None
) -> None:
    async with desk(linger, ordered_by) as at:
        await at.end(0)
        assert at.settled == [1]
