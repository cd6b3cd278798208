"""A process that speaks AWS's protocols on 127.0.0.1."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

__all__ = ["Emulator", "NotAvailableError", "free_port"]

_PATIENCE: Final = 90.0
_GRACE: Final = 2.0
REGION: Final = "us-east-1"


class NotAvailableError(Exception):
    """The emulator does not run on this machine; says why."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Emulator:
    """Runs from ``with`` to its end. Started again, it has the same port.

    :ivar name: ``"ministack"`` or ``"localstack"``.
    :ivar command: what starts it.
    :ivar environment: makes its variables, of a port.
    :ivar health: path that answers once it is ready.
    :ivar folder: where it writes its log, and its state if it keeps one.
    """

    name: str
    command: Sequence[str | Path]
    environment: Callable[[int], Mapping[str, str]]
    health: str
    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its endpoint, for every service."""
        return f"http://127.0.0.1:{self.port}"

    def options(self, account: str = "000000000000") -> dict[str, object]:
        """What belongs into the table of an AWS backend; see :meth:`credentials`."""
        return {"endpoint_url": self.url, "region": REGION, "account": account}

    @staticmethod
    def credentials(account: str = "000000000000") -> dict[str, str]:
        """Variables that botocore reads. An access key of twelve digits is an account."""
        return {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "test"}

    def variables(self, account: str = "000000000000") -> dict[str, str]:
        """Variables with which everything that is built on botocore speaks to it."""
        return {
            **self.credentials(account),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def start(self) -> None:
        """Start it, and wait until it answers.

        :raises RuntimeError: it ended, or did not answer in time.
        """
        log = self.folder / f"{self.name}.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [str(part) for part in self.command],
                env={
                    "PATH": os.environ.get("PATH", ""),
                    "HOME": str(self.folder),
                    **self.environment(self.port),
                },
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._is_healthy():
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.name} did not start: {log.read_text(errors='replace')[-2000:]}")

    def _is_healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == 200
        except (HTTPException, OSError):
            return False
        finally:
            connection.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it with all its children. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(_GRACE)  # its folder goes with it: there is nothing to tidy up
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
