"""Run the tests on every other Python here, on the oldest dependencies, and on compiled patterns.

Each run has its own environment, ``.envs/3.NN`` or ``.envs/lowest``, made again when
``pyproject.toml`` changes. Arguments go to pytest. On the oldest dependencies the tests also ask
LocalStack for everything, which is installed for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from tools import compiled
from tools.interpreters import ENVIRONMENTS, ROOT, candidates, probe

PYPROJECT = ROOT / "pyproject.toml"


def choose() -> dict[str, Path]:
    """One interpreter a minor version; prints what is left out, and why."""
    chosen: dict[tuple[int, int], Path] = {}
    for interpreter in map(probe, candidates()):
        minor, refusal = interpreter.minor, interpreter.refusal
        if refusal is None and minor == sys.version_info[:2]:
            refusal = "is the version that `make test` runs on"
        if refusal is None and minor in chosen:
            refusal = f"is the same version as {chosen[minor]}"
        if refusal is not None:
            print(f"skipped {interpreter.path}: {refusal}")
        elif minor is not None:
            chosen[minor] = interpreter.path
    return {f"{major}.{minor}": path for (major, minor), path in sorted(chosen.items())}


def lower_bounds() -> list[str]:
    """Every direct dependency at the oldest version that ``pyproject.toml`` allows."""
    document = tomllib.loads(PYPROJECT.read_text())
    project = document["project"]
    declared: list[str] = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
        *document["dependency-groups"]["test"],
    ]
    pins: set[str] = set()
    for requirement in map(Requirement, declared):
        bounds = [
            bound.version for bound in requirement.specifier if bound.operator in {">=", "~=", "=="}
        ]
        if len(bounds) != 1:
            sys.exit(f"pyproject.toml: {requirement} needs exactly one lower bound")
        pins.add(f"{requirement.name}=={bounds[0]}")
    return sorted(pins)


def environment(name: str, python: Path, pins: list[str]) -> Path:
    """Make ``.envs/NAME``, or keep it where nothing has changed; returns its Python.

    :raises subprocess.CalledProcessError: pip cannot install what is declared.
    """
    folder = ENVIRONMENTS / name
    inside = folder / "bin" / "python"
    stamp = folder / "made-from"
    recipe = "\n".join([str(python), *pins, PYPROJECT.read_text()])
    if stamp.is_file() and stamp.read_text() == recipe:
        return inside
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join([*pins, ""]))
    install: list[str | Path] = [
        inside,
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "install",
    ]
    subprocess.run([*install, "--upgrade", "pip"], check=True)
    wanted: list[str | Path] = [
        "--editable",
        ".[reload,trio]",
        "--group",
        "test",
        "--constraint",
        constraints,
    ]
    subprocess.run([*install, *wanted], check=True, cwd=ROOT)
    stamp.write_text(recipe)
    return inside


def run(name: str, python: Path, pins: list[str], arguments: list[str]) -> str | None:
    """Run the tests in one environment; returns what went wrong, or ``None``."""
    print(f"\n== {name}: {python} {'with the oldest dependencies' if pins else ''}", flush=True)
    try:
        inside = environment(name, python, pins)
    except subprocess.CalledProcessError as error:
        return f"its environment cannot be made (exit {error.returncode})"
    if pins:
        print("oldest:", ", ".join(pins), flush=True)
    asked = {"EVENTROUTE_TEST_LOCALSTACK": "1"} if pins else {}
    done = subprocess.run(
        [inside, "-m", "pytest", *arguments], cwd=ROOT, env={**os.environ, **asked}, check=False
    )
    return f"pytest exited with {done.returncode}" if done.returncode else None


def run_compiled(arguments: list[str]) -> str | None:
    """Run the pattern engine's tests on a compiled wheel; returns what went wrong, or ``None``."""
    print("\n== compiled", flush=True)
    if (lacking := compiled.why_not()) is not None:
        print(f"skipped: {lacking}")
        return None
    try:
        inside = compiled.prepare("test")
    except subprocess.CalledProcessError as error:
        return f"its environment cannot be made (exit {error.returncode})"
    # Not ``python -m pytest``: that would put the checkout before the wheel.
    tests: list[str | Path] = [
        inside.with_name("pytest"),
        "tests/pattern",
        "--rootdir",
        ROOT,
        *arguments,
    ]
    done = subprocess.run(tests, cwd=ROOT, check=False)
    return f"pytest exited with {done.returncode}" if done.returncode else None


def main(arguments: list[str]) -> int:
    """Run all, then say how each one went."""
    runs: dict[str, tuple[Path, list[str]]] = {
        name: (path, list[str]()) for name, path in choose().items()
    }
    if not runs:
        print("no other Python was found")
    runs["lowest"] = (Path(sys.executable), lower_bounds())
    outcomes = {
        name: run(name, path, pins, arguments) for name, (path, pins) in sorted(runs.items())
    }
    outcomes["compiled"] = run_compiled(arguments)
    print()
    for name, trouble in outcomes.items():
        print(f"{name}: {trouble or 'passes'}")
    return 1 if any(outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
