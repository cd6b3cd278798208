"""Runs every benchmark: ``python -m benchmarks``."""

from __future__ import annotations

import sys

from benchmarks import import_time

if __name__ == "__main__":
    sys.exit(import_time.main(runs=25))
