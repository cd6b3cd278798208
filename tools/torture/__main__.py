"""Kills processes on purpose and counts what is lost; the exit status is 1 if a promise broke.

    python -m tools.torture [--short] [--only NAME]... [--seed N]

A seed decides who is killed and after how much work; what a machine makes of that differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import anyio

from tools.torture.children import TortureError
from tools.torture.scenarios import SCENARIOS, Scale, Scenario
from tools.torture.table import Row, table

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "run_all"]


async def run_all(scenarios: Sequence[Scenario], scale: Scale, seed: int) -> bool:
    """Run scenarios and print what came out; say whether every promise was kept."""
    all_hold = True

    async def one(scenario: Scenario) -> None:
        nonlocal all_hold
        began = time.monotonic()
        try:
            checks = await scenario.judged(scale, seed)
        except TortureError as error:
            all_hold = False
            print(f"{scenario.name}: BROKEN: {error}\n", flush=True)
            return
        all_hold = all_hold and all(check.holds for check in checks)
        row = Row(scenario.name, time.monotonic() - began, checks)
        print(table(row) + "\n", flush=True)

    async with anyio.create_task_group() as beside:
        for scenario in scenarios:
            if scenario.beside:
                beside.start_soon(one, scenario)
        for scenario in scenarios:
            if not scenario.beside:
                await one(scenario)
    return all_hold


def main(arguments: Sequence[str] | None = None) -> int:
    """Run scenarios; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.torture", description=__doc__)
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--short", action="store_true", help="a minute instead of ten")
    parser.add_argument("--only", action="append", choices=names, help="may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    chosen = [one for one in SCENARIOS if not given.only or one.name in given.only]
    scale = Scale.short() if given.short else Scale()
    all_hold = anyio.run(run_all, chosen, scale, given.seed)
    print("every promise was kept" if all_hold else f"BROKEN; seed {given.seed}")
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main())
