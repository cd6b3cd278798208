"""Engines in processes of their own, which take turns on one emulator; medians at the end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.aws.environment import PYTHON, ROOT, prepare, variables
from tools.emulators import Emulator, ministack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def take_turns(
    module: str, engines: Sequence[str], baseline: str, processes: int, job: Mapping[str, Any]
) -> int:
    """Measure and print; returns 1 where eventroute fails.

    :param module: is run with a job as JSON, and prints seconds an event as JSON.
    :param baseline: engine that the others are compared with.
    """
    problem = prepare()
    values: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    notes = {"fanferro": problem} if problem else {}
    with TemporaryDirectory() as folder, ministack(Path(folder), auth=False) as emulator:
        for _ in range(processes):
            for engine in engines:
                found = _measure(emulator, module, {**job, "engine": engine, "url": emulator.url})
                if "cannot" in found:
                    notes[engine] = found["cannot"]
                else:
                    values[engine].append(found)
    _print_table(values, baseline)
    for engine, note in notes.items():
        print(f"\n{engine}: {note}")
    return int(any(engine.startswith("eventroute") for engine in notes))


def _measure(emulator: Emulator, module: str, job: Mapping[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [PYTHON, "-m", module, json.dumps(job)],
        cwd=ROOT,
        env={**variables(), **emulator.credentials(), "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        return {"cannot": done.stderr.strip()[-300:]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _print_table(values: Mapping[str, Sequence[Mapping[str, float]]], baseline: str) -> None:
    print(f"| client | CPU µs an event | ± | events/s on the wall | CPU, of {baseline} |")
    print("| --- | ---: | ---: | ---: | ---: |")
    base = median(one["cpu"] for one in values[baseline]) if values.get(baseline) else None
    for engine, runs in values.items():
        if not runs:
            continue
        cpu = [one["cpu"] * 1e6 for one in runs]
        spread = (max(cpu) - min(cpu)) / 2 / median(cpu)
        wall = 1 / median(one["wall"] for one in runs)
        ratio = f"{median(cpu) / base / 1e6:.2f}x" if base else ""
        print(f"| {engine} | {median(cpu):,.0f} | {spread:.0%} | {wall:,.0f} | {ratio} |")
