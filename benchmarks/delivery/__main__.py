"""`python -m benchmarks.delivery`: what a delivery costs, beside other libraries."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.delivery.environment import PYTHON, ROOT, prepare
from benchmarks.delivery.floors import FLOORS
from benchmarks.delivery.in_memory import IN_MEMORY
from benchmarks.delivery.on_disk import ON_DISK
from benchmarks.delivery.tables import Table, middle, rate, spread

OURS = "eventroute"
BASELINE = "eventroute, baseline"
GROUPS = ("memory", "disk", "stored", "subscriptions")


class Run:
    """Jobs that were done, and what they gave.

    :param missing: engines that cannot be had, and why.
    """

    def __init__(self, given: argparse.Namespace, missing: dict[str, str]) -> None:
        self.given = given
        self.quick: bool = given.quick
        self.processes: int = given.processes or (1 if given.quick else 3)
        self._notes = missing
        self._pyperf: Any = import_module("pyperf")
        self._benchmarks: list[Any] = []
        self.healthy = True

    def measure(
        self, name: str, engines: list[str], job: dict[str, Any], events: dict[str, int]
    ) -> dict[str, dict[str, list[list[float]]]]:
        """Have the engines take turns at a job; values of each process, by engine and measure."""
        found: dict[str, dict[str, list[list[float]]]] = {one: {} for one in engines}
        for _ in range(self.processes):
            for engine in engines:
                if engine.partition(",")[0] in self._notes or engine in self._notes:
                    continue
                result = self._do(engine, {**job, "events": events.get(engine, events[""])})
                problem = result.get("wrong") or result.get("cannot")
                if problem:
                    self._notes[engine] = problem
                    self.healthy &= not engine.startswith(OURS)
                for what, values in result.items():
                    if isinstance(values, list):
                        found[engine].setdefault(what, []).append(values)
        for engine, measures in found.items():
            for what, processes in measures.items():
                metadata = {"name": f"{name} | {engine} | {what}", "unit": "second"}
                runs = [
                    self._pyperf.Run(values, metadata=metadata, collect_metadata=False)
                    for values in processes
                ]
                self._benchmarks.append(self._pyperf.Benchmark(runs))
        return found

    def _do(self, engine: str, job: dict[str, Any]) -> dict[str, Any]:
        job = {**job, "engine": OURS if engine == BASELINE else engine}
        if engine == BASELINE:
            job["checkout"] = str(self.given.baseline.resolve())
        command = [str(PYTHON), "-m", "benchmarks.delivery.worker", json.dumps(job)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
            )
        except subprocess.TimeoutExpired:
            return {"cannot": "ended after 600 s"}
        lines = done.stdout.splitlines()
        if done.returncode or not lines:
            return {"cannot": f"exit {done.returncode}: {done.stderr.strip()[-200:]}"}
        result: dict[str, Any] = json.loads(lines[-1])
        return result

    def tell(self, engines: list[str]) -> None:
        """Print why engines have no values."""
        for engine in engines:
            note = self._notes.get(engine) or self._notes.get(engine.partition(",")[0])
            if note:
                print(f"{engine}: {note}")
        print(flush=True)

    def ours(self) -> list[str]:
        """This checkout, and the one that it is compared to."""
        return [OURS, BASELINE] if self.given.baseline else [OURS]

    def write(self, file: Path) -> None:
        """Write every value as pyperf does."""
        self._pyperf.BenchmarkSuite(self._benchmarks).dump(str(file), replace=True)


def memory(run: Run) -> None:
    """Deliveries a second in one process."""
    scale = 10 if run.quick else 1
    rivals = [] if run.given.ours else [one for one in IN_MEMORY if one != OURS]
    engines = [*run.ours(), *rivals, *FLOORS]
    events = {"": 20_000 // scale, "abxbus": 2_000 // scale}
    found = run.measure("memory", engines, {"do": "memory"}, events)
    ours = middle(found[OURS].get("cpu", []))
    table = Table("in memory, deliveries/s", "CPU", "±", "wall", "eventroute is")
    for engine in engines:
        values = found[engine].get("cpu", [])
        theirs = middle(values)
        times = f"{theirs / ours:.2f}x" if theirs and ours else ""
        wall = rate(middle(found[engine].get("wall", [])))
        table.row(engine, rate(theirs), spread(values), wall, times)
    run.tell(engines)


def disk(run: Run) -> None:
    """Events a second in a SQLite file."""
    engines = [*run.ours(), *([] if run.given.ours else [one for one in ON_DISK if one != OURS])]
    found = run.measure("disk", engines, {"do": "disk"}, {"": 200 if run.quick else 1_000})
    columns = ("single", "together", "batches", "handle")
    table = Table(
        "SQLite, events/s on the wall", "one by one", "100 callers", "batches of 100", "handled"
    )
    for engine in engines:
        cells: list[str] = []
        for what in columns:
            theirs, ours = (middle(found[one].get(what, [])) for one in (engine, OURS))
            cell = rate(theirs)
            if theirs and ours and engine != OURS:
                cell += f" ({theirs / ours:.2f}x)"
            cells.append(cell)
        table.row(engine, *cells)
    run.tell(engines)


def stored(run: Run) -> None:
    """Time an event beside so many that wait in the file."""
    table = Table("SQLite, µs an event on the wall", "publish", "handle", "growth")
    first: float | None = None
    for count in (1_000, 10_000) if run.quick else (10_000, 100_000, 1_000_000):
        job = {"do": "flatness", "stored": count, "values": 1}
        for engine in run.ours():
            found = run.measure(f"{count:,} stored", [engine], job, {"": 2_000})[engine]
            first = _flat_row(table, f"{count:,} stored, {engine}", found, first)
    run.tell([OURS])


def subscriptions(run: Run) -> None:
    """Time an event beside so many subscriptions that it does not reach."""
    for backend in ("memory", "sqlite"):
        table = Table(f"{backend}, µs CPU an event", "publish", "handle", "growth")
        first: float | None = None
        for count in (1, 10, 100) if run.quick else (1, 10, 100, 1_000):
            job: dict[str, Any] = {"do": "flatness", "stored": 0, "backend": backend}
            job["subscriptions"] = count
            events = max(5_000, 20 * count)  # two runs differ by them; few would drown in the noise
            name = f"{backend}, {count:,} subscriptions"
            for engine in run.ours():
                found = run.measure(name, [engine], job, {"": events})[engine]
                first = _flat_row(table, f"{count:,} subscriptions, {engine}", found, first)
        run.tell([OURS])


def _flat_row(
    table: Table, name: str, found: dict[str, list[list[float]]], first: float | None
) -> float | None:
    parts = [middle(found.get(what, [])) for what in ("publish", "handle")]
    whole = sum(part for part in parts if part)
    base = first or whole or None
    cells = ["" if part is None else f"{part * 1e6:,.1f}" for part in parts]
    table.row(name, *cells, f"{whole / base:.2f}" if base else "")
    return base


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="few events, one process")
    parser.add_argument("--ours", action="store_true", help="without the other libraries")
    parser.add_argument(
        "--baseline", type=Path, metavar="CHECKOUT", help="measure its eventroute, too"
    )
    parser.add_argument("--processes", type=int, help="per engine (default: 3, quick: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values as pyperf does")
    return parser.parse_args()


def main() -> int:
    """Measure and print; returns 1 where eventroute loses, repeats or refuses an event."""
    given = _arguments()
    run = Run(given, prepare())
    version = subprocess.run([PYTHON, "--version"], capture_output=True, text=True, check=True)
    print(f"{version.stdout.strip()}, medians; ratios are times against eventroute's\n")
    does = {"memory": memory, "disk": disk, "stored": stored, "subscriptions": subscriptions}
    for name in given.only or GROUPS:
        does[name](run)
    if given.json is not None:
        run.write(given.json)
    return 0 if run.healthy else 1


if __name__ == "__main__":
    sys.exit(main())
