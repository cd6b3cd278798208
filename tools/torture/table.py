"""Figures for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.torture.check import Check

__all__ = ["Row", "table"]


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario that was run."""

    name: str
    seconds: float
    checks: Sequence[Check]


def table(row: Row) -> str:
    """One line a figure: what, measured, promised, and whether that was kept."""
    width = max(len(check.what) for check in row.checks)
    lines = [f"{row.name} ({row.seconds:.0f} s)"]
    for check in row.checks:
        verdict = "" if not check.promised else "ok" if check.holds else "BROKEN"
        figures = f"{check.measured:>11,}  {check.promised:<16} {verdict}"
        lines.append(f"  {check.what:<{width}}  {figures}".rstrip())
        if not check.holds:
            lines += [f"      {example}" for example in check.examples]
    return "\n".join(lines)
