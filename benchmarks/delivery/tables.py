"""Tables of a run, as Markdown that a terminal shows well; rows appear as they are measured."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Table", "middle", "rate", "spread"]


def middle(processes: Sequence[Sequence[float]]) -> float | None:
    """The median of all values of all processes."""
    values = [value for process in processes for value in process]
    return median(values) if values else None


def spread(processes: Sequence[Sequence[float]]) -> str:
    """Half of the range of all values, as a part of their median."""
    values = [value for process in processes for value in process]
    return f"{(max(values) - min(values)) / 2 / median(values):.0%}" if values else ""


def rate(seconds: float | None) -> str:
    """How often a second."""
    return "" if seconds is None else f"{1 / seconds:,.0f}"


class Table:
    """Columns that are named at once, rows that come one by one."""

    def __init__(self, *columns: str) -> None:
        self._widths = [max(42, len(columns[0])), *(max(9, len(each)) for each in columns[1:])]
        self._line(columns)
        rest = "|".join(f"-{'-' * width}:" for width in self._widths[1:])
        print(f"|-{'-' * self._widths[0]}-|{rest}|", flush=True)

    def row(self, *cells: str) -> None:
        """Print a row."""
        self._line(cells)

    def _line(self, cells: Sequence[str]) -> None:
        first, *others = cells
        padded = [first.ljust(self._widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(others, self._widths[1:], strict=True)]
        print("| " + " | ".join(padded) + " |", flush=True)
