"""`python -m tools.emulators COMMAND ...`: run a program on SNS and SQS, emulated for it alone.

The variables of its process choose the backend ``sns``; nothing of the program changes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.emulators.ministack import ministack


def main(command: list[str]) -> int:
    """Run it; returns its exit status."""
    if not command:
        print("usage: python -m tools.emulators COMMAND ...", file=sys.stderr)
        return 2
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    backend = {"EVENTROUTE_BACKEND": "sns", "EVENTROUTE_SNS__POLL_WAIT": "1"}  # a stop waits for it
    with TemporaryDirectory() as folder, ministack(Path(folder)) as emulator:
        told = " ".join(f"{name}={value}" for name, value in backend.items())
        print(f"on an emulator of AWS: {told}", file=sys.stderr)
        environment = {**kept, **emulator.variables(), **backend}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
