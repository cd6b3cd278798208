"""The SNS backend keeps every promise, over the wire."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from eventroute.clock import Clock
from eventroute.port import Adapter
from eventroute.testing.conformance import AdapterConformance
from eventroute_aws import create_sns
from tools.emulators import Emulator


class OverTheWire(AdapterConformance):
    """Time is the emulator's own, in whole seconds."""

    virtual_time = False
    loops = ("asyncio",)
    keeps_attempts = False
    tells_delayed = False  # SQS counts what was released for later as not visible
    burst = 60
    lease = 2.0
    delay = 1.0
    slack = 4.0

    emulator: Emulator

    def make(self, clock: Clock, place: Path) -> Adapter:
        prefix = "kit-" + sha256(str(place).encode()).hexdigest()[:12]
        options = self.emulator.options(self.account)
        return create_sns(
            {**options, "prefix": prefix, "linger": 0.001, "fan_out_lag": 0.3, "poll_wait": 1},
            clock,
        )

    account = "000000000000"


class TestSnsOnLocalstack(OverTheWire):
    @pytest.fixture(autouse=True)
    def _on_localstack(self, running_localstack: Emulator, account: str) -> None:
        type(self).emulator = running_localstack
        self.account = account


class TestSnsOnMinistack(OverTheWire):
    @pytest.fixture(autouse=True)
    def _on_ministack(self, running_ministack: Emulator, account: str) -> None:
        type(self).emulator = running_ministack
        self.account = account
