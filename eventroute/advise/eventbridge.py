"""What EventBridge costs for an application, and cannot do for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from eventroute.advise.bill import Bill, Packing
from eventroute.advise.case import DELAYED, REQUEST_BYTES, Consumption
from eventroute.advise.claims import claim_gap, get_claims, put_claims, size_of, too_large
from eventroute.advise.filters import of_aws
from eventroute.advise.findings import Deliveries, Gap, Usage, delayed
from eventroute.advise.report import BackendAdvice, total_of
from eventroute.advise.tables import prices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.advise.bill import Charge
    from eventroute.advise.case import Case
    from eventroute.advise.load import Load

__all__ = ["assess_eventbridge"]


def assess_eventbridge(case: Case) -> BackendAdvice:
    """Assess a bus with a rule for each route, and for each subscription with its SQS queue."""
    return BackendAdvice(
        "eventbridge",
        _bill(case, case.load),
        total_of(_bill(case, replace(case.load, batch=1))),
        tuple(_quotas(case)),
        tuple(_gaps(case)),
        tuple(_deliveries(case)),
    )


def _bill(case: Case, load: Load) -> tuple[Charge, ...]:
    bill = Bill()
    own = case.count(case.own)
    claims, size = "eventbridge" in too_large(load.size), size_of("eventbridge", load.size)
    units = Packing.of(size, batch=1, most_bytes=REQUEST_BYTES).units
    call = Packing.of(size, batch=load.batch, most_bytes=REQUEST_BYTES).events
    price = "eventbridge_event"
    bill.events("publish", "custom events", price, count=own, units=units, together=call)
    for what, price, some in (
        ("events of S3 and of partners", "eventbridge_event", case.foreign_paid),
        ("events of AWS's services", "eventbridge_service_event", case.foreign_free),
    ):
        bill.events("extra", what, price, count=case.count(some), units=units, together=1)
    if claims:
        put_claims(bill, own, load.size)
    got = sum(case.count(spread.eventbridge) for _, _, spread in case.each())
    queues = len(case.topology.subscriptions) + DELAYED - case.polled_elsewhere
    Consumption("sqs_standard", queues, got, size).add_to(bill, load)
    if claims:
        get_claims(bill, "standard", got)
    if load.free_tier:
        bill.give(prices().free_tiers["sqs"], ["sqs_standard"])
    return bill.charges


def _quotas(case: Case) -> Iterator[Usage]:
    declared = list(case.declared())
    rules = {one.name: filters.eventbridge for one, filters, _ in declared}
    yield Usage("eventbridge_rules", Decimal(len(rules)))
    yield Usage("eventbridge_publish", case.peak(case.own))
    matched = sum((spread.eventbridge for _, _, spread in declared), start=Fraction(0))
    yield Usage("eventbridge_invocations", case.peak(matched))
    if rules:
        lengths = {name: len(rule.to_json() or "") for name, rule in rules.items()}
        name = max(lengths, key=lambda name: lengths[name])
        yield Usage("eventbridge_pattern", Decimal(lengths[name]), name)
    flights = {
        one.name: case.peak(spread.eventbridge) * Decimal(str(one.visibility_timeout))
        for one, _, spread in case.each()
    }
    if flights:
        name = max(flights, key=lambda name: flights[name])
        yield Usage("sqs_in_flight", flights[name], name)


def _gaps(case: Case) -> Iterator[Gap]:
    claims = "eventbridge" in too_large(case.load.size)
    if claims:
        told = "rules do not test detail"
        yield claim_gap("eventbridge", case.load.size, "entry of a request to EventBridge", told)
    for one, filters, _ in case.each():
        if one.ordered_by is not None:
            yield Gap(
                "cannot",
                f"is ordered by {one.ordered_by!r}",
                "rules of EventBridge keep no order",
                "choose sns, or leave ordered_by out",
                one.name,
            )
        if left_out := filters.eventbridge.left_out:
            first = left_out[0]
            yield Gap(
                "costs",
                f"its rule leaves out {len(left_out)} of its tests",
                f"at {first.pointer}, {first.what}: {first.why}",
                "the worker tests them on arrival",
                one.name,
            )
        names = sorted(name for name in filters.sources or () if of_aws(name))
        if names:
            yield Gap(
                "note",
                f"gets events of {', '.join(names)}",
                "they are on the default bus or a partner's; those of partners are billed, and "
                "those that have to be switched on, such as S3's; the others are free",
                "",
                one.name,
            )
    yield from case.too_long_hidden()
    yield from _routes(case, claims=claims)
    yield Gap("note", "an archive", "EventBridge has one, at a price of its own", "")
    yield delayed()


def _routes(case: Case, *, claims: bool) -> Iterator[Gap]:
    for one, filters, _ in case.routes():
        if claims:
            yield Gap(
                "cannot",
                f"hands events of {case.load.size:,} bytes to a {one.target.kind}",
                "their detail would be in S3",
                "publish less, or subscribe a handler that calls the target",
                one.name,
            )
        elif left_out := filters.eventbridge.left_out:
            first = left_out[0]
            yield Gap(
                "cannot",
                f"is a route whose rule would leave out {len(left_out)} of its tests",
                f"at {first.pointer}, {first.what}: {first.why}",
                "nobody tests them behind a rule: change the pattern, or subscribe a handler",
                one.name,
            )
        else:
            yield Gap(
                "note",
                f"leads to a {one.target.kind}",
                "what is billed for the target, and for getting there, is not counted",
                "",
                one.name,
            )


def _deliveries(case: Case) -> Iterator[Deliveries]:
    everything = case.count(Fraction(1))
    for one, filters, spread in case.declared():
        delivered = case.count(spread.eventbridge)
        yield Deliveries(
            one.name,
            spread.origin,
            case.count(spread.matched),
            delivered,
            max(0, everything - delivered),
            filters.eventbridge.left_out,
        )
