"""What a run of ``eventroute route`` counts, and how it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute.cli.output import Output

__all__ = ["Tally"]


class Tally:
    """Counts per rule.

    :ivar events: events that were read.
    :ivar unmatched: events that no rule matched.
    :ivar bad_lines: lines that hold no event.
    """

    def __init__(self, rules: Iterable[str]) -> None:
        self.events = 0
        self.unmatched = 0
        self.bad_lines = 0
        self._matched = dict.fromkeys(rules, 0)

    def count(self, rules: Sequence[str]) -> None:
        """Count one event and the rules it matched."""
        self.events += 1
        self.unmatched += not rules
        for rule in rules:
            self._matched[rule] += 1

    def show(self, output: Output) -> None:
        """Print the table and a line of totals."""
        rows = [(rule, f"{count:,}", self._share(count)) for rule, count in self._matched.items()]
        output.show_table(("rule", "matched", "share"), rows)
        output.show(
            f"{_counted(self.events, 'event')}, {self.unmatched:,} unmatched, "
            f"{_counted(self.bad_lines, 'bad line')}"
        )

    def to_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "events": self.events,
            "unmatched": self.unmatched,
            "bad_lines": self.bad_lines,
            "rules": self._matched,
        }

    def _share(self, count: int) -> str:
        return f"{count / self.events:.1%}" if self.events else "-"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
