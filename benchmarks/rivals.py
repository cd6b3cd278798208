"""The other engines' environment, ``.envs/bench``: they pin versions that ours need not bear."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools import compiled

__all__ = ["OWN", "ROOT", "command", "prepare"]

OWN: Final = ("eventroute", "compiled")
"""The engines of this checkout: its sources, and the compiled wheel that is made of them."""

ROOT: Final = Path(__file__).resolve().parents[1]
_FOLDER: Final = ROOT / ".envs" / "bench"
_PYTHON: Final = _FOLDER / "bin" / "python"
_STAMP: Final = _FOLDER / "made-from.json"
_REQUIREMENTS: Final = {
    # The matcher's module imports much of LocalStack, of which its own package declares a part.
    "LocalStack": ("localstack-core==2026.3.0", "boto3>=1.42", "jsonpatch>=1.33", "rolo>=0.8.1"),
    "moto": ("moto==5.2.5",),
    # Compiled for CPython 3.7 to 3.11 only, without a source distribution.
    "event-ruler": ("event-ruler==0.3.0",),
}


def command(engine: str) -> list[str]:
    """The start of a command line: the Python that has an engine."""
    if engine == "compiled":
        # Safe path: the checkout, which has eventroute as plain Python, comes behind the wheel.
        return [str(compiled.FOLDER / "bin" / "python"), "-P"]
    return [str(Path(sys.executable) if engine == "eventroute" else _PYTHON)]


def prepare(engines: list[str]) -> dict[str, str]:
    """Install what is missing; returns why an engine cannot be had, for those that cannot."""
    missing: dict[str, str] = {}
    if "compiled" in engines:
        missing |= _prepare_compiled()
    wanted = [engine for engine in engines if engine in _REQUIREMENTS]
    if not wanted:
        return missing
    made: dict[str, list[str]] = json.loads(_STAMP.read_text()) if _STAMP.is_file() else {}
    if not _PYTHON.is_file():
        made = {}
        subprocess.run([sys.executable, "-m", "venv", _FOLDER], check=True)
    for engine in wanted:
        requirements = list(_REQUIREMENTS[engine])
        if made.get(engine) == requirements:
            continue
        print(f"installing {', '.join(requirements)} into {_FOLDER.relative_to(ROOT)}", flush=True)
        pip = [str(_PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        done = subprocess.run([*pip, *requirements], capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            missing[engine] = f"pip: {errors[-1] if errors else done.stderr.strip()[-200:]}"
        else:
            made[engine] = requirements
    _STAMP.write_text(json.dumps(made))
    return missing


def _prepare_compiled() -> dict[str, str]:
    if (lacking := compiled.why_not()) is not None:
        return {"compiled": lacking}
    try:
        compiled.prepare("bench")
    except subprocess.CalledProcessError as error:
        return {"compiled": f"cannot be built (exit {error.returncode})"}
    return {}
