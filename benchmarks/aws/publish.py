"""`python -m benchmarks.aws.publish`: what it costs a client to publish an event to SNS."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.aws.environment import PYTHON, ROOT, prepare, variables
from benchmarks.aws.publishers import ENGINES
from tools.emulators import Emulator, ministack

BASELINE = "raw batches"


def measure(emulator: Emulator, engine: str, events: int, callers: int) -> dict[str, Any]:
    """Run an engine in a process of its own."""
    job = {"engine": engine, "events": events, "callers": callers, "url": emulator.url}
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.aws.publishers", json.dumps(job)],
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


def main() -> int:
    """Measure in turns, and print medians; returns 1 where eventroute fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws.publish", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="an engine and process")
    parser.add_argument("--callers", type=int, default=100, help="tasks that publish")
    parser.add_argument("--processes", type=int, default=3, help="an engine")
    parser.add_argument("--only", action="append", choices=list(ENGINES), help="may be repeated")
    given = parser.parse_args()
    problem = prepare()
    engines = given.only or list(ENGINES)
    values: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
    notes = {"fanferro": problem} if problem else {}
    with TemporaryDirectory() as folder, ministack(Path(folder), auth=False) as emulator:
        for _ in range(given.processes):
            for engine in engines:
                found = measure(emulator, engine, given.events, given.callers)
                if "cannot" in found:
                    notes[engine] = found["cannot"]
                else:
                    values[engine].append(found)
    print(f"{given.events:,} events, {given.callers} callers, medians of {given.processes}\n")
    print("| client | CPU µs an event | ± | events/s on the wall | CPU, of raw batches |")
    print("| --- | ---: | ---: | ---: | ---: |")
    base = median(one["cpu"] for one in values[BASELINE]) if values.get(BASELINE) else None
    for engine, runs in values.items():
        if not runs:
            continue
        cpu = [one["cpu"] * 1e6 for one in runs]
        spread = (max(cpu) - min(cpu)) / 2 / median(cpu)
        wall = 1 / median(one["wall"] for one in runs)
        ratio = f"{median(cpu) / base / 1e6:.2f}x" if base else ""
        print(f"| {engine} | {median(cpu):,.0f} | {spread:.0%} | {wall:,.0f} | {ratio} |")
    for engine, note in notes.items():
        print(f"\n{engine}: {note}")
    return int(any(engine.startswith("eventroute") for engine in notes))


if __name__ == "__main__":
    sys.exit(main())
