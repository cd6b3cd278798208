"""Which draft of JSON Schema a contract is written in, and how eventroute reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from jsonschema import FormatChecker, ValidationError, validators

from eventroute.errors import ContractError
from eventroute.registry.json_kinds import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["META_CHECKER", "Dialect", "dialect_of"]

_DEFAULT: Final = "https://json-schema.org/draft/2020-12/schema"
# From 2019-09 on, "format" is an annotation unless a vocabulary says otherwise.
_ANNOTATING: Final = ("draft/2019-09/", "draft/2020-12/")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one draft is checked.

    :ivar uri: the draft, as ``$schema`` names it.
    :ivar validator: the draft's validator class.
    :ivar format_checker: the formats that the draft asserts; ``None`` for none.
    """

    uri: str
    validator: Any
    format_checker: FormatChecker | None


def dialect_of(schema: Mapping[str, object], where: str) -> Dialect:
    """Return the dialect that ``$schema`` names; 2020-12 where it names none.

    :raises ContractError: a dialect that is not known.
    """
    uri = schema.get("$schema", _DEFAULT)
    # The stubs know neither this default nor the types of extend().
    known: Any = validators
    found: Any = known.validator_for({"$schema": uri}, None) if isinstance(uri, str) else None
    if found is None or not isinstance(uri, str):
        raise ContractError(
            f"{where} names the JSON Schema dialect {str(uri)[:100]!r}, which is not known; "
            f'use "$schema": "{_DEFAULT}"'
        )
    asserts = not any(draft in uri for draft in _ANNOTATING)
    validator = known.extend(found, {"multipleOf": _multiple_of, "uniqueItems": _unique_items})
    return Dialect(uri, validator, _FORMATS if asserts else None)


def _multiple_of(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    factor: float,
    instance: float,
    _: object,
) -> Iterator[ValidationError]:
    """Compare decimal fractions as written: 0.3 is a multiple of 0.1, though not of its double."""
    if validator.is_type(instance, "number"):
        quotient = Fraction(repr(instance)) / Fraction(repr(factor))
        if quotient.denominator != 1:
            yield ValidationError("")


def _unique_items(
    validator: Any,  # noqa: ANN401  as jsonschema calls it
    wanted: object,
    instance: object,
    _: object,
) -> Iterator[ValidationError]:
    """Compare in linear time: jsonschema compares every pair of objects."""
    del validator
    if wanted and is_array(instance):
        seen: set[str] = set()
        for element in instance:
            key = _canonical(element)
            if key in seen:
                yield ValidationError("")
                return
            seen.add(key)


def _canonical(value: object) -> str:
    """Write values that JSON Schema calls equal as the same text: 1 and 1.0, but not true.

    A text, because the hashes of numbers are known, and a sender could choose numbers that collide.
    """
    if is_object(value):
        members = sorted(f"{name!r}:{_canonical(member)}" for name, member in value.items())
        return "{" + ",".join(members) + "}"
    if is_array(value):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)  # Python refuses to write a long number in decimal
    return repr(value)


def _text(check: Callable[[str], object]) -> Callable[[object], bool]:
    def conforms(instance: object) -> bool:
        return not isinstance(instance, str) or bool(check(instance))

    return conforms


def _date_time(text: str) -> bool:
    # RFC 3339 wants a "T" and a zone; well-known senders, such as GitHub, leave both out at times.
    return text[10:11] in ("T", "t", " ") and bool(datetime.fromisoformat(text))


def _checker(formats: Mapping[str, Callable[[str], object]]) -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, check in formats.items():
        checker.checks(name, raises=ValueError)(_text(check))
    return checker


# A fixed set from the standard library: jsonschema's own grows with what else is installed.
_FORMATS: Final = _checker(
    {
        "date-time": _date_time,
        "date": lambda text: len(text) == 10 and date.fromisoformat(text),
        "uri": lambda text: urlsplit(text).scheme and " " not in text,
        "email": lambda text: "@" in text[1:-1],
        "ipv4": IPv4Address,
        "ipv6": IPv6Address,
    }
)


def _regex(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return True


META_CHECKER: Final = _checker({"regex": _regex})
"""For schemas themselves: a regular expression that does not compile makes a schema invalid."""
