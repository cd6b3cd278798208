"""Runs the engines on a workload, one process each, taking turns so that noise meets all alike."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.rivals import OWN, ROOT, command

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from benchmarks.workload import Workload

__all__ = ["Outcome", "Plan", "measure", "run_job", "written"]

_EVENTS = 14_000


@dataclass(frozen=True)
class Plan:
    """How long and how often.

    :ivar processes: per engine; one where there are more than 10,000 rules.
    :ivar budget: seconds for adding all rules, and for each kind of timing.
    """

    engines: Sequence[str]
    processes: int
    budget: float
    events: int = _EVENTS


@dataclass
class Outcome:
    """What one engine did on one workload.

    :ivar values: seconds a call, or bytes a rule, by what was measured; one list a process.
    :ivar note: why there are no values, or what is wrong with the answers.
    """

    engine: str
    values: dict[str, list[list[float]]] = field(default_factory=dict)
    wrong: str | None = None
    note: str | None = None
    version: str = ""

    def add(self, result: dict[str, Any]) -> None:
        """Take in what one process reports."""
        self.version = result.get("version", self.version)
        self.wrong = self.wrong or result.get("wrong")
        self.note = self.note or result.get("over") or result.get("cannot")
        for name, values in result.items():
            if isinstance(values, list) and values and name != "counts":
                self.values.setdefault(name, []).append(values)


def measure(workload: Workload, plan: Plan, missing: dict[str, str]) -> tuple[list[Outcome], float]:
    """Every engine's outcome, and how many rules match one event on average."""
    large = len(workload.rules) > 10_000
    scanned = len(workload.rules) > 1000
    engines = [each for each in plan.engines if workload.rivals or each in OWN]
    outcomes = {engine: Outcome(engine, note=missing.get(engine)) for engine in engines}
    events = workload.make_events(plan.events)
    # The reference tries rule by rule: about two million pairs of rule and event are enough.
    expected = workload.expected(events[: max(20, min(2000, 2_000_000 // len(workload.rules)))])
    with written(workload.rules, events, expected) as folder:
        for process in range(1 if large else plan.processes):
            for outcome in outcomes.values():
                rival = outcome.engine not in OWN
                if outcome.note is not None or (rival and scanned and process > 0):
                    continue
                job: dict[str, Any] = {
                    "do": "time",
                    "check": process == 0,
                    "grows": workload.grows and outcome.engine == "eventroute",
                }
                # A rival that tries rule by rule is slow enough to be known in seconds.
                budget = min(plan.budget, 5) if rival else plan.budget
                outcome.add(run_job(outcome.engine, folder, budget, job))
        if workload.grows and "eventroute" in outcomes and outcomes["eventroute"].note is None:
            outcomes["eventroute"].add(run_job("eventroute", folder, plan.budget, {"do": "memory"}))
    return list(outcomes.values()), sum(map(len, expected)) / len(expected)


@contextmanager
def written(
    rules: Sequence[dict[str, Any]], events: Sequence[bytes], expected: Sequence[list[int]]
) -> Generator[Path]:
    """A folder that holds a workload for the processes that measure it."""
    with TemporaryDirectory(prefix="eventroute-bench-") as name:
        folder = Path(name)
        (folder / "events.jsonl").write_bytes(b"\n".join(events))
        (folder / "rules.jsonl").write_text("".join(f"{json.dumps(rule)}\n" for rule in rules))
        (folder / "expected.json").write_text(json.dumps(expected))
        yield folder


def run_job(engine: str, folder: Path, budget: float, job: dict[str, Any]) -> dict[str, Any]:
    """Have a worker do a job; a worker that does not end is ended."""
    job = {**job, "engine": engine, "folder": str(folder), "budget": budget}
    line = [*command(engine), "-m", "benchmarks.worker", json.dumps(job)]
    timeout = 60 + 10 * budget
    try:
        done = subprocess.run(
            line, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return {"over": f"ended after {timeout:.0f} s"}
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        return {"cannot": f"exit {done.returncode}: {done.stderr.strip()[-200:]}"}
    result: dict[str, Any] = json.loads(lines[-1])
    return result
