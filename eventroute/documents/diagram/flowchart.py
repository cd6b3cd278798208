"""The diagram as Mermaid text, which many sites and editors draw.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.documents.diagram.graph import Column, graph_of
from eventroute.documents.diagram.text import legal

if TYPE_CHECKING:
    from eventroute.documents.described import Described
    from eventroute.documents.diagram.graph import Box

__all__ = ["mermaid"]

_SHAPES: Final = {
    Column.PUBLISHER: ('["', '"]'),
    Column.TYPE: ('(["', '"])'),
    Column.RULE: ('{{"', '"}}'),
    Column.CONSUMER: ('["', '"]'),
    Column.DEAD_LETTERS: ('[("', '")]'),
}
_TARGET: Final = ('[["', '"]]')
_PLAIN: Final = frozenset(" .,:/_-()+=")
_SHOWN: Final = 120
_LINES: Final = 6


def mermaid(described: Described) -> str:
    """Write the diagram of an application: publishers, event types, rules, subscriptions, targets.

    :returns: a flowchart; the same text for the same application.
    """
    graph = graph_of(described)
    numbers = {box.id: f"n{number}" for number, box in enumerate(graph.boxes, 1)}
    boxes = [f"    {numbers[box.id]}{_drawn(box)}" for box in graph.boxes]
    edges = [f"    {numbers[source]} --> {numbers[target]}" for source, target in graph.edges]
    return "\n".join(["flowchart LR", *boxes, *edges]) + "\n"


def _drawn(box: Box) -> str:
    begin, end = _TARGET if box.is_target else _SHAPES[box.column]
    lines = [_escaped(line) for line in box.lines[:_LINES]]
    if len(box.lines) > _LINES:
        lines.append("…")
    return begin + "<br/>".join(lines) + end


def _escaped(text: str) -> str:
    """Write as a number what Mermaid, or the HTML that it makes, might take for more than text."""
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return "".join(
        character if character.isalnum() or character in _PLAIN else f"#{ord(character)};"
        for character in " ".join(legal(text).split()) or " "
    )
