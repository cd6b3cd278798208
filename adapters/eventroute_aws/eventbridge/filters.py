"""What of a pattern EventBridge evaluates: the event pattern of a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow import EVENTBRIDGE_RULE, Dialect, narrow
from eventroute_aws.eventbridge.member import MEMBER

if TYPE_CHECKING:
    from eventroute.pattern import Pattern
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["EVERY_EVENT", "dialect_of", "pattern_of"]

EVERY_EVENT: Final = '{"source":[{"prefix":""}]}'
"""Lets everything through: EventBridge takes no empty pattern."""

# EventBridge itself writes the others: PutEvents takes no id, account, region or version, and of
# the time whole seconds; members that it does not know do not travel.
_MEMBERS: Final = frozenset({"source", "detail-type", "resources"})
_DETAIL: Final = "detail"

_REPLACED: Final = "\ufffd\ufffe\uffff"
"""SQS does not take the last two, for which publishers send the first."""


def dialect_of(options: EventBridgeOptions) -> Dialect:
    """What a rule can say about events that eventroute publishes."""
    return replace(
        EVENTBRIDGE_RULE,
        max_characters=options.max_pattern_characters,
        # With a claim check, the detail may be in S3.
        members=_MEMBERS if options.claim_check is not None else _MEMBERS | {_DETAIL},
        hidden=(f"{_DETAIL}.{MEMBER}",),
        replaced_characters=_REPLACED,
    )


def pattern_of(pattern: Pattern, options: EventBridgeOptions) -> str:
    """The event pattern of a subscription's rule, as JSON text."""
    return narrow(pattern, dialect_of(options)).to_json() or EVERY_EVENT
