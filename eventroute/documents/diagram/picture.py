"""The diagram as an SVG picture that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Final

from eventroute.documents.diagram.graph import Column, graph_of
from eventroute.documents.diagram.layout import MARGIN, layout
from eventroute.documents.diagram.text import LINE, PADDING, legal

if TYPE_CHECKING:
    from eventroute.documents.described import Described
    from eventroute.documents.diagram.layout import Placed

__all__ = ["svg"]

_HEADINGS: Final = {
    Column.PUBLISHER: "publishers",
    Column.TYPE: "event types",
    Column.RULE: "rules",
    Column.CONSUMER: "subscriptions, targets",
    Column.DEAD_LETTERS: "dead letters",
}
_CLASSES: Final = {
    Column.PUBLISHER: "er-publisher",
    Column.TYPE: "er-type",
    Column.RULE: "er-rule",
    Column.CONSUMER: "er-subscription",
    Column.DEAD_LETTERS: "er-letters",
}
_ROUND: Final = {Column.TYPE: 16, Column.RULE: 0}
_NAME: Final = ' class="er-name"'
_BASELINE: Final = 12.5

_ARROW: Final = (
    '<defs><marker id="er-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path class="er-arrow" d="M0 0L8 4L0 8z"/></marker></defs>'
)
_STYLE: Final = """\
.er-page{fill:#ffffff}
.er-box text,.er-heading{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\
"DejaVu Sans Mono",monospace;font-size:12px}
.er-heading{fill:#57606a;font-weight:bold}
.er-box text{fill:#1f2328}
.er-box .er-name{font-weight:bold}
.er-box rect{stroke-width:1.5;fill:#f6f8fa;stroke:#6e7781}
.er-publisher rect{fill:#ddf4ff;stroke:#0969da}
.er-type rect{fill:#fff8c5;stroke:#9a6700}
.er-rule rect{fill:#fbefff;stroke:#8250df;stroke-dasharray:5 3}
.er-subscription rect{fill:#dafbe1;stroke:#1a7f37}
.er-target rect{fill:#fff1e5;stroke:#bc4c00}
.er-letters rect{fill:#ffebe9;stroke:#cf222e}
.er-edge{fill:none;stroke:#57606a;stroke-width:1.3}
.er-arrow{fill:#57606a}
@media (prefers-color-scheme:dark){
.er-page{fill:#0d1117}
.er-heading{fill:#9198a1}
.er-box text{fill:#f0f6fc}
.er-box rect{fill:#161b22;stroke:#8b949e}
.er-publisher rect{fill:#0c2d6b;stroke:#58a6ff}
.er-type rect{fill:#3b2300;stroke:#d29922}
.er-rule rect{fill:#2d1656;stroke:#bc8cff}
.er-subscription rect{fill:#04260f;stroke:#3fb950}
.er-target rect{fill:#3d1300;stroke:#f0883e}
.er-letters rect{fill:#490202;stroke:#f85149}
.er-edge{stroke:#8b949e}
.er-arrow{fill:#8b949e}
}
"""


def svg(described: Described) -> str:
    """Draw the diagram of an application, in columns from the publishers to the dead letters.

    :returns: an XML document that may stand in an HTML page, too; the same text for the same
        application.
    """
    graph = graph_of(described)
    plan = layout(graph)
    numbers = {key: f"er-{number}" for number, key in enumerate(plan.placed, 1)}
    width, height = _pixels(max(plan.width, 240)), _pixels(plan.height)
    counts = Counter(box.column for box in graph.boxes)
    about = ", ".join(f"{_HEADINGS[column]}: {counts[column]}" for column in plan.columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="er-diagram" {_size(width, height)}',
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="er-title er-about">',
        f'<title id="er-title">Topology of {_text(described.title)}</title>',
        f'<desc id="er-about">{about}</desc>',
        f"<style>{_STYLE}</style>",
        _ARROW,
        f'<rect class="er-page" {_size(width, height)}/>',
    ]
    parts += [
        f'<text class="er-heading" x="{_pixels(x)}" y="{_pixels(MARGIN + 12)}">'
        f"{_HEADINGS[column]}</text>"
        for column, x in plan.columns.items()
    ]
    parts += [
        f'<path class="er-edge" data-from="{numbers[source]}" data-to="{numbers[target]}" '
        f'd="{_curve(plan.placed[source], plan.placed[target])}" marker-end="url(#er-head)"/>'
        for source, target in graph.edges
    ]
    parts += [_drawn(one, numbers[key]) for key, one in plan.placed.items()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(one: Placed, number: str) -> str:
    kind = "er-target" if one.box.is_target else _CLASSES[one.box.column]
    x = _pixels(one.x + PADDING)
    lines = [
        f'<text x="{x}" y="{_pixels(one.y + PADDING + place * LINE + _BASELINE)}"'
        f"{_NAME if is_name else ''}>{_text(line)}</text>"
        for place, (line, is_name) in enumerate(one.label.lines)
    ]
    size = _size(_pixels(one.width), _pixels(one.height))
    rx = _ROUND.get(one.box.column, 5)
    return (
        f'<g id="{number}" class="er-box {kind}"><title>{_text(one.label.whole)}</title>'
        f'<rect x="{_pixels(one.x)}" y="{_pixels(one.y)}" {size} rx="{rx}"/>'
        f"{''.join(lines)}</g>"
    )


def _curve(source: Placed, target: Placed) -> str:
    begin, end = source.x + source.width, target.x
    bend = (end - begin) / 2
    points = (
        (begin, source.middle),
        (begin + bend, source.middle),
        (end - bend, target.middle),
        (end, target.middle),
    )
    first, *others = (f"{_pixels(x)} {_pixels(y)}" for x, y in points)
    return f"M{first}C{' '.join(others)}"


def _size(width: str, height: str) -> str:
    return f'width="{width}" height="{height}"'


def _pixels(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return escape(legal(text), quote=True)
