"""What filters of AWS see of an event that eventroute publishes there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow.dialect import EVENTBRIDGE_RULE

if TYPE_CHECKING:
    from eventroute.pattern.narrow.dialect import Dialect

__all__ = ["CLAIM", "MEMBER", "comparing_as_the_broker", "rule_dialect"]

CLAIM: Final = "eventroute-claim"
"""Message attribute, and top-level member of the envelope, of an event whose detail is in S3."""

MEMBER: Final = "_eventroute"
"""Member of the detail on EventBridge: publishers add it, and consumers take it out again."""

# EventBridge itself writes the others: PutEvents takes no id, account, region or version, and of
# the time whole seconds; members that it does not know do not travel.
_MEMBERS: Final = frozenset({"source", "detail-type", "resources"})
_DETAIL: Final = "detail"

_REPLACED: Final = "\ufffd\ufffe\uffff"
"""SQS does not take the last two, for which publishers send the first."""


def rule_dialect(*, claims: bool = False, max_characters: int | None = None) -> Dialect:
    """What a rule can say about events that eventroute publishes.

    :param claims: whether the detail may be in S3.
    :param max_characters: quota of the length of a pattern; AWS's own where left out.
    """
    return replace(
        EVENTBRIDGE_RULE,
        max_characters=max_characters or EVENTBRIDGE_RULE.max_characters,
        members=_MEMBERS if claims else _MEMBERS | {_DETAIL},
        hidden=(f"{_DETAIL}.{MEMBER}",),
        replaced_characters=_REPLACED,
    )


def comparing_as_the_broker(dialect: Dialect) -> Dialect:
    """The same where nobody tests behind it, and what a broker makes of large numbers holds."""
    if dialect.numbers is None:
        return dialect
    return replace(dialect, numbers=replace(dialect.numbers, compares_beyond=True))
