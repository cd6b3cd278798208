"""How many of the events each subscription gets, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.advise.filters import Filters

__all__ = ["Origin", "Spread", "Traffic", "as_given", "told_given"]

Origin: TypeAlias = Literal["sample", "given", "assumed"]
"""Where a share is from."""

_ALL = Fraction(1)


@dataclass(frozen=True, slots=True)
class Spread:
    """Shares of all events of an application, for one subscription.

    :ivar matched: match its pattern.
    :ivar matched_own: the same without events of AWS's services, which SNS does not have.
    :ivar sns: are delivered by SNS, after its filter.
    :ivar eventbridge: are delivered by EventBridge, after its rule.
    :ivar reached_on_sns: come by the topics that it subscribes to.
    """

    matched: Fraction
    matched_own: Fraction
    sns: Fraction
    eventbridge: Fraction
    reached_on_sns: Fraction
    origin: Origin


@dataclass(frozen=True, slots=True)
class Traffic:
    """How events spread.

    :ivar sources: share of the events of each source; ``None`` is one that no pattern names.
    :ivar spreads: by the name of the subscription or route.
    :ivar assumptions: sentences that say what is not known.
    """

    sources: Mapping[str | None, Fraction]
    spreads: Mapping[str, Spread]
    assumptions: tuple[str, ...] = ()


def as_given(share: Fraction, found: Spread, filters: Filters) -> Spread:
    """The spread of a subscription whose share is known.

    :param found: what was counted or assumed.
    """
    own = share * (found.matched_own / found.matched if found.matched else _ALL)
    return Spread(
        share,
        own,
        own if filters.sns.narrowed.exact else max(own, found.sns),
        share if filters.eventbridge.exact else max(share, found.eventbridge),
        max(own, found.reached_on_sns),
        "given",
    )


def told_given(given: Mapping[str, Fraction]) -> str:
    """The assumption that shares which are given make."""
    told = (f"{name} {float(share * 100):g}%" for name, share in given.items())
    return f"the shares that are given hold: {', '.join(told)}"
