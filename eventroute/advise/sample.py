"""Counts typical events, to know how many of them each subscription gets."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from eventroute.advise.claims import LARGEST
from eventroute.advise.filters import Filters, names_of, of_aws
from eventroute.advise.traffic import Spread, Traffic, as_given, told_given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.advise.claims import Service
    from eventroute.topology import Topology

__all__ = ["Sample"]

_EVERY: Final[frozenset[Service]] = frozenset(LARGEST)


class Sample:
    """Counts events, one by one; keeps none of them."""

    def __init__(self, topology: Topology) -> None:
        self._declared = declared = (*topology, *topology.routes)
        self._filters = [(Filters(one), Filters(one, claims=_EVERY)) for one in declared]
        self._sources: Counter[str | None] = Counter()
        self._counts = {name: [0, 0, 0, 0, 0, 0, 0] for name in names_of(topology)}
        self._bytes = 0
        self.events = 0

    def add(self, event: Mapping[str, Any], size: int) -> None:
        """Count an event.

        :param event: an envelope, as JSON values.
        :param size: bytes of its text.
        :raises EventRouteError: it makes a search explode.
        """
        source = str(event["source"])
        own = not of_aws(source)
        rows: list[tuple[str, tuple[bool, ...]]] = []
        for one, claimed in self._filters:
            matched = one.pattern.matches(event)
            reached = one.reached_on_sns(source)
            row = (
                matched,
                matched and own,
                reached and one.sns.passes(event),
                one.eventbridge_passes(event),
                reached,
                reached and claimed.sns.passes(event),
                claimed.eventbridge_passes(event),
            )
            rows.append((one.name, row))
        for name, flags in rows:  # of an event that failed, nothing is counted
            counts = self._counts[name]
            for place, counted in enumerate(flags):
                counts[place] += counted
        self._sources[source] += 1
        self._bytes += size
        self.events += 1

    @property
    def names(self) -> set[str]:
        """The subscriptions and routes that it counts for."""
        return set(self._counts)

    def _of(self, name: str, claims: frozenset[Service]) -> Filters:
        one = next(one for one in self._declared if one.name == name)
        return Filters(one, claims=claims)

    @property
    def mean_size(self) -> int:
        """Bytes of an event, on average, rounded up."""
        return -(-self._bytes // max(1, self.events))

    def traffic(self, given: Mapping[str, Fraction], *, claims: frozenset[Service]) -> Traffic:
        """What was counted; a share that is given counts more than the sample.

        :param given: by the name of the subscription, the share of all events that match it.
        :param claims: the services that events are too large for.
        """
        spreads: dict[str, Spread] = {}
        for plain, _ in self._filters:
            counts = self._counts[plain.name]
            matched, own, by_sns, by_rule, reached, by_sns_claim, by_rule_claim = (
                Fraction(count, self.events) for count in counts
            )
            by_sns = by_sns_claim if "sns" in claims else by_sns
            by_rule = by_rule_claim if "eventbridge" in claims else by_rule
            spreads[plain.name] = Spread(matched, own, by_sns, by_rule, reached, "sample")
            if plain.name in given:
                spreads[plain.name] = as_given(
                    given[plain.name], spreads[plain.name], self._of(plain.name, claims)
                )
        sources = {name: Fraction(n, self.events) for name, n in self._sources.items()}
        events = "event" if self.events == 1 else "events"
        told = [f"shares were counted in a sample of {self.events:,} {events}"]
        if given:
            told.append(told_given(given))
        return Traffic(sources, spreads, tuple(told))
