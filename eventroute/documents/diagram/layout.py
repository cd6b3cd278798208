"""Where the boxes of the diagram stand: columns from left to right, without an overlap."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.documents.diagram.graph import Column
from eventroute.documents.diagram.text import LINE, PADDING, Label, label_of

if TYPE_CHECKING:
    from eventroute.documents.diagram.graph import Box, Graph

__all__ = ["Layout", "Placed", "layout"]

MARGIN: Final = 24.0
HEAD: Final = 40.0
"""Height of the line with the names of the columns."""
GUTTER: Final = 64.0
"""Least width between columns, where the edges run."""
_PER_EDGE: Final = 1.5
_MOST_EDGES: Final = 100
GAP: Final = 14.0
_SWEEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its place, in pixels."""

    box: Box
    label: Label
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Half its height."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """The diagram with places.

    :ivar columns: the left edge of each column that has a box.
    """

    placed: dict[str, Placed]
    columns: dict[Column, float]
    width: float
    height: float


def layout(graph: Graph) -> Layout:
    """Find a place for each box: neighbours near each other, and few edges that cross."""
    neighbours = _neighbours(graph)
    columns = _ordered(graph, neighbours)
    placed_in = {box.id: box.column for box in graph.boxes}
    labels = {box.id: label_of(box.lines) for box in graph.boxes}
    heights = {key: len(label.lines) * LINE + 2 * PADDING for key, label in labels.items()}
    tops = _tops(columns, neighbours, heights, _extents(graph, neighbours, heights))
    placed: dict[str, Placed] = {}
    lefts: dict[Column, float] = {}
    edges = Counter(placed_in[source] for source, _ in graph.edges)
    x = right = MARGIN
    for column in Column:
        boxes = columns[column]
        if not boxes:
            continue
        width = max(labels[box.id].width for box in boxes) + 2 * PADDING
        lefts[column] = x
        for box in boxes:
            label = labels[box.id]
            placed[box.id] = Placed(box, label, x, tops[box.id], width, heights[box.id])
        right = x + width
        x = right + GUTTER + _PER_EDGE * min(_MOST_EDGES, edges[column])
    bottom = max((one.y + one.height for one in placed.values()), default=HEAD)
    return Layout(placed, lefts, right + MARGIN, bottom + MARGIN)


def _neighbours(graph: Graph) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in graph.edges:
        found[source].append(target)
        found[target].append(source)
    return found


def _ordered(graph: Graph, neighbours: dict[str, list[str]]) -> dict[Column, list[Box]]:
    """Sort each column by the mean place of what its boxes are connected with, again and again."""
    columns = {column: [box for box in graph.boxes if box.column is column] for column in Column}
    for sweep in range(_SWEEPS):
        back = bool(sweep % 2)
        before = Column.DEAD_LETTERS if back else Column.PUBLISHER
        for column in reversed(Column) if back else Column:
            near = {box.id: place for place, box in enumerate(columns[before])}
            ranks = {
                box.id: _mean([near[key] for key in neighbours.get(box.id, ()) if key in near])
                for box in columns[column]
            }
            if column is not before:
                columns[column] = _sorted(columns[column], ranks)
            before = column
    return columns


def _sorted(boxes: list[Box], ranks: dict[str, float | None]) -> list[Box]:
    """Boxes without a neighbour stay where they are."""
    ranked = [
        (rank, place) for place, box in enumerate(boxes) if (rank := ranks[box.id]) is not None
    ]
    free = iter(sorted(ranked))
    return [box if ranks[box.id] is None else boxes[next(free)[1]] for box in boxes]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _extents(
    graph: Graph, neighbours: dict[str, list[str]], heights: dict[str, float]
) -> dict[str, float]:
    """The height that a box takes in its column: that of the tallest of its row, if it has one."""
    extents = dict(heights)
    for box in graph.boxes:
        if box.column is not Column.CONSUMER:
            continue
        row = [box.id, *neighbours.get(box.id, ())]
        tallest = max(heights[key] for key in row)
        extents.update({key: max(extents[key], tallest) for key in row})
    return extents


def _tops(
    columns: dict[Column, list[Box]],
    neighbours: dict[str, list[str]],
    heights: dict[str, float],
    extents: dict[str, float],
) -> dict[str, float]:
    """The fullest column first, then the others beside what they are connected with."""
    middles: dict[str, float] = {}
    sizes = {column: sum(extents[box.id] + GAP for box in columns[column]) for column in Column}
    first = max(Column, key=lambda column: (sizes[column], -column))
    for number in (*range(first, -1, -1), *range(first + 1, len(Column))):
        boxes = columns[Column(number)]
        wanted: list[float] = []
        for box in boxes:
            near = [middles[key] for key in neighbours.get(box.id, ()) if key in middles]
            mean = _mean(near)
            wanted.append((wanted[-1] if wanted else 0.0) if mean is None else mean)
        middles.update(_apart(boxes, wanted, extents))
    top = min((middles[key] - heights[key] / 2 for key in middles), default=0.0)
    return {key: middle - heights[key] / 2 - top + HEAD + MARGIN for key, middle in middles.items()}


def _apart(boxes: list[Box], wanted: list[float], extents: dict[str, float]) -> dict[str, float]:
    """The middles nearest to the wanted ones that keep the order and overlap nowhere.

    Where each box would stand if none took room must ascend: a least-squares fit, by pooling
    adjacent violators (https://en.wikipedia.org/wiki/Isotonic_regression).
    """
    offsets: list[float] = []
    taken = 0.0
    for box in boxes:
        offsets.append(taken + extents[box.id] / 2)
        taken += extents[box.id] + GAP
    pools: list[tuple[float, int]] = []  # sum, count
    for middle, offset in zip(wanted, offsets, strict=True):
        total, count = middle - offset, 1
        while pools and pools[-1][0] * count > total * pools[-1][1]:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    bases = [total / count for total, count in pools for _ in range(count)]
    return {box.id: base + offset for box, base, offset in zip(boxes, bases, offsets, strict=True)}
