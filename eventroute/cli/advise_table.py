"""An advice as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from eventroute.advise.tables import limits, prices
from eventroute.cli.output import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.advise import Advice, BackendAdvice, Deliveries
    from eventroute.cli.output import Output

__all__ = ["show"]

_MOST: Final = 12
_TIGHT: Final = 0.5


def show(output: Output, advice: Advice) -> None:
    """Print the recommendation, a table of the backends, their bills and gaps, and the basis."""
    chosen = advice.recommendation
    _title(output, f"recommended: {chosen.backend or 'none'}")
    _items(output, chosen.reasons)
    output.show("")
    output.show_table(
        ("backend", "fits", "a month", "one by one", "needless", "saved", "latency"),
        [
            (
                one.backend,
                "yes" if one.fits else "no",
                f"${one.monthly:,.2f}",
                f"${one.one_by_one:,.2f}",
                f"{one.needless:,}",
                f"{one.saved:,}",
                one.latency,
            )
            for one in advice.backends
        ],
    )
    for one in advice.backends:
        output.show("")
        _title(output, f"{one.backend}: ${one.monthly:,.2f} a month")
        _show_backend(output, one)
    output.show("")
    _deliveries(output, advice)
    output.show("")
    _title(output, "taken for granted")
    _items(output, advice.assumptions)
    tiers = "; ".join(tier.note for tier in prices().free_tiers.values())
    _items(output, [f"free each month: {tiers}"])


def _show_backend(output: Output, one: BackendAdvice) -> None:
    for charge in one.bill:
        output.show(printable(f"  {charge.what}: {charge.arithmetic}"))
    if one.bill:
        calls = [f"{one.calls('publish'):,} publishes", f"{one.calls('receive'):,} receives"]
        calls += [f"{one.calls('delete'):,} deletes", f"{one.calls('poll'):,} empty receives"]
        _items(output, [f"requests: {', '.join(calls)}"])
    for kind in ("cannot", "costs", "note"):
        _items(output, [f"{kind}: {gap}" for gap in one.gaps if gap.kind == kind])
    for usage in one.quotas:
        quota = limits().quotas[usage.quota]
        over = " (over)" if usage.share > 1 else " (tight)" if usage.share > _TIGHT else ""
        where = f", {usage.where}" if usage.where else ""
        used = f"{usage.used:,.0f}" if usage.used >= 10 else f"{usage.used:.3g}"
        output.show(printable(f"  quota: {used} of {quota.limit:,}{over}: {quota.what}{where}"))


def _deliveries(output: Output, advice: Advice) -> None:
    by_sns = {one.subscription: one for one in advice["sns"].deliveries}
    output.show_table(
        ("subscription", "matched", "from", "by sns", "needless", "by eventbridge", "needless"),
        [
            (
                one.subscription,
                f"{one.matched:,}",
                one.origin,
                *_reaching(by_sns.get(one.subscription)),
                *_reaching(one),
            )
            for one in advice["eventbridge"].deliveries
        ],
    )


def _reaching(one: Deliveries | None) -> tuple[str, str]:
    return ("-", "-") if one is None else (f"{one.delivered:,}", f"{one.needless:,}")


def _title(output: Output, text: str) -> None:
    if output.terminal:
        output.show_rich(Text(text, "bold"))
    else:
        output.show(text)


def _items(output: Output, items: Iterable[str]) -> None:
    every = list(items)
    for item in every[:_MOST]:
        output.show(printable(f"  {item}"))
    if len(every) > _MOST:
        output.show(f"  and {len(every) - _MOST:,} more; --json has them all")
