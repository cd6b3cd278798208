"""How often each rule matches in the shared data set, which lies beside some checkouts.

`generate_citylots2.py` there makes 213,068 events for which `citylots2_rulesets.json` states how
often each of its rules matches. Engines are held to these counts, which others have computed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from benchmarks.rivals import ROOT
from benchmarks.run import run_job, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["AVAILABLE", "RULE_SETS", "check"]

_SHARED: Final = ROOT.parent / "shared" / "benchmarks"
RULE_SETS: Final = _SHARED / "citylots2_rulesets.json"
_GENERATOR: Final = _SHARED / "generate_citylots2.py"
_EVENTS: Final = ROOT / ".cache" / "benchmarks" / "citylots2.jsonl"
AVAILABLE: Final = RULE_SETS.is_file() and _GENERATOR.is_file()
_PATIENCE: Final = 120.0


def check(engines: list[str], only: list[str]) -> Iterator[tuple[str, str, str, bool]]:
    """Rule set, engine, verdict, and whether it counts every rule right; takes minutes."""
    sets: dict[str, dict[str, Any]] = json.loads(RULE_SETS.read_text())
    chosen = {name: each for name, each in sets.items() if not only or name in only}
    for engine in engines:
        for name, each in chosen.items():
            verdict, right = _verdict(engine, each["rules"], each["matches"])
            yield name, engine, verdict, right


def _verdict(engine: str, rules: list[dict[str, Any]], matches: list[int]) -> tuple[str, bool]:
    start = perf_counter()
    with written(rules, [], []) as folder:
        (folder / "events.jsonl").unlink()
        (folder / "events.jsonl").symlink_to(_events())
        result = run_job(engine, folder, _PATIENCE, {"do": "count"})
    counts = result.get("counts")
    if counts is None:
        return str(result.get("cannot") or result.get("over")), False
    wrong = [
        f"rule {number}: {got:,}, not {expected:,}"
        for number, (got, expected) in enumerate(zip(counts, matches, strict=True))
        if got != expected
    ]
    if wrong:
        return (
            f"wrong: {'; '.join(wrong[:3])}{f' and {len(wrong) - 3} more' if wrong[3:] else ''}",
            False,
        )
    return f"right ({perf_counter() - start:.0f} s)", True


def _events() -> Path:
    if not _EVENTS.is_file():
        print("generating 213,068 events (175 MB) into .cache/benchmarks", flush=True)
        _EVENTS.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _EVENTS.with_suffix(".part")
        subprocess.run(
            [sys.executable, _GENERATOR, unfinished], check=True, stdout=subprocess.DEVNULL
        )
        unfinished.rename(_EVENTS)
    return _EVENTS
