"""From a topology and a load to an advice."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from eventroute.advise.case import Case
from eventroute.advise.claims import too_large
from eventroute.advise.eventbridge import assess_eventbridge
from eventroute.advise.filters import Filters, names_of
from eventroute.advise.kinds import assumed
from eventroute.advise.local import assess_memory, assess_sqlite
from eventroute.advise.mixed import assess_aws
from eventroute.advise.recommend import recommend
from eventroute.advise.report import Advice
from eventroute.advise.sns import assess_sns
from eventroute.advise.tables import prices
from eventroute.errors import DeclarationError, NameNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.advise.load import Load
    from eventroute.advise.sample import Sample
    from eventroute.topology import Topology

__all__ = ["advise"]


def advise(
    topology: Topology,
    load: Load,
    *,
    sample: Sample | None = None,
    shares: Mapping[str, Fraction | float] | None = None,
) -> Advice:
    """Say what each backend would cost, what it cannot do, and which one to choose.

    :param sample: has counted typical events of this topology; without one, each event type that
        a pattern names is taken to be equally frequent.
    :param shares: by the name of a subscription or route, the share of all events that match it,
        0 to 1.
    :raises DeclarationError: a share is out of range, or the sample has counted nothing, or events
        for other subscriptions or routes.
    :raises NameNotFoundError: no subscription or route has the name of a share.
    """
    given = _checked(shares or {}, topology)
    if sample is not None and not sample.events:
        raise DeclarationError("the sample has no event; add some, or leave it out")
    if sample is not None and sample.names != names_of(topology):
        raise DeclarationError("the sample was counted for other subscriptions; make a new one")
    claims = too_large(load.size)
    filters = [Filters(one, claims=claims) for one in (*topology, *topology.routes)]
    traffic = assumed(filters, given) if sample is None else sample.traffic(given, claims=claims)
    case = Case(topology, load, traffic, {one.name: one for one in filters})
    services = (assess_sns(case), assess_eventbridge(case))
    both = () if any(one.fits for one in services) else (assess_aws(case),)
    backends = (assess_memory(case), assess_sqlite(case), *services, *both)
    recommendation = recommend(load, {one.backend: one for one in backends})
    return Advice(load, backends, recommendation, (*traffic.assumptions, *_assumptions(load)))


def _checked(shares: Mapping[str, Fraction | float], topology: Topology) -> dict[str, Fraction]:
    known = names_of(topology)
    given: dict[str, Fraction] = {}
    for name, share in shares.items():
        if name not in known:
            names = ", ".join(sorted(known)) or "none at all"
            raise NameNotFoundError(
                f"no subscription or route is named {name!r}; there are {names}"
            )
        if not 0 <= share <= 1:  # nor is NaN
            raise DeclarationError(f"the share of {name} is {share}; it must be between 0 and 1")
        given[name] = Fraction(share)
    return given


def _assumptions(load: Load) -> list[str]:
    table = prices()
    filled = (
        "requests are as full as they can be, up to 10 events"
        if load.batch == 10
        else f"requests carry up to {load.batch} {'event' if load.batch == 1 else 'events'}"
    )
    free = "are taken off" if load.free_tier else "are not taken off (--free-tier does)"
    polls = (
        "each worker polls each queue all month, and one more for delayed events unless delays "
        f'are "off", {load.poll_wait} s a poll'
    )
    return [
        f"list prices of {table.region} as of {table.date.isoformat()}; free tiers {free}",
        "a month has 30 days; 1 KB is 1,024 bytes, and a GB 1,000,000,000",
        f"{filled}; an event has {load.size:,} bytes at every hop",
        f"{polls}; a busy queue has fewer empty receives",
        "no retries, no dead letters, no encryption keys of your own, no data transfer",
    ]
