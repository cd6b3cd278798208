"""What the backend ``aws`` costs: some sources on SNS, the others on EventBridge."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.advise.case import DELAYED, Case
from eventroute.advise.eventbridge import assess_eventbridge
from eventroute.advise.filters import of_aws
from eventroute.advise.findings import Deliveries, Gap
from eventroute.advise.report import BackendAdvice
from eventroute.advise.sns import assess_sns
from eventroute.advise.traffic import Spread, Traffic
from eventroute.topology import Topology

if TYPE_CHECKING:
    from decimal import Decimal

    from eventroute.advise.filters import Filters

__all__ = ["assess_aws"]

Source: TypeAlias = str | None
Group: TypeAlias = frozenset[Source]
_NONE = Fraction(0)
_MOST_MOVES: Final = 30
"""Groups of sources that are tried on the other service: each takes an assessment of everything."""


def assess_aws(case: Case) -> BackendAdvice:
    """Assess the cheapest split by source that is found; one that fits, if there is one.

    Sources that one pattern names stay together, so that each subscription takes the events of the
    application from one service.
    """
    groups = _groups(case)
    ordered = [filters.sources for one, filters, _ in case.each() if one.ordered_by is not None]
    routed = [filters.sources for _, filters, _ in case.routes()]
    forced = {group for group in groups if any(_meets(group, named) for named in ordered)}
    barred = {group for group in groups if any(_meets(group, named) for named in routed)}
    free = [group for group in groups if group not in forced | barred]
    tried = [(_split(case, some), some) for some in (forced, forced | set(free))]
    best, on_sns = min(tried, key=lambda one: _rank(one[0]))
    for group in free[:_MOST_MOVES]:
        moved = on_sns ^ {group}
        other = _split(case, moved)
        if _rank(other) < _rank(best):
            best, on_sns = other, moved
    return best


def _rank(one: BackendAdvice) -> tuple[bool, Decimal]:
    return (not one.fits, one.monthly)


def _meets(group: Group, named: frozenset[str] | None) -> bool:
    return named is None or not group.isdisjoint(named)


def _groups(case: Case) -> list[Group]:
    """Sources of the application that must be on the same service, or a pattern would need both."""
    names = {name for one in case.filters.values() for name in one.sources or ()}
    known = {name for name in (*case.traffic.sources, *names) if not of_aws(name)}
    groups: list[Group] = [frozenset({name}) for name in sorted(known, key=str)]
    for one in case.filters.values():
        met = [group for group in groups if _meets(group, one.sources)]
        if len(met) > 1:
            groups = [group for group in groups if group not in met]
            groups.append(frozenset[Source]().union(*met))
    return groups


def _split(case: Case, on_sns: set[Group]) -> BackendAdvice:
    known = {
        *case.traffic.sources,
        *(s for one in case.filters.values() for s in one.sources or ()),
    }
    carried: Group = frozenset[Source]().union(*on_sns)
    first = _half(case, carried, sns=True)
    second = _half(case, frozenset(known) - carried, sns=False)
    shared = {one.name for one in first.topology} & {one.name for one in second.topology}
    # The tier of SQS is given once, and each queue polled once.
    second = replace(
        second, load=replace(case.load, free_tier=False), polled_elsewhere=len(shared) + DELAYED
    )
    by_topic, by_rule = assess_sns(first), assess_eventbridge(second)
    return BackendAdvice(
        "aws",
        (*by_topic.bill, *by_rule.bill),
        by_topic.one_by_one + by_rule.one_by_one,
        (*by_topic.quotas, *by_rule.quotas),
        (_told(carried), *dict.fromkeys((*by_topic.gaps, *by_rule.gaps))),
        _together((*by_topic.deliveries, *by_rule.deliveries)),
    )


def _told(carried: Group) -> Gap:
    names = sorted(name for name in carried if name is not None)
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    what = f"SNS carries {', '.join(names[:3]) or 'no source that is named'}{more}"
    return Gap("note", what, "the cheapest split that was found", "set aws.sources")


def _half(case: Case, carried: Group, *, sns: bool) -> Case:
    """The application as one service sees it."""
    filters: dict[str, Filters] = {}
    spreads: dict[str, Spread] = {}
    for one, found, spread in case.declared():
        if not _meets(carried, found.sources) or not carried:
            continue
        filters[one.name] = mine = copy(found)
        mine.sources = None if found.sources is None else found.sources & carried
        spreads[one.name] = _of_sns(spread) if sns else _of_rules(spread, carried, found)
    topology = Topology(
        tuple(one for one in case.topology if one.name in filters),
        tuple(one for one in case.topology.routes if one.name in filters),
    )
    sources = {name: part for name, part in case.traffic.sources.items() if name in carried}
    whole = sum(sources.values(), start=_NONE)
    return Case(topology, case.load, Traffic(sources, spreads), filters, whole)


def _of_sns(spread: Spread) -> Spread:
    return replace(spread, matched=spread.matched_own, eventbridge=_NONE)


def _of_rules(spread: Spread, carried: Group, found: Filters) -> Spread:
    own = found.sources is None or any(not of_aws(name) for name in found.sources)
    if not own or any(
        not of_aws(name) and _meets(frozenset({name}), found.sources) for name in carried
    ):
        return spread
    rest = spread.matched - spread.matched_own  # its own events come by SNS
    return Spread(rest, _NONE, _NONE, rest, _NONE, spread.origin)


def _together(every: tuple[Deliveries, ...]) -> tuple[Deliveries, ...]:
    found: dict[str, Deliveries] = {}
    for one in every:
        known = found.get(one.subscription)
        found[one.subscription] = (
            one
            if known is None
            else replace(
                known,
                matched=known.matched + one.matched,
                delivered=known.delivered + one.delivered,
                saved=known.saved + one.saved,
                left_out=(*known.left_out, *one.left_out),
            )
        )
    return tuple(found.values())
