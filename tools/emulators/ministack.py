"""ministack: small and quick; checks signatures, IAM and queue policies.

It deviates from AWS: it accepts messages beyond 1 MiB, batches of eleven, and filter policies that
SNS refuses; it moves no dead letters by task.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tools.emulators.emulator import REGION, Emulator
from tools.emulators.environment import installed

__all__ = ["ministack"]

_REQUIREMENTS: Final = ("ministack==1.5.33",)


def ministack(folder: Path, *, auth: bool = True, keep: bool = False) -> Emulator:
    """Make one, installed if need be, not started.

    :param folder: an empty folder for it alone.
    :param auth: whether it checks signatures and policies.
    :param keep: whether its state outlives a restart.
    """
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    scripts = installed("ministack", python, _REQUIREMENTS)

    def environment(port: int) -> dict[str, str]:
        return {
            "AUTH": "true" if auth else "false",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            **({"PERSIST_STATE": "1", "STATE_DIR": str(folder / "state")} if keep else {}),
        }

    return Emulator("ministack", [scripts / "ministack"], environment, "/_ministack/health", folder)
