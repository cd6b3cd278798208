"""Which backend to choose, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from eventroute.advise.report import Recommendation
from eventroute.advise.tables import limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.advise.load import Load
    from eventroute.advise.report import Backend, BackendAdvice

__all__ = ["recommend"]

_NEARLY: Final = Decimal("5.00")
"""USD a month that decide nothing."""


def recommend(load: Load, found: Mapping[Backend, BackendAdvice]) -> Recommendation:
    """Choose among the backends that do everything; memory is for tests, and never chosen."""
    sns, eventbridge, sqlite = found["sns"], found["eventbridge"], found["sqlite"]
    out = [reason for one in (sns, eventbridge) for reason in _out(one)]
    cloud = [one for one in (sns, eventbridge) if one.fits]
    chosen, reasons = _of_cloud(cloud)
    mixed = found.get("aws")
    if chosen is None and mixed is not None and mixed.fits:
        chosen, reasons = mixed, [_split(mixed)]
    too_much = _too_much(load, sqlite)
    if sqlite.fits and too_much is None:
        told = [f"{_peak(load)} and one worker: a file on one machine holds them, without a bill"]
        if chosen is None:
            return Recommendation("sqlite", (*told, *out))
        elsewhere = f"{chosen.backend}, for ${chosen.monthly:,.2f} a month"
        told.append(f"where publishers and worker are on different machines: {elsewhere}")
        return Recommendation("sqlite", (*told, *out), chosen.backend)
    if sqlite.fits and too_much is not None:
        out.append(too_much)
    if chosen is None:
        neither = (
            "neither SNS nor EventBridge does all of it, nor does the backend aws, with some "
            "sources on SNS and the others on EventBridge"
        )
        return Recommendation(None, (neither, *out))
    other: Backend | None = next((one.backend for one in cloud if one is not chosen), None)
    return Recommendation(chosen.backend, (*reasons, *out), other)


def _split(mixed: BackendAdvice) -> str:
    return (
        "neither SNS nor EventBridge does all of it; the backend aws does, with each source on one "
        f"of them, for ${mixed.monthly:,.2f} a month: {mixed.gaps[0].what}"
    )


def _peak(load: Load) -> str:
    return f"{load.highest:,.6g} events a second at the peak"


def _too_much(load: Load, sqlite: BackendAdvice) -> str | None:
    """Why a file is not enough."""
    if load.workers > 1:
        return f"sqlite would do if all {load.workers:,} workers shared one machine"
    for usage in sqlite.quotas:
        if usage.share > 1:
            return (
                f"sqlite would do on one machine whose disk takes more than {usage.limit:,} events "
                "a second one by one, or if they come in batches"
            )
    return None


def _of_cloud(cloud: Sequence[BackendAdvice]) -> tuple[BackendAdvice | None, list[str]]:
    if not cloud:
        return None, []
    if len(cloud) == 1:
        (only,) = cloud
        reason = (
            f"of SNS and EventBridge, only {only.backend} does all of it, for "
            f"${only.monthly:,.2f} a month"
        )
        return only, [reason]
    cheap, dear = sorted(cloud, key=lambda one: (one.monthly, one.needless))
    if dear.monthly - cheap.monthly >= _NEARLY:
        told = [_compared(cheap, dear)]
        if cheap.one_by_one > dear.one_by_one:
            told.append(
                f"that takes requests that are full: one by one, {cheap.backend} costs "
                f"${cheap.one_by_one:,.2f}, and {dear.backend} ${dear.one_by_one:,.2f}"
            )
        if cheap.needless:
            told.append(f"although its workers throw away {cheap.needless:,} deliveries a month")
        return cheap, told
    sharp, other = sorted(cloud, key=lambda one: one.needless)
    near = f"{cheap.backend} and {dear.backend} cost the same to ${_NEARLY} a month"
    if sharp.needless < other.needless:
        kept = other.needless - sharp.needless
        return sharp, [near, f"{sharp.backend} keeps {kept:,} needless deliveries a month away"]
    sns = next(one for one in cloud if one.backend == "sns")
    quick = limits().latency["sns"].class_
    return sns, [near, f"SNS is quicker ({quick}), and can keep an order if one is asked for later"]


def _compared(cheap: BackendAdvice, dear: BackendAdvice) -> str:
    saved = dear.monthly - cheap.monthly
    return (
        f"{cheap.backend} costs ${cheap.monthly:,.2f} a month and {dear.backend} "
        f"${dear.monthly:,.2f}: ${saved:,.2f} less"
    )


def _out(one: BackendAdvice) -> list[str]:
    told = [f"{one.backend} is out: {gap}" for gap in one.gaps if gap.kind == "cannot"]
    for usage in one.exceeded:
        quota = limits().quotas[usage.quota]
        where = f" of {usage.where}" if usage.where else ""
        told.append(
            f"{one.backend} is out: {quota.what}{where}: {usage.used.normalize():,f} of "
            f"{quota.limit:,}; {quota.remedy}"
        )
    return told
