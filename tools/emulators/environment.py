"""Installs an emulator, once for a checkout."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from tools.interpreters import ENVIRONMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["installed", "is_installed"]

_PIP: Final = ("-m", "pip", "--quiet", "--disable-pip-version-check", "install")
_STAMP: Final = "made-from"


def is_installed(name: str, requirements: Sequence[str]) -> bool:
    """Whether :func:`installed` would have nothing to do."""
    stamp = ENVIRONMENTS / name / _STAMP
    return stamp.is_file() and stamp.read_text() == _recipe(requirements)


def installed(name: str, python: str | Path, requirements: Sequence[str]) -> Path:
    """The ``bin`` folder of ``.envs/NAME``, made where it is missing or has other requirements.

    :raises subprocess.CalledProcessError: it cannot be installed.
    """
    folder = ENVIRONMENTS / name
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
        if not is_installed(name, requirements):
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([python, "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin" / "python", *_PIP, *requirements], check=True)
            (folder / _STAMP).write_text(_recipe(requirements))
    return folder / "bin"


def _recipe(requirements: Sequence[str]) -> str:
    """Whichever Python made it: test runs on several share it."""
    return "\n".join(requirements)
