"""What `import eventroute` costs, beside `import pydantic` and `import anyio` alone.

Each run is a fresh interpreter; the two programs alternate, so that noise meets both alike.

    python benchmarks/import_time.py [RUNS]
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

BUDGET = 1.5
PROGRAMS = {
    "pydantic + anyio": "import pydantic, anyio; pydantic.BaseModel",
    "eventroute": "import eventroute; eventroute.EventBus",
    "eventroute + pydantic": "import pydantic; pydantic.BaseModel; import eventroute",
}
CLOCK = "from time import perf_counter as now; start = now(); {program}; print(now() - start)"


def seconds(program: str) -> float:
    """Run a program in a fresh interpreter; returns the seconds that its imports take."""
    command = [sys.executable, "-I", "-c", CLOCK.format(program=program)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(runs: int) -> int:
    """Measure, print a table; returns 1 when `import eventroute` is over its budget."""
    for program in PROGRAMS.values():
        seconds(program)  # fills the caches of the file system and of bytecode
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(runs):
        for name, program in PROGRAMS.items():
            times[name].append(seconds(program))
    baseline = median(times["pydantic + anyio"])
    print(f"{'import':24} {'fastest':>10} {'median':>10} {'ratio':>7}   ({runs} runs each)")
    for name, taken in times.items():
        middle = median(taken)
        print(
            f"{name:24} {min(taken) * 1e3:7.1f} ms {middle * 1e3:7.1f} ms {middle / baseline:6.2f}x"
        )
    ratio = median(times["eventroute"]) / baseline
    print(f"budget: {BUDGET:.2f}x; import eventroute: {ratio:.2f}x")
    return 0 if ratio <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 15))
