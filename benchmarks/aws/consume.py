"""`python -m benchmarks.aws.consume`: what it costs a client to work off an SQS queue."""

from __future__ import annotations

import argparse
import sys

from benchmarks.aws.consumers import ENGINES
from benchmarks.aws.turns import take_turns


def main() -> int:
    """Measure in turns, and print medians; returns 1 where eventroute fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws.consume", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000, help="an engine and process")
    parser.add_argument("--processes", type=int, default=3, help="an engine")
    parser.add_argument("--only", action="append", choices=list(ENGINES), help="may be repeated")
    given = parser.parse_args()
    print(f"{given.events:,} events, medians of {given.processes}\n")
    return take_turns(
        "benchmarks.aws.consumers",
        given.only or list(ENGINES),
        "raw loop",
        given.processes,
        {"events": given.events},
    )


if __name__ == "__main__":
    sys.exit(main())
