"""`python -m benchmarks`: measures the pattern engine beside the other engines."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from benchmarks import citylots_counts, import_time, webhooks
from benchmarks.engines import ENGINES
from benchmarks.report import OURS, Table
from benchmarks.results import Results
from benchmarks.rivals import OWN, prepare
from benchmarks.run import Plan, measure
from benchmarks.workload import CITYLOTS, workloads

IMPORT = "import time"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="workloads whose group and name contain this, in any case; may be repeated",
    )
    parser.add_argument(
        "--engine", action="append", choices=list(ENGINES), help="may be repeated; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="few rules, one process, minutes less")
    parser.add_argument("--processes", type=int, help="per engine (default: 3, quick: 1)")
    parser.add_argument(
        "--budget", type=float, help="CPU seconds a step may take (default: 20, quick: 4)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values as pyperf does")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="time nothing; hold every engine to the counts of ../shared/benchmarks (half an hour)",
    )
    parser.add_argument("--list", action="store_true", help="list the workloads")
    return parser.parse_args()


def main() -> int:
    """Measure and print; returns 1 where eventroute is wrong, gives up, or imports too much."""
    given = _arguments()
    chosen = [
        (group, name, make)
        for group, name, make in workloads(quick=given.quick)
        if not given.only
        or any(each.casefold() in f"{group} {name}".casefold() for each in given.only)
    ]
    if given.list:
        print("\n".join([IMPORT, *(f"{group} {name}" for group, name, _ in chosen)]))
        return 0
    engines: list[str] = given.engine or list(ENGINES)
    missing = prepare(engines)
    if given.verify:
        return 0 if _verify(engines, given.only) else 1
    plan = Plan(
        engines,
        processes=given.processes or (1 if given.quick else 3),
        budget=given.budget or (4 if given.quick else 20),
        events=5000 if given.quick else Plan.events,
    )
    print(f"Python {platform.python_version()}, {platform.machine()}, CPU time, medians\n")
    results = Results()
    healthy = True
    if not given.only or any(each.casefold() in IMPORT for each in given.only):
        healthy = import_time.main(runs=5 if given.quick else 25) == 0
        print()
    table, shown = None, ""
    for group, name, make in chosen:
        workload = make()
        kind = "many rules of one kind" if group.startswith("only") else group
        if table is None or kind != shown:
            if table is not None:
                table.end()
            rivals = [each for each in engines if each != OURS and (workload.rivals or each in OWN)]
            table, shown = Table(kind, rivals, growing=workload.grows), kind
        label = f"{group}: {name}" if group.startswith("only") else name
        outcomes, matches = measure(workload, plan, missing)
        table.row(label, outcomes, matches)
        results.add(f"{group} {name}", outcomes, rules=len(workload.rules), matches=matches)
        ours = [each for each in outcomes if each.engine == OURS]
        healthy &= not any(each.wrong or each.note for each in ours)
    if table is not None:
        table.end()
    unstable = list(results.unstable())
    if unstable:
        print("Noisy: processes differ by more than a quarter.")
        print("".join(f"  {line}\n" for line in unstable))
    if not webhooks.FILE.is_file():
        print("Not measured: real webhooks (no ../shared/events beside the checkout).")
    if not given.quick and any(group == CITYLOTS for group, _, _ in chosen) and OURS in engines:
        healthy &= _verify([OURS], [name for group, name, _ in chosen if group == CITYLOTS])
    if given.json is not None:
        results.write(given.json)
    return 0 if healthy else 1


def _verify(engines: list[str], only: list[str]) -> bool:
    if not citylots_counts.AVAILABLE:
        print("Not checked: citylots2 counts (no ../shared/benchmarks beside the checkout).")
        return True
    print("Matches among the 213,068 events of ../shared/benchmarks:", flush=True)
    healthy = True
    for name, engine, verdict, right in citylots_counts.check(engines, only):
        print(f"  {name:28} {engine:12} {verdict}", flush=True)
        healthy &= right or engine != OURS
    return healthy


if __name__ == "__main__":
    sys.exit(main())
