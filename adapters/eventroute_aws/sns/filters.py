"""What of a pattern SNS evaluates: the topics to subscribe to, and the filter policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, SNS_MESSAGE_BODY, SNSScope, narrow

if TYPE_CHECKING:
    from eventroute.pattern import Pattern
    from eventroute_aws.options import SnsOptions

__all__ = ["Filter", "filter_of", "sources_of"]

# SNS answers in XML 1.0, which has no such characters: a policy could not be read back.
_NOT_CARRIED: Final = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter policy, as JSON text, and what it looks at."""

    policy: str
    scope: SNSScope


def sources_of(pattern: Pattern) -> frozenset[str] | None:
    """The sources whose events may match; ``None`` where the pattern does not name them."""
    found: set[str] = set()
    for rule in pattern.sub_rules:
        named: list[frozenset[str]] = []
        for clause in rule:
            tests = [test.to_json() for test in clause.matchers]
            names = [test for test in tests if isinstance(test, str)]  # a bare text is equality
            if clause.path == "source" and len(names) == len(tests):
                named.append(frozenset(names))
        if not named:
            return None
        found |= frozenset.intersection(*named)
    return frozenset(found)


def filter_of(pattern: Pattern, options: SnsOptions) -> Filter | None:
    """The filter policy of a subscription; ``None`` where SNS is to let everything through."""
    attributes = narrow(pattern, SNS_MESSAGE_ATTRIBUTES.with_attributes(options.attributes))
    by_attributes = attributes.to_json()
    if options.claim_check is None:  # else the body is not always the event
        body = narrow(pattern, SNS_MESSAGE_BODY)
        by_body = body.to_json()
        fewer = len(attributes.left_out) < len(body.left_out)
        if by_body is not None and not (fewer and by_attributes is not None):
            return Filter(by_body.translate(_NOT_CARRIED), "MessageBody")
    if by_attributes is None:
        return None
    return Filter(by_attributes.translate(_NOT_CARRIED), "MessageAttributes")
