"""The Pythons of this machine, and where environments for them are made."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ENVIRONMENTS", "ROOT", "Interpreter", "candidates", "probe"]

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".envs"
OLDEST = (3, 11)
PROBE = (
    "import ensurepip, sys, venv;"
    "print(sys.implementation.name, *sys.version_info[:2], sys.version_info.releaselevel)"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that was tried.

    :ivar refusal: why it is not used; ``None`` where it can be.
    """

    path: Path
    minor: tuple[int, int] | None
    refusal: str | None


def probe(path: Path) -> Interpreter:
    """Try a Python: a file of that name may be a shim that fails."""
    try:
        done = subprocess.run(
            [path, "-c", PROBE], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Interpreter(path, None, f"does not run: {error}")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[0]
        return Interpreter(path, None, f"does not run: {last}")
    name, major, minor, level = done.stdout.split()
    version = (int(major), int(minor))
    refusal = None
    if version < OLDEST:
        refusal = f"is {major}.{minor}, older than {OLDEST[0]}.{OLDEST[1]}"
    elif name != "cpython":
        refusal = f"is {name}, on which nothing is promised"
    elif level != "final":
        refusal = f"is a pre-release ({level})"
    return Interpreter(path, version, refusal)


def candidates() -> list[Path]:
    """Every ``python3.NN`` on PATH, and what pyenv keeps; newest patch releases first."""
    found: list[Path] = []
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        found += sorted(Path(folder or ".").glob("python3.[0-9]*[0-9]"))
    pyenv = {Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"}
    if Path(sys.base_prefix).parent.name == "versions":
        pyenv.add(Path(sys.base_prefix).parent)
    for versions in sorted(pyenv):
        found += sorted(versions.glob("3.*/bin/python3"), key=_release, reverse=True)
    return [path for path in dict.fromkeys(found) if os.access(path, os.X_OK)]


def _release(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts[-3].split(".") if part.isdigit())
