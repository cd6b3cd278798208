"""The environment in which all engines run, ``.envs/bench-aws``: the same Python for everybody."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path
from typing import Final

from tools.interpreters import candidates, probe

__all__ = ["PYTHON", "ROOT", "prepare", "variables"]

ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = ROOT / ".envs" / "bench-aws"
PYTHON: Final = _FOLDER / "bin" / "python"
_RIVALS: Final = ("fanferro==0.5.0",)  # needs Python 3.12


def prepare() -> str:
    """Install what is missing; returns why the rivals cannot be had, or ``""``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["aws"]]
    stamp = _FOLDER / "made-from"
    recipe = "\n".join([*needed, *_RIVALS])
    if stamp.is_file() and stamp.read_text() == recipe:
        return ""
    if not PYTHON.is_file():
        known = [one for one in map(probe, candidates()) if one.refusal is None and one.minor]
        fit = [one for one in known if one.minor and one.minor <= (3, 13)]
        newest = max(fit, key=lambda one: one.minor or (0, 0))
        subprocess.run([newest.path, "-m", "venv", _FOLDER], check=True)
    pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, *needed], check=True)
    rivals = subprocess.run([*pip, *_RIVALS], capture_output=True, text=True, check=False)
    if rivals.returncode:
        return str(rivals.stderr).strip()[-300:]
    stamp.write_text(recipe)
    return ""


def variables() -> dict[str, str]:
    """Where the processes find eventroute: in this checkout."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'adapters'}"}
