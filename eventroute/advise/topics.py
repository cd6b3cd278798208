"""The topics of SNS that subscriptions take, and the orders that topics keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from eventroute.advise.filters import of_aws
from eventroute.advise.findings import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.advise.case import Case
    from eventroute.advise.filters import Filters

__all__ = ["Topic", "orders_refused", "topics_of"]

_ANY: Final = "(sources that no pattern names)"


@dataclass(slots=True)
class Topic:
    """A topic of SNS.

    :ivar share: of all events.
    :ivar links: filters of the subscriptions to it.
    """

    share: Fraction
    fifo: bool
    links: list[Filters] = field(default_factory=list["Filters"])

    @property
    def policies(self) -> int:
        """Subscriptions with a filter policy."""
        return sum(one.sns.policy is not None for one in self.links)

    @property
    def scanning(self) -> int:
        """Those whose policy looks at the body, which is billed."""
        return sum(
            one.sns.policy is not None and one.sns.scope == "MessageBody" for one in self.links
        )


def topics_of(case: Case) -> dict[str, Topic]:
    """One for each source that is named, and one for all others where somebody wants them."""
    ordered = {
        source
        for one, filters, _ in case.each()
        if one.ordered_by is not None
        for source in filters.sources or ()
    }
    named = {source for _, filters, _ in case.each() for source in filters.sources or ()}
    every = sorted(source for source in named if not of_aws(source))
    shares = case.traffic.sources
    topics = {source: Topic(shares.get(source, Fraction(0)), source in ordered) for source in every}
    rest = case.own - sum((topic.share for topic in topics.values()), start=Fraction(0))
    if rest or any(filters.sources is None for _, filters, _ in case.each()):
        topics[_ANY] = Topic(rest, fifo=False)
    for _, filters, _ in case.each():
        for name, topic in topics.items():
            if filters.sources is None or name in filters.sources:
                topic.links.append(filters)
    return topics


def orders_refused(case: Case) -> Iterator[Gap]:
    """Orders that topics cannot keep."""
    keys: dict[str, tuple[str, str]] = {}
    for one, filters, _ in case.each():
        if one.ordered_by is None:
            continue
        if filters.sources is None:
            yield Gap(
                "cannot",
                f"is ordered by {one.ordered_by!r} and names no source",
                "only a topic of one source keeps an order",
                'add its sources to the pattern, such as {"source": ["shop.orders"]}',
                one.name,
            )
        for source in sorted(filters.sources or ()):
            name, key = keys.setdefault(source, (one.name, one.ordered_by))
            if key != one.ordered_by:
                yield Gap(
                    "cannot",
                    f"orders events of {source} by {one.ordered_by!r}",
                    f"{name} orders them by {key!r}, and a message has one ordering key",
                    "order both by the same member, or publish under two sources",
                    one.name,
                )
