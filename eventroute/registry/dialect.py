"""Which draft of JSON Schema a contract is written in, and how eventroute reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from jsonschema import FormatChecker, validators

from eventroute.dialects.modern import LATEST
from eventroute.errors import ContractError, UnsupportedExpressionError
from eventroute.registry.json_kinds import is_object
from eventroute.registry.keywords import keywords
from eventroute.registry.patterns import Patterns
from eventroute.registry.regular.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["META_CHECKER", "Dialect", "dialect_of", "metaschema_validator"]

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
    uri = schema.get("$schema", LATEST)
    # The stubs know neither this default nor the types of extend().
    known: Any = validators
    found: Any = known.validator_for({"$schema": uri}, None) if isinstance(uri, str) else None
    if found is None or not isinstance(uri, str):
        raise ContractError(
            f"{where} names the JSON Schema dialect {str(uri)[:100]!r}, which is not known; "
            f'use "$schema": "{LATEST}"'
        )
    asserts = not any(draft in uri for draft in _ANNOTATING)
    validator = _extended(found, Patterns(), {})
    return Dialect(uri, validator, _FORMATS if asserts else None)


@lru_cache(maxsize=16)
def metaschema_validator(uri: str) -> Any:  # noqa: ANN401  jsonschema's classes are made at run time
    """What checks whether something is a schema of this draft: its ``check_schema`` does.

    Made once, since a class takes longer to make than most schemas to check.

    :param uri: a draft that is known, as :class:`Dialect` has it.
    """
    return dialect_of({"$schema": uri}, "the schema").validator


def _extended(found: Any, patterns: Patterns, made: dict[Any, Any]) -> Any:  # noqa: ANN401  jsonschema's classes are made at run time
    """Give a validator class our keywords, also where a part of a schema has its own ``$schema``.

    :param made: the classes that have them already, by those that have not.
    """
    if found in made:
        return made[found]
    known: Any = validators
    extended = made[found] = known.extend(found, keywords(found.VALIDATORS, patterns))
    ours = extended.evolve

    def evolve(self: Any, **changes: Any) -> Any:  # noqa: ANN401  as jsonschema calls it
        schema = changes.get("schema", self.schema)
        if not is_object(schema) or "$schema" not in schema:
            return ours(self, **changes)
        other = known.validator_for(schema, found)
        chosen = _extended(other, patterns, made)
        # jsonschema would choose by "$schema" alone; without it, it stays with its class.
        hidden = {name: value for name, value in schema.items() if name != "$schema"}
        if chosen is not type(self):
            self = chosen(
                self.schema,
                format_checker=self.format_checker,
                registry=self._registry,
                _resolver=self._resolver,
            )
        return ours(self, **{**changes, "schema": hidden})

    extended.evolve = evolve
    return extended


def _text(check: Callable[[str], object]) -> Callable[[object], bool]:
    def conforms(instance: object) -> bool:
        return not isinstance(instance, str) or bool(check(instance))

    return conforms


def _date_time(text: str) -> bool:
    # RFC 3339 wants a "T" and a zone; well-known senders, such as GitHub, leave both out at times.
    return text[10:11] in ("T", "t", " ") and bool(datetime.fromisoformat(text))


# What nearly every URI looks like, told six times as fast.
_PLAIN_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\w./?#@!$&'()*+,;=%{}~:-]*", re.ASCII)


def _uri(text: str) -> bool:
    return bool(_PLAIN_URI.fullmatch(text) or (urlsplit(text).scheme and " " not in text))


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
        "uri": _uri,
        "email": lambda text: "@" in text[1:-1],
        "ipv4": IPv4Address,
        "ipv6": IPv6Address,
    }
)


def _regex(text: str) -> bool:
    try:
        parse(text)
    except UnsupportedExpressionError:
        pass  # what it has may be more than is regular
    else:
        return True
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return True


META_CHECKER: Final = _checker({"regex": _regex})
"""For schemas themselves: a regular expression that does not compile makes a schema invalid."""
