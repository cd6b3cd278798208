"""What of a pattern SNS evaluates: the topics to subscribe to, and the filter policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.pattern import Pattern
from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, SNS_MESSAGE_BODY, SNSScope, narrow
from eventroute.pattern.narrow.policy import GENEROUS, distinct, reads_back, written
from eventroute.pattern.operators import Exists
from eventroute_aws.message_attributes import CLAIM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.pattern.narrow.dialect import Dialect
    from eventroute.pattern.narrow.policy import Field, Rule
    from eventroute_aws.options import SnsOptions

__all__ = ["Filter", "filter_of", "sources_of"]

_ALWAYS_SENT: Final = frozenset({"source", "detail-type"})
_ABSENT: Final = Exists(present=False)
_PRESENT: Final = Exists(present=True)


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


def _narrowed(rules: Iterable[Rule], dialect: Dialect) -> tuple[str | None, int]:
    """A policy, and the number of clauses that it lacks."""
    kept = distinct(rules)
    policy = written(kept, nested=True)
    if not all(kept) or not reads_back(policy, kept):
        return None, 0
    narrowed = narrow(Pattern(policy, limits=GENEROUS), dialect)
    return narrowed.to_json(), len(narrowed.left_out)


def _with_claims(pattern: Pattern) -> Iterator[Rule]:
    """What the pattern matches, and envelopes whose detail is in S3."""
    for rule in pattern.sub_rules:
        fields = tuple((clause.path, clause.matchers) for clause in rule)
        yield fields
        envelope = tuple(field for field in fields if not field[0].startswith("detail."))
        if envelope != fields:
            yield (*envelope, (CLAIM, (_PRESENT,)))


def _without_attributes(pattern: Pattern) -> Iterator[Rule]:
    """What the pattern matches, also where members are absent."""
    for rule in pattern.sub_rules:
        fields: list[Field] = []
        for clause in rule:
            if clause.path in _ALWAYS_SENT or clause.accepts_absence:
                fields.append((clause.path, clause.matchers))
            elif _PRESENT not in clause.matchers:  # there or not there: it would test nothing
                fields.append((clause.path, (*clause.matchers, _ABSENT)))
        yield tuple(fields)
