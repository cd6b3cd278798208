"""An environment with eventroute as a compiled wheel, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".envs" / "compiled"
PROBE = "import eventroute.pattern.index.board as board; print(board.__file__)"


def why_not() -> str | None:
    """Why nothing can be compiled here, or ``None``."""
    found = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
    return None if found else "there is no C compiler"


def prepare(group: str | None = None) -> Path:
    """Make ``.envs/compiled``, or keep it where nothing has changed; returns its Python.

    :param group: a dependency group to install, too.
    :raises subprocess.CalledProcessError: it cannot be built or installed.
    """
    inside = FOLDER / "bin" / "python"
    stamp = FOLDER / "made-from"
    recipe = f"{group} {_digest()}"
    if stamp.is_file() and stamp.read_text() == recipe:
        return inside
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
    pip: list[str | Path] = [inside, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--upgrade", "pip"], check=True)
    subprocess.run(
        [*pip, "install", ".[reload,trio]", *(["--group", group] if group else [])],
        check=True,
        cwd=ROOT,
        env={**os.environ, "HATCH_BUILD_HOOK_ENABLE_CUSTOM": "true"},
    )
    found = subprocess.run(
        [inside, "-c", PROBE], check=True, capture_output=True, text=True, cwd=FOLDER
    )
    if not found.stdout.strip().endswith((".so", ".pyd")):
        sys.exit(f"{FOLDER} has eventroute as plain Python: {found.stdout.strip()}")
    # The checkout comes last, so that its tests are found there, and eventroute is not.
    (site,) = FOLDER.glob("lib/python3.*/site-packages")
    (site / "checkout.pth").write_text(f"{ROOT}\n")
    stamp.write_text(recipe)
    return inside


def _digest() -> str:
    digest = sha256((ROOT / "pyproject.toml").read_bytes())
    for path in sorted([*ROOT.glob("eventroute/**/*.py"), *ROOT.glob("tools/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
