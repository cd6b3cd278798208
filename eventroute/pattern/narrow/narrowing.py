"""From a pattern to the strongest that a weaker dialect can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventroute.errors import DeclarationError
from eventroute.jsontext import pointer
from eventroute.pattern.json_values import shown
from eventroute.pattern.narrow.carried import ON_ARRIVAL, Obstacle, obstacle, unseen
from eventroute.pattern.narrow.dialect import Dialect
from eventroute.pattern.narrow.fit import Fitting
from eventroute.pattern.narrow.measure import measure
from eventroute.pattern.narrow.narrowed import Narrowed, Omission
from eventroute.pattern.narrow.policy import Field, Rule, distinct, reads_back, respelled, written
from eventroute.pattern.narrow.weaken import strongest
from eventroute.pattern.operators import Exists
from eventroute.pattern.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eventroute.pattern.clause import Clause, SubRule
    from eventroute.pattern.operators import Matcher

__all__ = ["narrow"]


def narrow(pattern: Pattern | str | bytes | Mapping[str, Any], dialect: Dialect) -> Narrowed:
    """The strongest pattern of a dialect that lets through whatever the original matches.

    Events are envelopes: ``detail`` is one object, no array. The same pattern and dialect always
    give the same answer, and narrowing that answer again changes nothing.

    :param pattern: a pattern, or what `Pattern` takes.
    :param dialect: such as ``SNS_MESSAGE_BODY``.
    :raises PatternError: the pattern is not valid.
    :raises DeclarationError: the dialect is no `Dialect`.
    """
    if not isinstance(dialect, Dialect):
        raise DeclarationError(
            f"a dialect is a Dialect such as SNS_MESSAGE_BODY, not {shown(dialect)}"
        )
    whole = pattern if isinstance(pattern, Pattern) else Pattern(pattern)
    return _Narrowing(dialect).narrow(whole)


class _Narrowing:
    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._left_out: dict[Omission, None] = {}
        self._carried: dict[Clause, Field | None] = {}
        self._spellings: dict[tuple[str, frozenset[Matcher]], Field] = {}
        self._origins: dict[Field, str] = {}

    def narrow(self, pattern: Pattern) -> Narrowed:
        rules = [self._rule(rule) for rule in pattern.sub_rules]
        if not all(rules):
            return Narrowed(None, tuple(self._left_out))
        nested = self._dialect.scope != "MessageAttributes"
        if nested and not self._left_out and _says_nothing_else(pattern):
            own = respelled(pattern.source)
            if reads_back(own, rules) and measure(own, nested=nested).over(self._dialect) is None:
                return Narrowed(own, ())
        fitting = Fitting(self._dialect, self._origins)
        fitted, left_out = fitting.fit(distinct(rules))
        self._left_out.update(dict.fromkeys(left_out))
        policy = written(fitted, nested=nested) if fitted else None
        if policy is not None and not reads_back(policy, fitted):
            why = "inside $or, a field cannot be named like an operator", "rename the field"
            fitted, left_out = fitting.merged(fitted, why)
            policy = written(fitted, nested=nested) if fitted else None
            self._left_out.update(dict.fromkeys(left_out))
        return Narrowed(policy, tuple(self._left_out))

    def _rule(self, rule: SubRule) -> Rule:
        kept: list[Clause] = []
        fields: list[Field] = []
        for clause in rule:
            if clause not in self._carried:
                self._carried[clause] = self._field(clause)
            field = self._carried[clause]
            if field is not None:
                kept.append(clause)
                fields.append(field)
        if self._dialect.scope == "MessageAttributes":
            self._left_out.update(dict.fromkeys(_apart(kept)))
        return tuple(fields)

    def _field(self, clause: Clause) -> Field | None:
        name = clause.path
        if (why := unseen(name, self._dialect)) is not None:
            self._leave_out(clause.pointer, f"the test of {name} is dropped", why)
            return None
        if self._dialect.scope == "MessageAttributes":
            name = dict(self._dialect.attributes).get(name, "")
        if not name or "$or" in clause.segments:
            why = (
                (f"{self._dialect.name} cannot name a field $or", "rename the field")
                if name
                else (
                    "no message attribute carries it",
                    f'send it as one: with_attributes({{"{clause.path}": "name"}})',
                )
            )
            self._leave_out(clause.pointer, f"the test of {clause.path} is dropped", why)
            return None
        tests = self._tests(clause)
        if not tests:
            return None
        field = self._spellings.setdefault((name, frozenset(tests)), (name, tests))
        self._origins.setdefault(field, clause.pointer)
        return field

    def _tests(self, clause: Clause) -> tuple[Matcher, ...]:
        """The tests that stand in for those of a clause; none where it is dropped."""
        some = Exists(True)
        tests: dict[Matcher, None] = {}
        for index, test in enumerate(clause.matchers):
            found, same = strongest(test, self._dialect)
            if found == some and clause.accepts_absence and not same:
                found = None  # some value, or none: everything
            if not same:
                became = "is dropped" if found is None else f"became {shown(found.to_json())}"
                what = f"{shown(test.to_json())} {became}"
                why = obstacle(test, self._dialect) or ("", ON_ARRIVAL)
                self._leave_out(clause.pointer + pointer(index), what, why)
            if found is None:
                return ()
            tests[found] = None
            if found == some and not same:
                return (some,)
        return tuple(tests)

    def _leave_out(self, place: str, what: str, why: Obstacle) -> None:
        self._left_out[Omission(place, what, *why)] = None


def _says_nothing_else(pattern: Pattern) -> bool:
    """Whether each test of the text counts: of a field beside ``$or`` and in it, the last does."""
    counting = {clause.pointer for rule in pattern.sub_rules for clause in rule}
    return counting == set(_places(pattern.source))


def _places(tree: Mapping[str, Any], begin: str = "") -> Iterator[str]:
    """JSON pointers to the lists of tests."""
    for name, value in tree.items():
        place = begin + pointer(name)
        if isinstance(value, dict):
            yield from _places(value, place)
        elif name == "$or" and all(isinstance(each, dict) for each in value):
            for index, each in enumerate(value):
                yield from _places(each, f"{place}/{index}")
        else:
            yield place


def _apart(clauses: Sequence[Clause]) -> Iterator[Omission]:
    """Fields that one element of an array must satisfy together; attributes forget that."""
    for index, clause in enumerate(clauses):
        for other in clauses[:index]:
            shared = 0
            for name, same in zip(clause.segments, other.segments, strict=False):
                if name != same:
                    break
                shared += 1
            if shared > 1 or (shared == 1 and clause.segments[0] != "detail"):
                yield Omission(
                    clause.pointer,
                    f"{clause.path} and {other.path} may be met by different elements of an array",
                    "message attributes are tested one by one",
                    "filter on the message body",
                )
                break
