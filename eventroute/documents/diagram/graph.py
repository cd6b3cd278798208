"""The diagram as boxes in columns, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from eventroute.documents.described import DescribedSubscription
from eventroute.documents.wording import EVERY_EVENT, alternatives

if TYPE_CHECKING:
    from eventroute.documents.described import Described, DescribedRoute, Reach
    from eventroute.pattern import Pattern

__all__ = ["Box", "Column", "Graph", "graph_of"]


class Column(IntEnum):
    """What stands in a column, from left to right."""

    PUBLISHER = 0
    TYPE = 1
    RULE = 2
    CONSUMER = 3
    DEAD_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Box:
    """One box.

    :ivar id: unique in the graph.
    :ivar lines: what stands in it, the name first.
    :ivar is_target: whether it is where a route leads, and not a subscription.
    """

    id: str
    column: Column
    lines: tuple[str, ...]
    is_target: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes, and edges from a box to one of the next column."""

    title: str
    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str], ...]


def graph_of(described: Described) -> Graph:
    """Draw up the diagram of an application."""
    plan = _Plan()
    for one in described.used_types:
        plan.add(_type_id(one.key), Column.TYPE, one.name, one.topic)
    for publisher in described.publishers:
        box = plan.add(f"publisher {publisher.name}", Column.PUBLISHER, publisher.name)
        for key in publisher.types:
            plan.connect(box, _type_id(key))
    for consumer in described.consumers:
        rule = plan.add(f"rule {consumer.name}", Column.RULE, *_conditions(consumer.pattern))
        for key in consumer.reach.types:
            plan.connect(_type_id(key), rule)
        for topic in _open_topics(consumer.reach):
            lines = ("any type", topic) if topic else ("any type", "of any topic")
            plan.connect(plan.add(f"topic {topic}", Column.TYPE, *lines), rule)
        plan.consumer(consumer, rule)
    return Graph(described.title, tuple(plan.boxes.values()), tuple(plan.edges))


class _Plan:
    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.edges: dict[tuple[str, str], None] = {}

    def add(self, id_: str, column: Column, *lines: str, is_target: bool = False) -> str:
        self.boxes.setdefault(id_, Box(id_, column, lines, is_target))
        return id_

    def connect(self, source: str, target: str) -> None:
        self.edges[source, target] = None

    def consumer(self, one: DescribedSubscription | DescribedRoute, rule: str) -> None:
        if isinstance(one, DescribedSubscription):
            lines = _notes(one)
            box = self.add(f"subscription {one.name}", Column.CONSUMER, one.name, *lines)
        else:
            lines = (one.name, one.kind, one.target)
            box = self.add(f"route {one.name}", Column.CONSUMER, *lines, is_target=True)
        self.connect(rule, box)
        if one.dead_letter_queue is not None:
            # A subscription has its own; several routes may share one.
            letters = self.add(
                f"dead letters {one.dead_letter_queue}", Column.DEAD_LETTERS, one.dead_letter_queue
            )
            self.connect(box, letters)


def _type_id(key: tuple[str, str]) -> str:
    return f"type {len(key[0])} {key[0]} {key[1]}"  # the length, because names may hold anything


def _conditions(pattern: Pattern) -> tuple[str, ...]:
    lines: list[str] = []
    for number, conditions in enumerate(alternatives(pattern)):
        said = " and ".join(conditions) or EVERY_EVENT
        lines.append(f"or {said}" if number else said)
    return tuple(lines)


def _open_topics(reach: Reach) -> tuple[str, ...]:
    """The topics to draw a box for; ``""`` is any. Known types stand for what is open."""
    if reach.types:
        return ()
    return ("",) if reach.any_topic or not reach.open_topics else reach.open_topics


def _notes(one: DescribedSubscription) -> tuple[str, ...]:
    attempts = "1 attempt" if one.retry.attempts == 1 else f"{one.retry.attempts} attempts"
    ordered = "" if one.ordered_by is None else f", ordered by {one.ordered_by}"
    return (attempts + ordered,)
