"""What of a pattern SNS evaluates: the topics to subscribe to, and the filter policy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, SNS_MESSAGE_BODY, SNSScope, narrow
from eventroute_aws.message_attributes import CLAIM
from eventroute_aws.sns.alternatives import either

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventroute.pattern import Pattern
    from eventroute.pattern.narrow import Dialect
    from eventroute_aws.options import SnsOptions
    from eventroute_aws.sns.alternatives import Field, Rule

__all__ = ["Filter", "filter_of", "sources_of"]

_ALWAYS_SENT: Final = frozenset({"source", "detail-type"})
_ABSENT: Final = '{"exists": false}'
_PRESENT: Final = '{"exists": true}'

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
    """The filter policy of a subscription; ``None`` where SNS is to let everything through.

    It must not depend on the options of publishers. One with the claim check sends large events
    without their detail, one with other ``attributes`` leaves some out; both pass, and the worker
    tests them.
    """
    by_attributes = SNS_MESSAGE_ATTRIBUTES.with_attributes(options.attributes)
    attributes, fewest = _narrowed(_without_attributes(pattern), by_attributes)
    body, left_out = _narrowed(_with_claims(pattern), SNS_MESSAGE_BODY)
    # Attributes say of a large event what its body cannot.
    fewer = fewest <= left_out if options.claim_check is not None else fewest < left_out
    if body is not None and not (fewer and attributes is not None):
        return Filter(body, "MessageBody")
    return None if attributes is None else Filter(attributes, "MessageAttributes")


def _narrowed(pattern: Pattern | None, dialect: Dialect) -> tuple[str | None, int]:
    """A policy, and the number of clauses that it lacks."""
    if pattern is None:
        return None, 0
    narrowed = narrow(pattern, dialect)
    policy = narrowed.to_json()
    carried = None if policy is None else policy.translate(_NOT_CARRIED)
    return carried, len(narrowed.left_out)


def _with_claims(pattern: Pattern) -> Pattern | None:
    """What the pattern matches, and envelopes whose detail is in S3."""
    rules: list[Rule] = []
    for rule in _rules(pattern):
        rules.append(rule)
        envelope = tuple(field for field in rule if not field[0].startswith("detail."))
        if envelope != rule:
            rules.append((*envelope, (CLAIM, (_PRESENT,))))
    return either(rules)


def _without_attributes(pattern: Pattern) -> Pattern | None:
    """What the pattern matches, also where members are absent."""
    rules: list[Rule] = []
    for rule in _rules(pattern):
        fields: list[Field] = []
        for path, tests in rule:
            if path in _ALWAYS_SENT or _ABSENT in tests:
                fields.append((path, tests))
            elif _PRESENT not in tests:  # there or not there: it would test nothing
                fields.append((path, (*tests, _ABSENT)))
        rules.append(tuple(fields))
    return either(rules)


def _rules(pattern: Pattern) -> Iterator[Rule]:
    for rule in pattern.sub_rules:
        yield tuple(
            (clause.path, tuple(json.dumps(test.to_json()) for test in clause.matchers))
            for clause in rule
        )
