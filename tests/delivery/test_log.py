"""What the log says of an attempt that failed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from eventroute import Event, EventBus, Retry, Router
from eventroute.testing import TestBus

from .line import Line, bus_on


async def log_of(caplog: pytest.LogCaptureFixture, error: Exception, level: int) -> str:
    """What is logged when a handler raises this error in its one attempt."""
    router = Router("r")

    def fail() -> None:
        raise error

    @router.subscribe({"source": ["s"]}, retry=Retry.none(), timeout=5)
    async def handle(event: Event) -> None:
        fail()

    with caplog.at_level(level, "eventroute"):
        async with TestBus(router) as bus:
            await bus.publish(Event("s", "t", {}))
            await bus.settled()
    return caplog.text


async def test_a_logged_traceback_shows_the_frames_of_the_application(
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = await log_of(caplog, ValueError("no stock"), logging.INFO)
    assert "in handle" in text
    assert "in fail" in text
    assert text.rstrip().endswith("ValueError: no stock")
    assert "time_limit.py" not in text


async def test_at_debug_level_the_whole_traceback_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert "time_limit.py" in await log_of(caplog, ValueError("no stock"), logging.DEBUG)


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
async def test_an_endless_error_text_is_cut_in_the_log(
    caplog: pytest.LogCaptureFixture, level: int
) -> None:
    text = await log_of(caplog, ValueError("x" * 5_000_000), level)
    assert len(text) < 10_000
    assert "characters are left out here" in text
    assert "in handle" in text


async def test_events_that_a_narrower_pattern_leaves_out_are_told_of_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = Line()

    def bus_for(pattern: dict[str, list[str]]) -> EventBus:
        router = Router("r")

        @router.subscribe(pattern)
        async def handle(event: Event) -> None: ...

        return bus_on(line, router)

    async with bus_for({"source": ["s"]}) as before:
        await before.publish_many([Event("s", "old", {}) for _ in range(3)])
    narrowed = bus_for({"source": ["s"], "detail-type": ["new"]})
    with caplog.at_level(logging.INFO, "eventroute"):
        async with narrowed:
            await narrowed.run(handle_signals=False, until_empty=True)
    assert narrowed.counts("handle").filtered == 3
    assert caplog.text.count("r.handle: events that do not match its pattern") == 1


async def test_the_log_names_the_backend(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "eventroute"):
        await EventBus("memory").run(handle_signals=False, until_empty=True)
    assert "working on 0 subscriptions of the backend memory" in caplog.text


async def test_the_log_names_the_file_of_the_backend(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    path = tmp_path / "events.db"
    with caplog.at_level(logging.INFO, "eventroute"):
        await EventBus("sqlite", options={"path": str(path)}).run(
            handle_signals=False, until_empty=True
        )
    assert f"of the backend sqlite, {path}" in caplog.text
