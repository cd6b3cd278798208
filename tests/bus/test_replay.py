"""``bus.replay(...)`` delivers again what the backend has archived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eventroute import Delivery, Event, EventBus, Router
from eventroute.clock import Clock
from eventroute.errors import DeclarationError, NotOpenError, PatternError, UnsupportedError
from eventroute.port import REPLAYED, Adapter
from eventroute.testing import TestBus
from eventroute_memory import create

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=1)


def two_handlers() -> Router:
    router = Router("shop")

    @router.subscribe({"source": ["s"]})
    async def first(event: Event, delivery: Delivery) -> None: ...

    @router.subscribe({"source": ["s"]})
    async def second(event: Event) -> None: ...

    return router


async def test_one_subscription_sees_again_what_it_has_handled() -> None:
    async with TestBus(two_handlers(), options={"archive": 100}) as bus:
        events = await bus.publish_many(Event("s", "T", {"n": n}) for n in range(3))
        await bus.settled()
        assert await bus.replay(LONG_AGO, where={"detail": {"n": [0, 2]}}, to="first") == 2
        await bus.settled()
        assert bus.handled("first") == [*events, events[0], events[2]]
        assert bus.handled("second") == events
        replayed = [REPLAYED in one.delivery.headers for one in bus.outcomes("first")]
        assert replayed == [False] * 3 + [True] * 2


async def test_several_subscriptions_can_be_named() -> None:
    async with TestBus(two_handlers(), options={"archive": 100}) as bus:
        await bus.publish(Event("s", "T", {}))
        await bus.settled()
        assert await bus.replay(LONG_AGO, to=["first", "shop.second"]) == 1
        await bus.settled()
        assert (bus.counts("first").handled, bus.counts("second").handled) == (2, 2)


async def test_a_backend_without_an_archive_says_so_by_name() -> None:
    class Plain:
        """The in-memory adapter without its archive."""

        def __init__(self, adapter: Adapter) -> None:
            self.adapter = adapter

        def __getattr__(self, name: str) -> object:
            if name == "replay":
                raise AttributeError(name)
            return getattr(self.adapter, name)

    def make(options: Mapping[str, object], clock: Clock) -> Adapter:
        plain: Any = Plain(create(options, clock))
        adapter: Adapter = plain
        return adapter

    Plain.__module__ = "eventroute_kafka.adapter"
    async with EventBus(make) as bus:
        with pytest.raises(UnsupportedError, match=r"'kafka' keeps no archive; publish .* again"):
            await bus.replay(LONG_AGO)


@pytest.mark.parametrize(
    ("since", "until", "complaint"),
    [
        (datetime(2026, 1, 1), None, "since='2026-01-01T00:00:00' has no time zone"),
        (LONG_AGO, datetime(2026, 1, 1), "until='2026-01-01T00:00:00' has no time zone"),
        (NOW, LONG_AGO, "is not before until="),
    ],
)
async def test_times_that_cannot_be_meant_are_refused(
    since: datetime, until: datetime | None, complaint: str
) -> None:
    async with TestBus(two_handlers(), options={"archive": 100}) as bus:
        with pytest.raises(DeclarationError, match=complaint):
            await bus.replay(since, until)


async def test_names_and_patterns_are_checked() -> None:
    async with TestBus(two_handlers(), options={"archive": 100}) as bus:
        with pytest.raises(LookupError, match="'third'"):
            await bus.replay(LONG_AGO, to="third")
        with pytest.raises(PatternError):
            await bus.replay(LONG_AGO, where={"source": "s"})


async def test_the_archive_of_a_bus_that_is_not_open_is_out_of_reach() -> None:
    with pytest.raises(NotOpenError, match="async with bus"):
        await EventBus().replay(LONG_AGO)
