"""The members of the objects at one place: named ones, and those whose names are keys of a map."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eventroute.registry.inference.bounds import MAX_NAME_LENGTH, MAX_NAMES
from eventroute.registry.inference.keys import is_key
from eventroute.registry.inference.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.registry.inference.bounds import Room

__all__ = ["MAX_FEW_KEYS", "Members"]

MAX_FEW_KEYS: Final = 2
"""Names that look like keys, and are so few that they may be members after all."""


@dataclass(slots=True)
class Members:
    """A summary that does not depend on the order of what it summarises, while there is room.

    All values under names that look like keys share one place from the first of them on, so that a
    map costs no more than one member. Once there are more than `MAX_NAMES` others, they share it as
    well.

    :ivar objects: how many were seen.
    :ivar named: what was seen under each name; everything that was.
    :ivar shared: what was seen under every other name; ``None`` where `partial`.
    :ivar keys: how often each key was seen, while they are few; else ``None``.
    :ivar is_map: whether every name is taken for a key.
    :ivar partial: whether there was no room for some name; then nothing is known of names that are
        not in ``named``.
    """

    objects: int = 0
    named: dict[str, Place] = field(default_factory=dict)
    shared: Place | None = None
    keys: dict[str, int] | None = field(default_factory=dict)
    is_map: bool = False
    partial: bool = False

    def add(self, value: Mapping[str, object], room: Room, depth: int) -> None:
        """Take one object in; ``depth`` is its own."""
        self.objects += 1
        for name, member in value.items():
            place = self._place(name, room, depth)
            if place is not None:
                place.add(member, room, depth + 1)

    def merge(self, other: Members, room: Room, depth: int) -> None:
        """Take in what another has seen, which stays as it is."""
        self.objects += other.objects
        either_partial = self.partial or other.partial
        names = len(self.named.keys() | other.named.keys())
        if self.is_map or other.is_map or (names > MAX_NAMES and not either_partial):
            self._become_map(room, depth)
            if other.partial:
                self._give_up(room)
            for place in (*other.named.values(), other.shared):
                if place is not None and self.shared is not None:
                    self.shared.merge(place, room, depth + 1)
            return
        if other.partial:
            # Under a name that the other does not know it may have seen anything.
            for name in self.named.keys() - other.named.keys():
                room.give(1 + self.named.pop(name).size())
            self._give_up(room)
        for name, place in other.named.items():
            mine = self._named(name, room)
            if mine is not None:
                mine.merge(place, room, depth + 1)
        if other.shared is not None:
            self._count_keys(other.keys)
            shared = self._shared(room)
            if shared is not None:
                shared.merge(other.shared, room, depth + 1)

    def size(self) -> int:
        """How many places there are."""
        shared = 0 if self.shared is None else 1 + self.shared.size()
        return shared + sum(1 + place.size() for place in self.named.values())

    @property
    def required(self) -> list[str]:
        """Names that every object had."""
        counts = {name: place.count for name, place in self.named.items()} | (self.keys or {})
        return sorted(name for name, count in counts.items() if count == self.objects)

    def _place(self, name: str, room: Room, depth: int) -> Place | None:
        known = self.named.get(name)
        if known is not None:
            return known
        if self.is_map:
            return self.shared
        if not self.partial:
            if is_key(name):
                self._count_keys({name: 1} if len(name) <= MAX_NAME_LENGTH else None)
                return self._shared(room)
            if len(self.named) >= MAX_NAMES:
                self._become_map(room, depth)
                return self.shared
        return self._named(name, room)

    def _named(self, name: str, room: Room) -> Place | None:
        if name not in self.named and not self.partial:
            if room.take():
                self.named[name] = Place()
            else:
                self._give_up(room)
        return self.named.get(name)

    def _shared(self, room: Room) -> Place | None:
        if self.shared is None and not self.partial:
            if room.take():
                self.shared = Place()
            else:
                self._give_up(room)
        return self.shared

    def _count_keys(self, more: Mapping[str, int] | None) -> None:
        if self.keys is None or more is None:
            self.keys = None
            return
        for key, count in more.items():
            self.keys[key] = self.keys.get(key, 0) + count
        if len(self.keys) > MAX_FEW_KEYS:
            self.keys = None

    def _become_map(self, room: Room, depth: int) -> None:
        self.is_map, self.keys = True, None
        while self.named:
            _, place = self.named.popitem()
            room.give(1 + place.size())
            shared = self._shared(room)
            if shared is not None:
                shared.merge(place, room, depth + 1)
        self._shared(room)

    def _give_up(self, room: Room) -> None:
        """Keep what is known of each name for certain, and nothing of any other."""
        if self.shared is not None:
            room.give(1 + self.shared.size())
        self.shared, self.keys, self.partial = None, None, True
