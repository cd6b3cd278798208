"""The filter policy of a subscription, as the options have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.narrow import filter_policy

if TYPE_CHECKING:
    from eventroute.pattern import Pattern
    from eventroute.pattern.narrow import FilterPolicy
    from eventroute_aws.options import SnsOptions

__all__ = ["filter_of"]


def filter_of(pattern: Pattern, options: SnsOptions) -> FilterPolicy | None:
    """The filter policy of a subscription; ``None`` where SNS is to let everything through."""
    return filter_policy(
        pattern,
        attributes=options.attributes,
        claim_check=options.claim_check is not None,
    )
