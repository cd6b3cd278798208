"""What the log says of an attempt that failed."""

from __future__ import annotations

import logging

import pytest

from eventroute import Event, Retry, Router
from eventroute.testing import TestBus


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
