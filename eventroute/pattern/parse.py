"""From a pattern's JSON to its normal form."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.errors import PatternError
from eventroute.jsontext import pointer
from eventroute.pattern.clause import Clause, SubRule
from eventroute.pattern.json_values import JSON, Members, members, shown
from eventroute.pattern.operators import PARSERS, Matcher, exact
from eventroute.pattern.operators.matcher import kind

if TYPE_CHECKING:
    from eventroute.pattern.limits import PatternLimits

__all__ = ["parse_pattern"]

# The paths of one alternative. Setting a path that is there replaces it: the later one counts.
_Paths: TypeAlias = dict[str, Clause]

_RESERVED: Final = frozenset(
    {*PARSERS, "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"}
    | {"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"}
    | {"ip-address-in-range", "ip-address-not-in-range"}
)


def parse_pattern(tree: JSON, limits: PatternLimits) -> tuple[SubRule, ...]:
    """Validate a pattern and expand ``$or``.

    A pattern in which some ``$or`` cannot be a list of alternatives is read once more with
    ``$or`` as an ordinary field name, as event-ruler does.

    :raises PatternError: naming the place in the pattern, the value and the remedy.
    """
    if not isinstance(tree, dict | Members):
        raise PatternError(
            f"a pattern is a JSON object, not {kind(tree)} ({shown(tree)}); "
            'write {"source": ["shop.orders"]}'
        )
    try:
        rules = _Parser(limits, or_is_field=False).parse(tree)
    except _NoAlternativesError as error:
        try:
            rules = _Parser(limits, or_is_field=True).parse(tree)
        except PatternError:
            raise PatternError(error.reason, pointer=error.pointer) from None
    return tuple(tuple(rule.values()) for rule in rules)


class _NoAlternativesError(PatternError):
    """A ``$or`` is not a list of alternatives; it may still be a field."""


class _Parser:
    def __init__(self, limits: PatternLimits, *, or_is_field: bool) -> None:
        self._limits = limits
        self._or_is_field = or_is_field

    def parse(self, tree: dict[str, JSON] | Members) -> list[_Paths]:
        return self._object(tree, [{}], path=(), place="", inside_or=False)

    def _object(
        self,
        tree: dict[str, JSON] | Members,
        rules: list[_Paths],
        *,
        path: tuple[str, ...],
        place: str,
        inside_or: bool,
    ) -> list[_Paths]:
        fields = list(members(tree))
        if not fields:
            raise PatternError("an empty object matches nothing; name a field", pointer=place)
        for name, value in fields:
            here = place + pointer(name)
            if name == "$or" and not self._or_is_field:
                rules = self._alternatives(value, rules, path=path, place=here)
                continue
            if inside_or and name in _RESERVED:
                raise _NoAlternativesError(
                    f"{name!r} is an operator or reserved, and cannot name a field inside $or",
                    pointer=here,
                )
            below = (*path, *name.split("."))
            if len(below) > self._limits.max_depth:
                raise PatternError(
                    f"more than {self._limits.max_depth} names deep; shorten the path",
                    pointer=here,
                )
            if isinstance(value, dict | Members):
                if name == "$or":
                    raise PatternError("$or takes a list of alternatives", pointer=here)
                rules = self._object(value, rules, path=below, place=here, inside_or=inside_or)
            elif isinstance(value, list):
                # Many patterns name the same fields: equal strings are one.
                clause = Clause(intern(".".join(below)), intern(here), self._tests(value, here))
                for rule in rules:
                    rule[clause.path] = clause
                self._check_size(rules, here)
            else:
                raise PatternError(
                    f"{name!r} is tested with {shown(value)}; put it into a list: [{shown(value)}]",
                    pointer=here,
                )
        return rules

    def _alternatives(
        self, value: JSON, rules: list[_Paths], *, path: tuple[str, ...], place: str
    ) -> list[_Paths]:
        if not isinstance(value, list) or len(value) < 2:
            raise _NoAlternativesError(
                f"$or takes a list of at least two objects, not {shown(value)}", pointer=place
            )
        expanded: list[_Paths] = []
        for index, alternative in enumerate(value):
            here = place + pointer(index)
            if not isinstance(alternative, dict | Members):
                raise _NoAlternativesError(
                    f"each alternative of $or is an object, not {kind(alternative)} "
                    f"({shown(alternative)})",
                    pointer=here,
                )
            copies = [dict(rule) for rule in rules]
            expanded += self._object(alternative, copies, path=path, place=here, inside_or=True)
            self._check_size(expanded, here)
        return expanded

    def _check_size(self, rules: list[_Paths], place: str) -> None:
        if len(rules) > self._limits.max_combinations:
            raise PatternError(
                f"$or expands to more than {self._limits.max_combinations:,} combinations; "
                "split the pattern, or raise PatternLimits(max_combinations=)",
                pointer=place,
            )
        if len(rules) * len(rules[-1]) > self._limits.max_clauses:
            raise PatternError(
                f"$or expands to more than {self._limits.max_clauses:,} fields; "
                "split the pattern, or raise PatternLimits(max_clauses=)",
                pointer=place,
            )

    def _tests(self, tests: list[JSON], place: str) -> tuple[Matcher, ...]:
        if not tests:
            raise PatternError(
                "an empty list matches nothing; name a value or an operator", pointer=place
            )
        return tuple(self._test(test, place + pointer(index)) for index, test in enumerate(tests))

    def _test(self, test: JSON, place: str) -> Matcher:
        if isinstance(test, list):
            raise PatternError(
                f"a list cannot hold a list ({shown(test)}); arrays of an event are searched "
                "without it",
                pointer=place,
            )
        if not isinstance(test, dict | Members):
            return exact(test)
        operators = list(members(test))
        if len(operators) != 1:
            raise PatternError(
                f'one operator an object, not {len(operators)} ({shown(test)}); for "or" '
                "write one object each",
                pointer=place,
            )
        name, operand = operators[0]
        parse = PARSERS.get(name)
        if parse is None:
            raise PatternError(_unknown(name), pointer=place + pointer(name))
        return parse(operand, place + pointer(name), self._limits)


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only for the message

    close = get_close_matches(name[:40].lower().replace("_", "-"), PARSERS, n=1)
    remedy = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(PARSERS)}"
    return f"unknown operator {shown(name)}; {remedy}"
