"""The backends on AWS keep every promise, over the wire.

`make test` asks ministack and, for what ministack cannot show, LocalStack where it is installed.
With EVENTROUTE_TEST_LOCALSTACK=1 LocalStack is installed and asked for everything, as in
`make test-strict`; with EVENTROUTE_TEST_AWS=1 the account of AWS is that botocore finds.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from eventroute.clock import SystemClock
from eventroute.port import Provisioned
from tools.emulators import Emulator

from .eventbridge.archive.replaying import as_on_aws, proxied
from .kit import (
    AWS,
    LOCALSTACK,
    ArchivedEventBridgeKit,
    AwsEventBridgeKit,
    AwsSnsKit,
    EmulatedEventBridgeKit,
    EmulatedSnsKit,
    LocalstackEventBridgeKit,
    MinistackKit,
    OnAws,
    RestKit,
)


class TestSnsOnMinistack(MinistackKit):
    @pytest.fixture(autouse=True)
    def _on_ministack(self, running_ministack: Emulator, account: str) -> None:
        self.use(running_ministack, account)


@pytest.mark.xdist_group("localstack")
class TestSnsOnLocalstack(EmulatedSnsKit if LOCALSTACK else RestKit):  # type: ignore[misc]
    @pytest.fixture(autouse=True)
    def _on_localstack(self, running_localstack: Emulator, account: str) -> None:
        self.use(running_localstack, account)


class TestEventBridgeOnMinistack(EmulatedEventBridgeKit):
    @pytest.fixture(autouse=True)
    def _on_ministack(self, running_ministack: Emulator, account: str) -> None:
        self.use(running_ministack, account)


class TestArchiveOnMinistack(ArchivedEventBridgeKit):
    @pytest.fixture(autouse=True)
    def _on_ministack(self, lenient: Emulator, account: str) -> Generator[None]:
        with proxied(lenient, as_on_aws, action="StartReplay") as url:
            self.use(lenient, account)
            type(self).options |= {"endpoint_url": url}
            yield


if LOCALSTACK:

    @pytest.mark.xdist_group("localstack-eventbridge")
    class TestEventBridgeOnLocalstack(LocalstackEventBridgeKit):
        @pytest.fixture(autouse=True)
        def _on_localstack(self, running_localstack: Emulator, account: str) -> None:
            self.use(running_localstack, account)


if AWS:

    class CleanedUp(OnAws):
        run = uuid4().hex[:8]

        @pytest.fixture(autouse=True)
        def _cleaned_up(self, tmp_path: Path) -> Generator[None]:
            yield

            async def destroy() -> None:
                adapter = self.make(SystemClock(), tmp_path)
                assert isinstance(adapter, Provisioned)
                try:
                    await adapter.destroy(dry_run=False)
                finally:
                    await adapter.close()

            anyio.run(destroy)

    @pytest.mark.timeout(600)
    class TestSnsOnAws(CleanedUp, AwsSnsKit):
        pass

    @pytest.mark.timeout(600)
    class TestEventBridgeOnAws(CleanedUp, AwsEventBridgeKit):
        pass
