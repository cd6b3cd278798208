"""Replays where some sources are on SNS: their events are in no archive."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eventroute.clock import SystemClock
from eventroute.errors import UnsupportedError
from eventroute_aws import create_aws
from tools.emulators import Emulator

from ..eventbridge.archive.world import since, topology

WANTED = topology(
    orders={"source": ["shop.orders"]},
    stock={"source": ["shop.stock"]},
    both={"source": ["shop.orders", "shop.stock"]},
)


async def test_a_replay_reaches_what_eventbridge_feeds_and_tells_what_it_has_not(
    running_ministack: Emulator, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    options = {
        **running_ministack.options(account),
        "sources": {"shop.orders": "sns"},
        "eventbridge": {"bus": "shop", "archive": 7},
        "poll_wait": 0,
    }
    adapter = create_aws(options, SystemClock())
    try:
        await adapter.open(WANTED)
        with pytest.raises(UnsupportedError, match=r"SNS keeps no archive.*alone feeds 'orders'"):
            await adapter.replay(replace(since(), subscriptions=("orders", "stock")))
        await adapter.replay(replace(since(), subscriptions=("stock",)))
        assert "sources on SNS" not in caplog.text
        await adapter.replay(replace(since(), subscriptions=("both",)))
        assert "nothing of the sources on SNS, which feed 'both'" in caplog.text
        state = await adapter.describe_archive()
        assert "What sources on SNS publish is not archived." in state.notes
    finally:
        await adapter.close()
