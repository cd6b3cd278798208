"""What an object will hold, and the ways to change that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventroute.registry.inclusion.formula import Signed

__all__ = ["Plan", "Way"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to meet a demand.

    :ivar name: of the member; ``None`` for a name that no test mentions.
    :ivar absent: whether it is met by leaving the member out.
    :ivar named: what such an unmentioned name must fit.
    :ivar wanted: what the member's value must fit.
    """

    name: str | None
    wanted: tuple[Signed, ...] = ()
    named: tuple[Signed, ...] = ()
    absent: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What the object will hold.

    :ivar extra: the members that it has, and what is asked of each beyond the tests of all.
    :ivar absent: names that it has not.
    :ivar fresh: members with names that no test mentions.
    """

    extra: dict[str, tuple[Signed, ...]] = field(default_factory=dict[str, "tuple[Signed, ...]"])
    absent: frozenset[str] = frozenset()
    fresh: tuple[Way, ...] = ()
    sure: bool = True

    def going(self, way: Way) -> Plan | None:
        """The plan that goes this way, too; ``None`` where it goes another way already."""
        sure = self.sure and way.sure
        if way.name is None:
            return Plan(self.extra, self.absent, (*self.fresh, way), sure)
        if way.absent:
            if way.name in self.extra:
                return None
            return Plan(self.extra, self.absent | {way.name}, self.fresh, sure)
        if way.name in self.absent:
            return None
        extra = {**self.extra, way.name: (*self.extra.get(way.name, ()), *way.wanted)}
        return Plan(extra, self.absent, self.fresh, sure)
