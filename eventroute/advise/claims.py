"""Events that are too large for a service: they wait in S3, and a claim check travels instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from eventroute.advise.bill import Packing
from eventroute.advise.findings import Gap

if TYPE_CHECKING:
    from eventroute.advise.bill import Bill

__all__ = ["LARGEST", "Service", "claim_gap", "get_claims", "put_claims", "size_of", "too_large"]

Service: TypeAlias = Literal["sns", "eventbridge"]

LARGEST: Final[dict[Service, int]] = {"sns": 260_096, "eventbridge": 997_952}
"""Bytes of an event that a message or a request takes, less what travels beside it."""

_POINTER: Final = 1_024
_KEPT_DAYS: Final = 18
_ALONE: Final = Packing(1, 1)


def too_large(size: int) -> frozenset[Service]:
    """The services that do not take events of a size."""
    return frozenset(name for name, most in LARGEST.items() if size > most)


def size_of(service: Service, size: int) -> int:
    """Bytes of what travels."""
    return _POINTER if service in too_large(size) else size


def put_claims(bill: Bill, events: int, size: int) -> None:
    """Add what S3 asks to take the payloads, and to keep them."""
    what, price = "put payloads into S3", "s3_put"
    bill.requests("extra", what, price, count=events, noun="events", packing=_ALONE)
    bill.storage(f"keep payloads for {_KEPT_DAYS} days", "s3_storage", events, size, _KEPT_DAYS)


def get_claims(bill: Bill, kind: str, deliveries: int) -> None:
    """Add what S3 asks to give them to workers."""
    what, price = f"get payloads, {kind}", "s3_get"
    bill.requests("extra", what, price, count=deliveries, noun="deliveries", packing=_ALONE)


def claim_gap(service: Service, size: int, thing: str, filters: str) -> Gap:
    """What a claim check means.

    :param thing: what the event is too large for.
    :param filters: what becomes of them.
    """
    return Gap(
        "costs",
        f"an event of {size:,} bytes is no {thing}",
        f"{LARGEST[service]:,} bytes are the most",
        f"set {service}.claim_check; the bill has S3, and {filters}",
    )
