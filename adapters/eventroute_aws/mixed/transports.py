"""Which service carries which source, and what that makes of a topology."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from eventroute.errors import UnsupportedError
from eventroute.pattern.narrow import sources_of
from eventroute.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.topology import Route, Subscription

__all__ = ["Transport", "Transports"]

Transport: TypeAlias = Literal["sns", "eventbridge"]


@dataclass(frozen=True, slots=True)
class Transports:
    """The service of each source.

    :ivar default: of every source that is not among the others.
    """

    default: Transport
    sources: Mapping[str, Transport] = field(default_factory=dict)

    def of(self, source: str) -> Transport:
        """The service that carries a source."""
        return self.sources.get(source, self.default)

    def split(self, topology: Topology) -> dict[Transport, Topology]:
        """What must exist on each service. A subscription that several sources feed is on both.

        :raises UnsupportedError: an ordered subscription has a source that SNS does not carry, or
            a route one that EventBridge does not.
        """
        for one in topology:
            if one.ordered_by is not None and "eventbridge" in self._needed(one):
                raise UnsupportedError(self._unordered(one))
        for route in topology.routes:
            if "sns" in self._needed(route):
                raise UnsupportedError(
                    f"the route {route.name!r} may be for a source that SNS carries, and only "
                    "EventBridge delivers to targets by itself; name sources in its pattern that "
                    'are "eventbridge" in [aws.sources]'
                )
        by_topic = tuple(one for one in topology if "sns" in self._needed(one))
        by_rule = tuple(one for one in topology if "eventbridge" in self._needed(one))
        # Only EventBridge delivers to targets by itself.
        return {"sns": Topology(by_topic), "eventbridge": Topology(by_rule, topology.routes)}

    def _needed(self, one: Subscription | Route) -> frozenset[Transport]:
        named = sources_of(one.pattern)
        carried: set[Transport] = {self.of(source) for source in named or ()}
        if named is None:  # open: for sources, too, that appear later
            carried = {self.default, *self.sources.values()}
        return frozenset(carried)

    def _unordered(self, one: Subscription) -> str:
        named = sources_of(one.pattern)
        if named is None:
            return (
                f"the ordered subscription {one.name!r} does not name its sources, and EventBridge "
                "keeps no order; add them to its pattern, carried by SNS, or leave ordered_by out"
            )
        others = sorted(source for source in named if self.of(source) == "eventbridge")
        entries = ", ".join(f'"{source}" = "sns"' for source in others)
        return (
            f"the subscription {one.name!r} is ordered by {one.ordered_by!r}, and EventBridge, "
            f"which carries {', '.join(map(repr, others))}, keeps no order; set {entries} in "
            "[aws.sources], or leave ordered_by out"
        )
