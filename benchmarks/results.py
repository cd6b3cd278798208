"""A run as a pyperf file, for `python -m pyperf compare_to old.json new.json`."""

from __future__ import annotations

import platform
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.run import Outcome

__all__ = ["Results"]


class Results:
    """Every value that was measured."""

    def __init__(self) -> None:
        self._pyperf: Any = import_module("pyperf")
        self._benchmarks: list[Any] = []

    def add(self, name: str, outcomes: list[Outcome], *, rules: int, matches: float) -> None:
        """Take in a workload."""
        for outcome in outcomes:
            for what, processes in outcome.values.items():
                metadata = {
                    "name": f"{name} | {outcome.engine} | {what}",
                    "unit": "byte" if what == "bytes" else "second",
                    "engine_version": outcome.version,
                    "engine_wrong": outcome.wrong or "no",
                    "rules": rules,
                    "matches_per_event": float(matches),
                    "python_version": platform.python_version(),
                    "platform": platform.platform(),
                }
                runs = [
                    self._pyperf.Run(values, metadata=metadata, collect_metadata=False)
                    for values in processes
                ]
                self._benchmarks.append(self._pyperf.Benchmark(runs))

    def unstable(self) -> Iterator[str]:
        """The benchmarks of which two processes differ by more than a quarter."""
        for benchmark in self._benchmarks:
            means = [sum(run.values) / len(run.values) for run in benchmark.get_runs()]
            timed = benchmark.get_name().endswith(("| text", "| parsed"))
            if timed and max(means) > 1.25 * min(means):
                yield f"{benchmark.get_name()}: {max(means) / min(means):.2f}x"

    def write(self, file: Path) -> None:
        """Replace the file."""
        self._pyperf.BenchmarkSuite(self._benchmarks).dump(str(file), replace=True)
