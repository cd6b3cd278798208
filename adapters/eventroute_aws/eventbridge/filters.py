"""What of a pattern EventBridge evaluates: the event pattern of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow import narrow, rule_dialect

if TYPE_CHECKING:
    from eventroute.pattern import Pattern
    from eventroute.pattern.narrow import Dialect
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["EVERY_EVENT", "dialect_of", "pattern_of"]

EVERY_EVENT: Final = '{"source":[{"prefix":""}]}'
"""Lets everything through: EventBridge takes no empty pattern."""


def dialect_of(options: EventBridgeOptions) -> Dialect:
    """What a rule can say about events that eventroute publishes."""
    return rule_dialect(
        claims=options.claim_check is not None, max_characters=options.max_pattern_characters
    )


def pattern_of(pattern: Pattern, options: EventBridgeOptions) -> str:
    """The event pattern of a subscription's rule, as JSON text."""
    return narrow(pattern, dialect_of(options)).to_json() or EVERY_EVENT
