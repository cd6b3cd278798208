"""One file an operator family; a new one is a matcher, a parser, and a line in this table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern.operators.affix import Prefix, Suffix, parse_prefix, parse_suffix
from eventroute.pattern.operators.anything_but import AnythingBut, parse_anything_but
from eventroute.pattern.operators.cidr import CIDR, parse_cidr
from eventroute.pattern.operators.exact import Literal, Number, Text, exact, parse_exactly
from eventroute.pattern.operators.exists import Exists, parse_exists
from eventroute.pattern.operators.ignore_case import EqualsIgnoreCase, parse_equals_ignore_case
from eventroute.pattern.operators.matcher import Matcher
from eventroute.pattern.operators.numeric import Range, parse_numeric
from eventroute.pattern.operators.wildcard import Wildcard, parse_wildcard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eventroute.pattern.json_values import JSON
    from eventroute.pattern.limits import PatternLimits

__all__ = [
    "CIDR",
    "PARSERS",
    "AnythingBut",
    "EqualsIgnoreCase",
    "Exists",
    "Literal",
    "Matcher",
    "Number",
    "Prefix",
    "Range",
    "Suffix",
    "Text",
    "Wildcard",
    "exact",
]

PARSERS: Final[Mapping[str, Callable[[JSON, str, PatternLimits], Matcher]]] = {
    "anything-but": parse_anything_but,
    "cidr": parse_cidr,
    "equals-ignore-case": parse_equals_ignore_case,
    "exactly": parse_exactly,
    "exists": parse_exists,
    "numeric": parse_numeric,
    "prefix": parse_prefix,
    "suffix": parse_suffix,
    "wildcard": parse_wildcard,
}
"""How each operator's operand is read: operand, JSON pointer of the operand, limits."""
