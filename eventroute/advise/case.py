"""One application under one load: what the assessments of all backends start from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Final

from eventroute.advise.bill import Bill, Packing
from eventroute.advise.filters import Filters, of_aws, paid
from eventroute.advise.findings import Gap
from eventroute.advise.load import MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from eventroute.advise.bill import Action
    from eventroute.advise.load import Load
    from eventroute.advise.traffic import Spread, Traffic
    from eventroute.topology import Route, Subscription, Topology

__all__ = ["DELAYED", "REQUEST_BYTES", "Case", "Consumption"]

REQUEST_BYTES: Final = 1_048_576
"""Bytes of one request of SQS or EventBridge at most."""

DELAYED: Final = 1
"""Standard queues, beside those of subscriptions, in which delayed events wait."""

_LONGEST_HIDING: Final = 43_200


@dataclass(frozen=True)
class Case:
    """An application and its load.

    :ivar filters: by the name of the subscription or route.
    :ivar whole: share of all events of the load.
    :ivar polled_elsewhere: queues whose polls are on another bill.
    """

    topology: Topology
    load: Load
    traffic: Traffic
    filters: Mapping[str, Filters]
    whole: Fraction = Fraction(1)
    polled_elsewhere: int = 0

    def count(self, share: Fraction) -> int:
        """So many events a month, as a whole number."""
        return floor(Fraction(self.load.events) * share + Fraction(1, 2))

    def peak(self, share: Fraction) -> Decimal:
        """So many events a second, at the peak."""
        return self.load.highest * share.numerator / share.denominator

    @cached_property
    def own(self) -> Fraction:
        """Share of the events that the application publishes itself."""
        foreign = (part for source, part in self.traffic.sources.items() if of_aws(source))
        return self.whole - sum(foreign, start=Fraction(0))

    @cached_property
    def foreign_paid(self) -> Fraction:
        """Share of those of AWS's services and of partners that are billed."""
        shares = self.traffic.sources.items()
        some = (part for source, part in shares if of_aws(source) and paid(source))
        return sum(some, start=Fraction(0))

    @cached_property
    def foreign_free(self) -> Fraction:
        """Share of those of AWS's services that are free."""
        shares = self.traffic.sources.items()
        return sum((part for source, part in shares if not paid(source)), start=Fraction(0))

    def each(self) -> Iterator[tuple[Subscription, Filters, Spread]]:
        """Every subscription with what is known of it."""
        for one in self.topology:
            yield one, self.filters[one.name], self.traffic.spreads[one.name]

    def routes(self) -> Iterator[tuple[Route, Filters, Spread]]:
        """Every route with what is known of it."""
        for one in self.topology.routes:
            yield one, self.filters[one.name], self.traffic.spreads[one.name]

    def declared(self) -> Iterator[tuple[Subscription | Route, Filters, Spread]]:
        """Every subscription, and then every route."""
        yield from self.each()
        yield from self.routes()

    def refused_routes(self) -> Iterator[Gap]:
        """What a backend without targets cannot do for routes."""
        for one in self.topology.routes:
            yield Gap(
                "cannot",
                f"leads to a {one.target.kind}",
                "only EventBridge delivers to targets by itself",
                "choose eventbridge, or subscribe a handler that calls the target",
                one.name,
            )

    def foreign(self, remedy: str) -> Iterator[Gap]:
        """What a backend other than EventBridge cannot do for events of AWS's services."""
        for one, filters, _ in self.each():
            names = sorted(name for name in filters.sources or () if of_aws(name))
            if names:
                yield Gap(
                    "cannot",
                    f"gets no events of {', '.join(names)}",
                    "services of AWS publish to EventBridge only",
                    remedy,
                    one.name,
                )

    def too_long_hidden(self) -> Iterator[Gap]:
        """What SQS cannot hide for long enough."""
        for one in self.topology:
            if one.visibility_timeout > _LONGEST_HIDING:
                yield Gap(
                    "cannot",
                    f"hides events for {one.visibility_timeout:g} s",
                    f"SQS does so for {_LONGEST_HIDING:,} s at most",
                    "shorten visibility_timeout",
                    one.name,
                )


@dataclass(frozen=True, slots=True)
class Consumption:
    """What workers ask of queues of one kind.

    :ivar price: ``"sqs_standard"`` or ``"sqs_fifo"``.
    :ivar deliveries: messages a month, of all its queues.
    :ivar size: bytes of a message.
    """

    price: str
    queues: int
    deliveries: int
    size: int

    def add_to(self, bill: Bill, load: Load) -> None:
        """Add the requests of all workers."""
        kind = "standard" if self.price == "sqs_standard" else "FIFO"
        packing = Packing.of(self.size, batch=load.batch, most_bytes=REQUEST_BYTES)
        calls: tuple[tuple[Action, Packing], ...] = (
            ("receive", packing),
            ("delete", Packing(load.batch, 1)),
        )
        for action, packed in calls:
            bill.requests(
                action,
                f"{action} from {kind} queues",
                self.price,
                count=self.deliveries,
                noun="deliveries",
                packing=packed,
            )
        polls = MONTH // load.poll_wait
        bill.polls(
            f"empty receives from {kind} queues", self.price, self.queues, load.workers, polls
        )
