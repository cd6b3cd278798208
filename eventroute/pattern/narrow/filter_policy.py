"""The filter policy of a subscription, whatever its publishers send along."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow.alternatives import either
from eventroute.pattern.narrow.dialect import SNS_MESSAGE_ATTRIBUTES, SNS_MESSAGE_BODY
from eventroute.pattern.narrow.narrowing import narrow
from eventroute.pattern.narrow.published import CLAIM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eventroute.pattern.narrow.alternatives import Field, Rule
    from eventroute.pattern.narrow.dialect import Dialect
    from eventroute.pattern.narrow.sns import SNSScope
    from eventroute.pattern.pattern import Pattern

__all__ = ["FilterPolicy", "filter_policy"]

_ALWAYS_SENT: Final = frozenset({"source", "detail-type"})
_ABSENT: Final = '{"exists": false}'
_PRESENT: Final = '{"exists": true}'

# SNS answers in XML 1.0, which has no such characters: a policy could not be read back.
_NOT_CARRIED: Final = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}


@dataclass(frozen=True, slots=True)
class FilterPolicy:
    """A filter policy, as JSON text, and what it looks at."""

    policy: str
    scope: SNSScope


def filter_policy(
    pattern: Pattern,
    *,
    attributes: Mapping[str, str] | None = None,
    claim_check: bool = False,
) -> FilterPolicy | None:
    """The filter policy of a subscription; ``None`` where SNS is to let everything through.

    It must not depend on the options of publishers. One with a claim check sends large events
    without their detail, one with other ``attributes`` leaves some out; both pass, and the worker
    tests them.

    :param attributes: path into the event to the name of an attribute, beside those always sent.
    :param claim_check: whether such envelopes are expected; attributes say of them what the body
        cannot.
    """
    dialect = SNS_MESSAGE_ATTRIBUTES.with_attributes(attributes or {})
    by_attributes, fewest = _narrowed(_without_attributes(pattern), dialect)
    body, left_out = _narrowed(_with_claims(pattern), SNS_MESSAGE_BODY)
    fewer = fewest <= left_out if claim_check else fewest < left_out
    if body is not None and not (fewer and by_attributes is not None):
        return FilterPolicy(body, "MessageBody")
    return None if by_attributes is None else FilterPolicy(by_attributes, "MessageAttributes")


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
