"""What SNS and SQS cost for an application, and cannot do for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Final

from eventroute.advise.bill import Bill, Packing
from eventroute.advise.case import DELAYED, Consumption
from eventroute.advise.claims import claim_gap, get_claims, put_claims, size_of, too_large
from eventroute.advise.findings import Deliveries, Gap, Usage, delayed
from eventroute.advise.report import BackendAdvice, total_of
from eventroute.advise.tables import limits, prices
from eventroute.advise.topics import orders_refused, topics_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.advise.bill import Charge
    from eventroute.advise.case import Case
    from eventroute.advise.load import Load

__all__ = ["assess_sns"]

_REQUEST_BYTES: Final = 262_144


def assess_sns(case: Case) -> BackendAdvice:
    """Assess SNS topics with an SQS queue for each subscription."""
    return _Assessment(case).advice()


class _Assessment:
    def __init__(self, case: Case) -> None:
        self._case = case
        self._claims = "sns" in too_large(case.load.size)
        self._size = size_of("sns", case.load.size)
        self._topics = topics_of(case)

    def advice(self) -> BackendAdvice:
        load = self._case.load
        return BackendAdvice(
            "sns",
            self._bill(load),
            total_of(self._bill(replace(load, batch=1))),
            tuple(self._quotas()),
            tuple(self._gaps()),
            tuple(self._deliveries()),
        )

    def _bill(self, load: Load) -> tuple[Charge, ...]:
        bill = Bill()
        self._publish(bill, load)
        for price, fifo in (("sqs_standard", False), ("sqs_fifo", True)):
            spreads = [
                spread
                for one, _, spread in self._case.each()
                if (one.ordered_by is not None) is fifo
            ]
            got = sum(self._case.count(spread.sns) for spread in spreads)
            queues = len(spreads) if fifo else len(spreads) + DELAYED
            Consumption(price, queues, got, self._size).add_to(bill, load)
            if self._claims:
                get_claims(bill, "FIFO" if fifo else "standard", got)
        if load.free_tier:
            bill.give(prices().free_tiers["sns"], ["sns_standard_publish"])
            bill.give(prices().free_tiers["sqs"], ["sqs_standard", "sqs_fifo"])
        return bill.charges

    def _publish(self, bill: Bill, load: Load) -> None:
        size, topics = self._size, self._topics.values()
        packing = Packing.of(size, batch=load.batch, most_bytes=_REQUEST_BYTES)
        count = sum(self._case.count(one.share) for one in topics if not one.fifo)
        what, price = "publish to standard topics", "sns_standard_publish"
        bill.requests("publish", what, price, count=count, noun="events", packing=packing)
        fifo = [(one, self._case.count(one.share)) for one in topics if one.fifo]
        count = sum(events for _, events in fifo)
        what, price, calls = (
            "publish to FIFO topics",
            "sns_fifo_publish",
            Packing(packing.events, 1),
        )
        bill.requests("publish", what, price, count=count, noun="events", packing=calls)
        what, price = "payload published to FIFO topics", "sns_fifo_publish_payload"
        bill.payload("extra", what, price, count, size)
        copies = sum(events * len(one.links) for one, events in fifo)
        bill.messages("extra", "messages of FIFO subscriptions", "sns_fifo_message", copies)
        what, price = "payload of FIFO subscriptions", "sns_fifo_message_payload"
        bill.payload("extra", what, price, copies, size)
        scanned = sum(self._case.count(one.share) * one.scanning for one in topics)
        bill.payload("extra", "filters that scan the body", "sns_body_filter", scanned, size)
        if self._claims:
            put_claims(bill, self._case.count(self._case.own), load.size)

    def _quotas(self) -> Iterator[Usage]:
        case, topics = self._case, self._topics
        if topics:
            name, topic = max(topics.items(), key=lambda item: item[1].policies)
            yield Usage("sns_filters_of_topic", Decimal(topic.policies), name)
        policies = sum(topic.policies for topic in topics.values())
        yield Usage("sns_filters_of_account", Decimal(policies))
        for quota, kind in (
            ("sns_subscriptions_of_topic", False),
            ("sns_subscriptions_of_fifo", True),
        ):
            some = {name: len(one.links) for name, one in topics.items() if one.fifo is kind}
            if some:
                name = max(some, key=lambda name: some[name])
                yield Usage(quota, Decimal(some[name]), name)
        yield Usage("sns_publish", case.peak(case.own))
        ordered = {
            one.name: case.peak(spread.sns)
            for one, _, spread in case.each()
            if one.ordered_by is not None
        }
        if ordered:
            name = max(ordered, key=lambda name: ordered[name])
            yield Usage("sqs_fifo", ordered[name], name)
        flights = {
            one.name: case.peak(spread.sns) * Decimal(str(one.visibility_timeout))
            for one, _, spread in case.each()
        }
        if flights:
            name = max(flights, key=lambda name: flights[name])
            yield Usage("sqs_in_flight", flights[name], name)

    def _gaps(self) -> Iterator[Gap]:
        case = self._case
        yield from case.foreign("forward them from the default bus, or choose eventbridge")
        yield from case.refused_routes()
        yield from case.too_long_hidden()
        yield from orders_refused(case)
        if self._claims:
            told = "filters test attributes alone"
            yield claim_gap("sns", case.load.size, "message of SNS", told)
        for one, filters, _ in case.each():
            if left_out := filters.sns.narrowed.left_out:
                first = left_out[0]
                yield Gap(
                    "costs",
                    f"SNS leaves out {len(left_out)} of its tests",
                    f"at {first.pointer}, {first.what}: {first.why}",
                    "the worker tests them on arrival",
                    one.name,
                )
        yield from self._scans()
        yield from self._notes()

    def _scans(self) -> Iterator[Gap]:
        scanning = [one for _, one, _ in self._case.each() if one.sns.scope == "MessageBody"]
        if scanning:
            free = sum(one.free_sns for one in scanning)
            yield Gap(
                "costs",
                f"filter policies of {_some([one.name for one in scanning])} look at the body",
                "SNS bills the bytes that it scans, and nothing for policies on attributes",
                f"{free} of {len(scanning)} would say the same on source and detail-type",
            )

    def _notes(self) -> Iterator[Gap]:
        case = self._case
        most = limits().quotas["sns_ordering_key"].limit
        for name, topic in self._topics.items():
            if topic.fifo:
                keys = max(1, ceil(case.peak(topic.share) / most))
                yield Gap(
                    "note",
                    f"{name} becomes a FIFO topic",
                    f"one ordering key carries {most} events a second",
                    f"the peak needs {keys:,} {'key' if keys == 1 else 'keys'} at once, or more",
                )
        yield Gap("note", "a changed filter", "takes SNS up to 15 minutes", "")
        yield Gap("note", "an archive", "standard topics have none", "")
        yield delayed()

    def _deliveries(self) -> Iterator[Deliveries]:
        for one, filters, spread in self._case.each():
            delivered = self._case.count(spread.sns)
            reached = self._case.count(spread.reached_on_sns)
            yield Deliveries(
                one.name,
                spread.origin,
                self._case.count(spread.matched_own),
                delivered,
                max(0, reached - delivered),
                filters.sns.narrowed.left_out,
            )


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
