"""Which rules of a file an event matches, and which it nearly does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.cli.output import printable
from eventroute.pattern import NearMiss, PatternIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute.cli.output import Output
    from eventroute.pattern import EventLike, Pattern

__all__ = ["show_nearest"]


def show_nearest(
    output: Output,
    rules: Mapping[str, Pattern],
    event: EventLike,
    limit: int,
    *,
    as_json: bool,
) -> bool:
    """Print them; tell whether any matches.

    :param limit: how many near misses to explain, at most.
    """
    index = PatternIndex[str]()
    for name, pattern in rules.items():
        index.add(name, pattern)
    matched, misses = index.match(event), index.explain(event, limit=limit)
    if as_json:
        output.show_json(
            {"matched": matched, "nearest": [_as_data(miss) for miss in misses]}, indent=2
        )
    else:
        for line in _lines(matched, misses):
            output.show(printable(line))
    return bool(matched)


def _as_data(miss: NearMiss[str]) -> dict[str, object]:
    return {
        "rule": miss.name,
        "met": miss.met,
        "fields": miss.fields,
        "explanation": miss.explanation.to_dict(),
    }


def _lines(matched: list[str], misses: list[NearMiss[str]]) -> Iterator[str]:
    for name in matched:
        yield f"✓ {name} matches"
    if not matched:
        yield "✗ no rule matches"
    for miss in misses:
        yield from str(miss).splitlines()
