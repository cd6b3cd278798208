"""The environment in which all engines run, ``.envs/delivery``: the same Python for everybody."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.interpreters import candidates, probe

__all__ = ["ENGINES", "PYTHON", "ROOT", "prepare"]

ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = ROOT / ".envs" / "delivery"
PYTHON: Final = _FOLDER / "bin" / "python"
_STAMP: Final = _FOLDER / "made-from.json"

ENGINES: Final = {
    "fanferro": "fanferro==0.5.0",  # needs Python 3.12
    "natricine": "natricine[pydantic]==0.2.0",
    "abxbus": "abxbus==2.5.79",
    "persist-queue": "persist-queue==1.1.0",
    "litequeue": "litequeue==0.14",
    "huey": "huey==3.5.4",
}


def prepare() -> dict[str, str]:
    """Install what is missing; returns why an engine cannot be had, for those that cannot."""
    pyproject = (ROOT / "pyproject.toml").read_text()
    wanted = {"eventroute": pyproject, **ENGINES}
    made: dict[str, str] = json.loads(_STAMP.read_text()) if _STAMP.is_file() else {}
    if not PYTHON.is_file():
        made = {}
        subprocess.run([_newest(), "-m", "venv", _FOLDER], check=True)
    missing: dict[str, str] = {}
    for engine, requirement in wanted.items():
        if made.get(engine) == requirement:
            continue
        what = ["--editable", str(ROOT)] if engine == "eventroute" else [requirement]
        print(f"installing {engine} into {_FOLDER.relative_to(ROOT)}", flush=True)
        pip = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        done = subprocess.run([*pip, *what], capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            missing[engine] = f"pip: {errors[-1] if errors else done.stderr.strip()[-200:]}"
        else:
            made[engine] = requirement
    _STAMP.write_text(json.dumps(made))
    return missing


def _newest() -> str:
    """The newest Python here that runs, but for those that rivals may not know yet."""
    found = [one for one in map(probe, candidates()) if one.refusal is None and one.minor]
    known = [one for one in found if one.minor and one.minor <= (3, 13)]
    best = max(known, key=lambda one: one.minor or (0, 0), default=None)
    return sys.executable if best is None else str(best.path)
