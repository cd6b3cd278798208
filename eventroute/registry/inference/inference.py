"""A contract for each event type of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eventroute.dialects.modern import LATEST
from eventroute.errors import ContractNotFoundError
from eventroute.registry.contract import Contract
from eventroute.registry.inference.bounds import (
    MAX_IN_ALL,
    MAX_PLACES,
    MAX_TYPES,
    Room,
)
from eventroute.registry.inference.place import Place
from eventroute.registry.inference.rendering import schema_of_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute.envelope import Event

__all__ = ["SAMPLES", "Inference"]

SAMPLES: Final = "x-eventroute-samples"
"""The member of an inferred schema that says from how many events it was inferred."""
_MAX_NAME: Final = 255
"""Characters of a topic or type; a registry on disk holds no longer one."""


@dataclass(slots=True)
class _Seen:
    room: Room = field(compare=False)
    place: Place = field(default_factory=Place)


@dataclass(slots=True)
class Inference:
    """Infers the JSON Schema of ``detail`` for each topic and type, from one event after the other.

    Memory is bounded, however many events come and whatever is in them. Neither their order nor how
    they are divided among several inferences changes what comes out, unless there are more than
    ``max_places``: then some of its members are left undescribed. Every event that was added
    fits the schema of its type.

    Not thread-safe. Of the events themselves it keeps names of members, and few and short texts.

    :ivar max_places: how many members, and members of members, are told apart of one event type; of
        all types together, five times as many.
    :ivar left_out: events that were not looked at, because they are of more than 1,000 types, or
        have names of more than 255 characters, which no registry holds.
    """

    max_places: int = field(default=MAX_PLACES, kw_only=True)
    left_out: int = field(default=0, init=False)
    _seen: dict[tuple[str, str], _Seen] = field(default_factory=dict, init=False, repr=False)
    _room: Room = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._room = Room(MAX_IN_ALL * self.max_places)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Each topic and type that was seen."""
        return iter(sorted(self._seen))

    def add(self, event: Event) -> None:
        """Take one event in."""
        self.add_detail(event.source, event.detail_type, event.detail)

    def add_detail(self, topic: str, type: str, detail: Mapping[str, object]) -> None:  # noqa: A002
        """As :meth:`add`, of an event that was read already.

        :param detail: JSON values, as ``json.loads`` makes them.
        :raises EventError: it holds another value.
        """
        seen = self._of(topic, type)
        if seen is None:
            self.left_out += 1
        else:
            seen.place.add(detail, seen.room, 0)

    def merge(self, other: Inference) -> None:
        """Take in what another inference has seen, which stays as it is."""
        self.left_out += other.left_out
        for (topic, type_), theirs in other._seen.items():
            seen = self._of(topic, type_)
            if seen is None:
                self.left_out += theirs.place.count
            else:
                seen.place.merge(theirs.place, seen.room, 0)

    def __or__(self, other: Inference) -> Inference:
        both = Inference(max_places=self.max_places)
        both.merge(self)
        both.merge(other)
        return both

    def samples(self, topic: str, type: str) -> int:  # noqa: A002  the domain's word
        """How many events of a type were added."""
        seen = self._seen.get((topic, type))
        return 0 if seen is None else seen.place.count

    def schema(self, topic: str, type: str) -> dict[str, object]:  # noqa: A002
        """The JSON Schema that every event of this type fits that was added.

        It is JSON Schema 2020-12; ``x-eventroute-samples`` says how many events there were.

        :raises ContractNotFoundError: there was none.
        """
        seen = self._seen.get((topic, type))
        if seen is None:
            raise ContractNotFoundError(
                f"no event {type[:128]!r} of the topic {topic[:128]!r} was added, so that nothing "
                "can be inferred of it; correct the name"
            )
        return {
            "$schema": LATEST,
            **schema_of_place(seen.place),
            SAMPLES: seen.place.count,
        }

    def contracts(self) -> tuple[Contract, ...]:
        """What was inferred of every type, as contracts of version 1, by topic and type."""
        return tuple(Contract(topic, name, 1, self.schema(topic, name)) for topic, name in self)

    def _of(self, topic: str, type_: str) -> _Seen | None:
        seen = self._seen.get((topic, type_))
        if (
            seen is None
            and len(self._seen) < MAX_TYPES
            and max(len(topic), len(type_)) <= _MAX_NAME
        ):
            seen = self._seen[topic, type_] = _Seen(Room(self.max_places, self._room))
        return seen
