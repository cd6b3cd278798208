"""`python -m benchmarks.aws.publish`: what it costs a client to publish an event."""

from __future__ import annotations

import argparse
import sys

from benchmarks.aws import bus_publishers, publishers
from benchmarks.aws.turns import take_turns

SERVICES = {"sns": publishers, "eventbridge": bus_publishers}


def main() -> int:
    """Measure in turns, and print medians; returns 1 where eventroute fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws.publish", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="an engine and process")
    parser.add_argument("--callers", type=int, default=100, help="tasks that publish")
    parser.add_argument("--processes", type=int, default=3, help="an engine")
    parser.add_argument("--to", choices=list(SERVICES), default="sns")
    engines = dict.fromkeys([*publishers.ENGINES, *bus_publishers.ENGINES])
    parser.add_argument("--only", action="append", choices=list(engines), help="may be repeated")
    given = parser.parse_args()
    service = SERVICES[given.to]
    print(f"{given.events:,} events, {given.callers} callers, medians of {given.processes}\n")
    return take_turns(
        service.__name__,
        given.only or list(service.ENGINES),
        "raw batches",
        given.processes,
        {"events": given.events, "callers": given.callers},
    )


if __name__ == "__main__":
    sys.exit(main())
