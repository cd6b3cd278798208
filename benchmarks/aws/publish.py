"""`python -m benchmarks.aws.publish`: what it costs a client to publish an event to SNS."""

from __future__ import annotations

import argparse
import sys

from benchmarks.aws.publishers import ENGINES
from benchmarks.aws.turns import take_turns


def main() -> int:
    """Measure in turns, and print medians; returns 1 where eventroute fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws.publish", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="an engine and process")
    parser.add_argument("--callers", type=int, default=100, help="tasks that publish")
    parser.add_argument("--processes", type=int, default=3, help="an engine")
    parser.add_argument("--only", action="append", choices=list(ENGINES), help="may be repeated")
    given = parser.parse_args()
    print(f"{given.events:,} events, {given.callers} callers, medians of {given.processes}\n")
    return take_turns(
        "benchmarks.aws.publishers",
        given.only or list(ENGINES),
        "raw batches",
        given.processes,
        {"events": given.events, "callers": given.callers},
    )


if __name__ == "__main__":
    sys.exit(main())
