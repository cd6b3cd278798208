"""Tables of a run, as Markdown that a terminal shows well; rows appear as they are measured."""

from __future__ import annotations

from statistics import median, pstdev
from typing import TYPE_CHECKING

from benchmarks.run import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Table"]

OURS = "eventroute"


def middle(outcome: Outcome, what: str) -> float | None:
    """The median over all processes."""
    values = [value for process in outcome.values.get(what, []) for value in process]
    return median(values) if values else None


class Table:
    """The rows of one group of workloads.

    :ivar growing: rows tell about adding, removing and memory, and times an event; other rows
        tell events a second.
    """

    def __init__(self, title: str, rivals: Sequence[str], *, growing: bool) -> None:
        self._growing = growing
        self._rivals = rivals
        self._notes: dict[str, list[str]] = {}
        self._first: dict[str, float] = {}
        unit = "µs" if growing else "events/s"
        columns = [f"{title}, {unit}", "matches", f"{OURS}, bytes", "±", "parsed"]
        if growing:
            columns += ["growth", "first match", "after a change", "add", "add at N"]
            columns += ["remove", "KB/rule"]
        self._widths = [max(38, len(columns[0])), *(max(6, len(each)) for each in columns[1:])]
        self._widths += [max(15, len(rival)) for rival in rivals]
        self._line([*columns, *rivals])
        print("|-" + "-|-".join("-" * width for width in self._widths) + "-|", flush=True)

    def row(self, name: str, outcomes: Sequence[Outcome], matches: float) -> None:
        """Print what the engines did on one workload, named `GROUP: SIZE` or `SIZE`."""
        by_engine = {outcome.engine: outcome for outcome in outcomes}
        ours = by_engine.get(OURS, Outcome(OURS))
        reached = middle(ours, "text")
        first = self._first.setdefault(name.rpartition(":")[0], reached) if reached else None
        cells = [name, f"{matches:,.3g}" if matches < 10 else f"{matches:,.0f}"]
        cells += [self._cell(ours, "text"), _spread(ours), self._speed(middle(ours, "parsed"))]
        if self._growing:
            cells.append(f"{reached / first:.1f}" if reached and first else "")
            for what in ("first", "after a change", "add", "add at N", "remove"):
                cells.append(_microseconds(middle(ours, what)))
            size = middle(ours, "bytes")
            cells.append("" if size is None else f"{size / 1000:.2f}")
        for rival in self._rivals:
            cells.append(self._rival(by_engine[rival], reached) if rival in by_engine else "")
        self._line(cells)
        for outcome in outcomes:
            for trouble in (outcome.wrong, outcome.note):
                if trouble:
                    self._notes.setdefault(f"{outcome.engine}: {trouble}", []).append(name)

    def end(self) -> None:
        """Print what the rows had no room for."""
        for note, names in self._notes.items():
            print(f"  {note} ({', '.join(names)})")
        print(flush=True)

    def _rival(self, outcome: Outcome, ours: float | None) -> str:
        cell = self._cell(outcome, "text")
        theirs = middle(outcome, "text")
        if theirs is None or ours is None or outcome.wrong:
            return cell
        ratio = theirs / ours
        return f"{cell} ({ratio:,.0f}x)" if ratio >= 100 else f"{cell} ({ratio:.3g}x)"

    def _cell(self, outcome: Outcome, what: str) -> str:
        value = middle(outcome, what)
        if value is None:
            over = outcome.note is not None and (
                "added in" in outcome.note or "ended" in outcome.note
            )
            return "too slow" if over else "refuses" if outcome.note else ""
        return f"{self._speed(value)}{' wrong' if outcome.wrong else ''}"

    def _speed(self, seconds: float | None) -> str:
        if seconds is None or self._growing:
            return _microseconds(seconds)
        return f"{1e-3 / seconds:,.1f}k" if seconds > 1e-4 else f"{1e-3 / seconds:,.0f}k"

    def _line(self, cells: Sequence[str]) -> None:
        padded = [cells[0].ljust(self._widths[0])]
        padded += [cell.rjust(w) for cell, w in zip(cells[1:], self._widths[1:], strict=True)]
        print("| " + " | ".join(padded) + " |", flush=True)


def _microseconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    value = seconds * 1e6
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _spread(outcome: Outcome) -> str:
    values = [value for process in outcome.values.get("text", []) for value in process]
    return f"{pstdev(values) / median(values):.0%}" if len(values) > 1 else ""
