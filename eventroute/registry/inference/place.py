"""What was seen at one place of the events of a type, and below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eventroute.errors import EventError
from eventroute.registry.inference.bounds import MAX_DEPTH
from eventroute.registry.inference.texts import Texts
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from eventroute.registry.inference.bounds import Room
    from eventroute.registry.inference.members import Members

__all__ = ["Place"]

_KINDS: Final[dict[type, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


@dataclass(slots=True)
class Place:
    """A summary that does not depend on the order of what it summarises.

    :ivar count: how many values were seen.
    :ivar kinds: their types, as JSON Schema calls them; ``number`` is one written with a fraction.
    :ivar members: of the objects among them; ``None`` where there are none, or they are not looked
        into.
    :ivar items: of the arrays, as ``members``.
    :ivar items_unknown: whether some element was not looked at.
    :ivar members_unknown: whether some object was not.
    """

    count: int = 0
    kinds: set[str] = field(default_factory=set)
    texts: Texts | None = None
    members: Members | None = None
    items: Place | None = None
    members_unknown: bool = False
    items_unknown: bool = False

    def add(self, value: object, room: Room, depth: int) -> None:
        """Take one value in.

        :param depth: of the value: 0 is the whole detail.
        :raises EventError: it is no JSON value.
        """
        kind = _KINDS.get(type(value))
        if kind is None:
            raise EventError(f"a {type(value).__name__} is no JSON value, as json.loads makes them")
        self.count += 1
        self.kinds.add(kind)
        if isinstance(value, str):
            if self.texts is None:
                self.texts = Texts()
            self.texts.add(value)
        elif is_object(value):
            members = self._members(depth)
            if members is not None:
                members.add(value, room, depth)
        elif is_array(value) and value:
            items = self._items(room, depth)
            if items is not None:
                for element in value:
                    items.add(element, room, depth + 1)

    def merge(self, other: Place, room: Room, depth: int) -> None:
        """Take in what another place has seen, which stays as it is."""
        self.count += other.count
        self.kinds |= other.kinds
        if other.texts is not None:
            if self.texts is None:
                self.texts = Texts()
            self.texts.merge(other.texts)
        if other.members_unknown:
            self._forget_members(room)
        if other.members is not None:
            members = self._members(depth)
            if members is not None:
                members.merge(other.members, room, depth)
        if other.items_unknown:
            self._forget_items(room)
        if other.items is not None:
            items = self._items(room, depth)
            if items is not None:
                items.merge(other.items, room, depth + 1)

    def size(self) -> int:
        """How many places there are below this one."""
        below = 0 if self.items is None else 1 + self.items.size()
        return below if self.members is None else below + self.members.size()

    def _members(self, depth: int) -> Members | None:
        if self.members is None and depth >= MAX_DEPTH:
            self.members_unknown = True
        if self.members is None and not self.members_unknown:
            from eventroute.registry.inference.members import Members  # noqa: PLC0415  a circle

            self.members = Members()
        return self.members

    def _items(self, room: Room, depth: int) -> Place | None:
        if self.items is None and not self.items_unknown:
            if depth < MAX_DEPTH and room.take():
                self.items = Place()
            else:
                self.items_unknown = True
        return self.items

    def _forget_members(self, room: Room) -> None:
        if self.members is not None:
            room.give(self.members.size())
        self.members, self.members_unknown = None, True

    def _forget_items(self, room: Room) -> None:
        if self.items is not None:
            room.give(1 + self.items.size())
        self.items, self.items_unknown = None, True
