"""`python -m tools.emulators COMMAND ...`: run a program on SNS and SQS, emulated for it alone.

The variables of its process choose the backend ``sns``; nothing of the program changes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.emulators.emulator import Emulator
from tools.emulators.ministack import ministack


def variables(emulator: Emulator) -> dict[str, str]:
    """This process's environment, with the backend ``sns`` on the emulator."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    options = {**emulator.options(), "poll_wait": 1}  # a stop waits for polls
    return {
        **kept,
        **emulator.credentials(),
        "EVENTROUTE_BACKEND": "sns",
        **{f"EVENTROUTE_SNS__{name.upper()}": json.dumps(it) for name, it in options.items()},
    }


def main(command: list[str]) -> int:
    """Run it; returns its exit status."""
    if not command:
        print("usage: python -m tools.emulators COMMAND ...", file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder, ministack(Path(folder)) as emulator:
        return subprocess.run(command, env=variables(emulator), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
