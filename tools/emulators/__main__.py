"""`python -m tools.emulators [BACKEND] COMMAND ...`: run a program on AWS, emulated for it alone.

The variables of its process choose the backend, ``sns`` when left out; the program stays as it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tools.emulators.ministack import ministack

BACKENDS: Final = (["sns"], ["eventbridge"], ["aws"])


def main(command: list[str]) -> int:
    """Run it; returns its exit status."""
    name, command = (command[0], command[1:]) if command[:1] in BACKENDS else ("sns", command)
    if not command or command[0] in ("-h", "--help"):
        print("usage: python -m tools.emulators [sns|eventbridge|aws] COMMAND ...", file=sys.stderr)
        return 2
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # A stop waits for polls under way.
    backend = {"EVENTROUTE_BACKEND": name, f"EVENTROUTE_{name.upper()}__POLL_WAIT": "1"}
    with TemporaryDirectory() as folder, ministack(Path(folder)) as emulator:
        told = " ".join(f"{name}={value}" for name, value in backend.items())
        print(f"on an emulator of AWS: {told}", file=sys.stderr)
        environment = {**kept, **emulator.variables(), **backend}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
