"""Weaker dialects of the pattern language: what of a pattern they carry, and SNS's own filter."""

from __future__ import annotations

from eventroute.pattern.narrow.attributes import MessageAttribute, attributes_of
from eventroute.pattern.narrow.dialect import (
    EVENTBRIDGE_RULE,
    SNS_MESSAGE_ATTRIBUTES,
    SNS_MESSAGE_BODY,
    Dialect,
    NumberLimits,
    Scope,
)
from eventroute.pattern.narrow.filter_policy import FilterPolicy, filter_policy
from eventroute.pattern.narrow.narrowed import Narrowed, Omission
from eventroute.pattern.narrow.narrowing import narrow
from eventroute.pattern.narrow.published import (
    CLAIM,
    MEMBER,
    comparing_as_the_broker,
    rule_dialect,
)
from eventroute.pattern.narrow.sns import SNSMessage, SNSScope, check_policy, sns_matches
from eventroute.pattern.narrow.sources import sources_of

__all__ = [
    "CLAIM",
    "EVENTBRIDGE_RULE",
    "MEMBER",
    "SNS_MESSAGE_ATTRIBUTES",
    "SNS_MESSAGE_BODY",
    "Dialect",
    "FilterPolicy",
    "MessageAttribute",
    "Narrowed",
    "NumberLimits",
    "Omission",
    "SNSMessage",
    "SNSScope",
    "Scope",
    "attributes_of",
    "check_policy",
    "comparing_as_the_broker",
    "filter_policy",
    "narrow",
    "rule_dialect",
    "sns_matches",
    "sources_of",
]
