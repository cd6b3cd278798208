"""A review as people read it on a terminal or in a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from eventroute.cli.output import printable
from eventroute.cli.schema.review_words import (
    casting,
    headline,
    reason,
    remedy,
    shown_json,
    summary,
    verdict,
    witness_text,
)
from eventroute.impact import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.cli.output import Output
    from eventroute.impact import Review, Reviewed
    from eventroute.registry import Mode

__all__ = ["show", "show_entry"]

_MOST_CHANGES: Final = 20
_STYLES: Final = {
    "breaks": "red",
    "warns": "yellow",
    "unknown": "yellow",
    "compatible": "green",
    "cast": "green",
}


def show(output: Output, review: Review, register: str, mode: Mode | None) -> None:
    """Print a line for each contract, what changed below it, and what that does.

    :param register: the command that registers what the application declares.
    :param mode: what ``--mode`` said.
    """
    for entry in review.entries:
        advice, command = remedy(entry, register, mode)
        if not (entry.breaks or entry.status in (Status.NEW, Status.ADDED)):
            advice = ""
        show_entry(output, entry, f"{advice}: {command}" if advice and command else advice)
    output.show(printable(summary(review)))


def show_entry(output: Output, entry: Reviewed, advice: str = "") -> None:
    """Print a line for a contract, and below it what to do, what changed and what breaks."""
    name = f"{entry.topic}/{entry.type}/{entry.version}"
    _line(output, name, verdict(entry), headline(entry))
    for line in ([advice] if advice else []) + list(_below(entry)):
        output.show(printable(f"  {line}"))
    for effect in entry.impact.effects:
        place = f"  {effect.subscription} {effect.pointer or ''}".rstrip()
        _line(output, place, effect.severity.value, effect.reason)
        if effect.witness is not None:
            output.show(printable(f"    {shown_json(effect.witness)}"))
        if effect.remedy:
            output.show(printable(f"    {effect.remedy}"))
    if entry.impact.unaffected:
        output.show(printable(f"  unaffected: {', '.join(entry.impact.unaffected)}"))


def _below(entry: Reviewed) -> Iterator[str]:
    judged = entry.judged
    if judged is None:
        return
    for change in judged.changes[:_MOST_CHANGES]:
        yield f"{change.pointer or '/'}  {change.text}"
    if len(judged.changes) > _MOST_CHANGES:
        yield f"and {len(judged.changes) - _MOST_CHANGES:,} more changes"
    shown, cast = witness_text(entry), casting(entry)
    if shown:
        yield f"{shown}: {shown_json(judged.witness)}"
        if cast:
            yield cast
    elif reason(entry):
        yield reason(entry)


def _line(output: Output, place: str, word: str, reason: str) -> None:
    place, reason = printable(place), printable(reason)
    if output.terminal:
        style = _STYLES.get(word, "cyan")
        output.show_rich(Text.assemble((place, "bold"), "  ", (word, style), f"  {reason}"))
    else:
        output.show(f"{place}  {word}  {reason}")
