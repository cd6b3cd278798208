"""A review as Markdown, for the comment on a pull request.

Names and sentences hold what strangers wrote, such as names of event types. No character of them
is left that Markdown, HTML or a forge's mentions would give a meaning.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from eventroute.cli.output import printable
from eventroute.cli.schema.review_words import (
    casting,
    headline,
    reason,
    remedy,
    summary,
    verdict,
    witness_text,
)
from eventroute.impact import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.impact import Effect, Review, Reviewed
    from eventroute.registry import Mode

__all__ = ["markdown"]

_MOST_CHANGES: Final = 50
_MOST_EFFECTS: Final = 100
_MOST_CHARACTERS: Final = 4_000
_MARKS: Final = {
    "breaks": "❌ breaks",
    "unknown": "❔ unknown",
    "cast": "✅ cast",
    "compatible": "✅ compatible",
    "ok": "✅",
}
# An underscore inside a word is one; a colon before a space begins no address.
_UNSAFE: Final = re.compile(r"""[^\w ,.;:/()"'\-]|:(?![ ]|$)|(?<![^\W_])_|_(?![^\W_])|www(?=\.)""")


def markdown(review: Review, register: str, mode: Mode | None) -> str:
    """Write a heading, a table of the contracts, and a folded part for each that changed.

    :param register: the command that registers what the application declares.
    :param mode: what ``--mode`` said.
    """
    parts = ["## Contracts", "", text(summary(review)), ""]
    if review.entries:
        parts += ["| event type | version | verdict | what happened |", "| --- | --- | --- | --- |"]
        parts += [_row(entry) for entry in review.entries]
        parts.append("")
    for entry in review.entries:
        if entry.status not in (Status.UNCHANGED, Status.UNDECLARED):
            parts += _details(entry, register, mode)
    return "\n".join(parts).rstrip("\n")


def text(given: str) -> str:
    """Text that stands for itself, wherever in a line of Markdown."""
    return _UNSAFE.sub(_escaped, printable(given))


def _escaped(found: re.Match[str]) -> str:
    if found[0].isalpha():
        return f"&#{ord(found[0][0])};{found[0][1:]}"
    code = f"&#{ord(found[0])};"
    # A word joiner: forges look for mentions once references to characters are resolved.
    return f"{code}&#8288;" if found[0] in "@#" else code


def code(given: str) -> str:
    """The same in a fixed width, in which no mention is looked for."""
    return f"<code>{text(given)}</code>"


def _row(entry: Reviewed) -> str:
    name = code(f"{entry.topic}/{entry.type}")
    return f"| {name} | {entry.version} | {_MARKS[verdict(entry)]} | {text(headline(entry))} |"


def _details(entry: Reviewed, register: str, mode: Mode | None) -> Iterator[str]:
    shown = " open" if entry.breaks else ""
    name = code(f"{entry.topic}/{entry.type}/{entry.version}")
    yield f"<details{shown}><summary>{name}: {text(headline(entry))}</summary>"
    yield ""
    advice, command = remedy(entry, register, mode)
    if advice:
        said = text(f"{advice[0].upper()}{advice[1:]}")
        yield from (f"{said}: {code(command)}" if command else f"{said}.", "")
    judged = entry.judged
    if judged is not None:
        yield from _listed(
            [f"{code(one.pointer or '/')} {text(one.text)}" for one in judged.changes]
        )
        told = witness_text(entry)
        if told:
            yield from (text(f"{told[0].upper()}{told[1:]}:"), "", *_block(judged.witness), "")
            cast = casting(entry)
            if cast:
                yield from (text(f"{cast[0].upper()}{cast[1:]}."), "")
        elif reason(entry):
            yield from (text(reason(entry)), "")
    yield from _impact(entry)
    yield from ("</details>", "")


def _listed(items: list[str]) -> Iterator[str]:
    yield from (f"- {item}" for item in items[:_MOST_CHANGES])
    if len(items) > _MOST_CHANGES:
        yield f"- and {len(items) - _MOST_CHANGES:,} more"
    if items:
        yield ""


def _impact(entry: Reviewed) -> Iterator[str]:
    effects = entry.impact.effects
    if effects:
        yield from ("| subscription | effect | place | why |", "| --- | --- | --- | --- |")
        for effect in effects[:_MOST_EFFECTS]:
            yield _effect(effect)
        yield ""
        if len(effects) > _MOST_EFFECTS:
            yield from (f"And {len(effects) - _MOST_EFFECTS:,} more.", "")
        for effect in effects[:_MOST_EFFECTS]:
            if effect.witness is not None:
                name = code(effect.subscription)
                yield from (f"A detail that {name} refuses:", "", *_block(effect.witness), "")
    if entry.impact.unaffected:
        names = ", ".join(code(name) for name in entry.impact.unaffected)
        yield from (f"Not affected: {names}", "")


def _effect(effect: Effect) -> str:
    mark = "❌ breaks" if effect.severity.value == "breaks" else "⚠️ warns"
    place = code(effect.pointer) if effect.pointer else ""
    told = f"{effect.reason}; {effect.remedy}" if effect.remedy else effect.reason
    return f"| {code(effect.subscription)} | {mark} | {place} | {text(told)} |"


def _block(value: object) -> list[str]:
    """JSON in a fence. No line of JSON begins with a backtick, so nothing in it ends the fence."""
    written = json.dumps(value, ensure_ascii=True, indent=2)
    if len(written) > _MOST_CHARACTERS:
        written = f"{written[:_MOST_CHARACTERS]}\n… ({len(written):,} characters)"
    return ["```json", written, "```"]
