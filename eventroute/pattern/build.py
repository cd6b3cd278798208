"""Functions that write the tests of a pattern: plain JSON values, checked at once.

Each gives a list of tests for one field, of which one suffices; ``+`` joins two lists::

    where={"total": at_least(1000), "country": any_of("KR") + prefix("J")}

A wrong operand raises `PatternError` here, and not where the pattern is used.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, cast, overload

from eventroute.errors import PatternError
from eventroute.pattern.json_values import Scalar, shown
from eventroute.pattern.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Amount",
    "Operand",
    "Tests",
    "absent",
    "any_of",
    "anything_but",
    "at_least",
    "at_most",
    "between",
    "either",
    "exists",
    "ignoring_case",
    "in_network",
    "less_than",
    "more_than",
    "prefix",
    "suffix",
    "wildcard",
]

Amount: TypeAlias = int | float | Decimal
"""A number. A decimal must be one that a JSON number keeps."""

Operand: TypeAlias = Scalar | list[str | int | float] | dict[str, str | list[str]]
"""What an operator takes."""

Tests: TypeAlias = list[Scalar | dict[str, Operand]]
"""The tests of one field; one suffices."""


def any_of(*values: Scalar | Decimal) -> Tests:
    """One of the values: strings, numbers, ``True``, ``False``, ``None``.

    :raises PatternError: no value, or one that is not JSON.
    """
    return _checked([_plain(each) if isinstance(each, Decimal) else each for each in values])


@overload
def anything_but(*values: str) -> Tests: ...
@overload
def anything_but(*values: Amount) -> Tests: ...
@overload
def anything_but(tests: Tests, /) -> Tests: ...
def anything_but(*values: str | Amount | Tests) -> Tests:
    """Any value but these; a field that is absent does not pass.

    :param values: all strings or all numbers; or the result of `prefix`, `suffix`, `wildcard` or
        `ignoring_case`, such as ``anything_but(prefix("test-"))``.
    :raises PatternError: no value, a mixture, or another kind of test.
    """
    if len(values) != 1 or not isinstance(values[0], list):
        plain = [_plain(each) if isinstance(each, Decimal) else each for each in values]
        return _checked([{"anything-but": cast("list[str | int | float]", plain)}])
    nested: dict[str, list[str]] = {}
    for test in values[0]:
        if not isinstance(test, dict):
            raise PatternError(f"anything_but takes {shown(test)} itself, not a list of it")
        for operator, operand in test.items():
            nested.setdefault(operator, []).append(cast("str", operand))
    return _checked([{"anything-but": cast("dict[str, str | list[str]]", nested)}])


def prefix(*texts: str, ignore_case: bool = False) -> Tests:
    """A string that begins with one of the texts."""
    return _affixed("prefix", texts, ignore_case=ignore_case)


def suffix(*texts: str, ignore_case: bool = False) -> Tests:
    """A string that ends with one of the texts."""
    return _affixed("suffix", texts, ignore_case=ignore_case)


def ignoring_case(*texts: str) -> Tests:
    """One of the texts, in upper or lower case."""
    return _checked([{"equals-ignore-case": text} for text in texts])


def wildcard(*texts: str) -> Tests:
    r"""A string that fits one of the texts: ``*`` is any run of characters, ``\*`` a star."""
    return _checked([{"wildcard": text} for text in texts])


def in_network(*blocks: str) -> Tests:
    """An IP address in one of the blocks, such as ``"10.0.0.0/8"`` or ``"2001:db8::/32"``."""
    return _checked([{"cidr": block} for block in blocks])


def at_least(bound: Amount) -> Tests:
    """A number, the bound or more."""
    return _numeric(">=", bound)


def more_than(bound: Amount) -> Tests:
    """A number above the bound."""
    return _numeric(">", bound)


def at_most(bound: Amount) -> Tests:
    """A number, the bound or less."""
    return _numeric("<=", bound)


def less_than(bound: Amount) -> Tests:
    """A number below the bound."""
    return _numeric("<", bound)


def between(
    low: Amount, high: Amount, *, include_low: bool = True, include_high: bool = True
) -> Tests:
    """A number from ``low`` to ``high``, both included unless said otherwise.

    :raises PatternError: ``low`` is not below ``high``.
    """
    return _numeric(">=" if include_low else ">", low, "<=" if include_high else "<", high)


def exists() -> Tests:
    """Any value, ``null`` included."""
    return [{"exists": True}]


def absent() -> Tests:
    """No value: nothing, an empty array or an object."""
    return [{"exists": False}]


def either(*alternatives: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """One of several patterns: ``either({"a": any_of(1)}, {"b": any_of(2)})``.

    The result is a pattern. Beside other fields, write ``{**either(…), "c": any_of(3)}``.

    :raises PatternError: fewer than two patterns, or one that is not valid.
    """
    pattern = {"$or": [dict(alternative) for alternative in alternatives]}
    if any(clause.path == "$or" for rule in Pattern(pattern).sub_rules for clause in rule):
        raise PatternError(
            "either takes patterns, which name fields; these are operators", pointer="/$or/0"
        )
    return pattern


def _affixed(operator: str, texts: tuple[str, ...], *, ignore_case: bool) -> Tests:
    if ignore_case:
        return _checked([{operator: {"equals-ignore-case": text}} for text in texts])
    return _checked([{operator: text} for text in texts])


def _numeric(*terms: str | Amount) -> Tests:
    return _checked(
        [{"numeric": [_plain(term) if isinstance(term, Decimal) else term for term in terms]}]
    )


def _plain(number: Decimal) -> int | float:
    """The JSON number with the same value.

    :raises PatternError: there is none.
    """
    if number.is_finite() and abs(number) < Decimal(2) ** 1023:
        plain = int(number) if number == number.to_integral_value() else float(number)
        if Decimal(repr(plain)) == number:
            return plain
    raise PatternError(f"no JSON number keeps all digits of {number}; round it")


def _checked(tests: Tests) -> Tests:
    try:
        Pattern({"field": tests})
    except PatternError as error:
        place = error.pointer.removeprefix("/field")
        raise PatternError(error.reason, pointer=place) from None
    return tests
