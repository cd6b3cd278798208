"""Matching in the plainest way: what the engines' answers are checked against.

It knows only what the benchmarks' rules use: no dotted names, no repeated members, and absence
only outside arrays.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["holds"]


def holds(pattern: dict[str, Any], value: object) -> bool:
    """Tell whether a value satisfies a pattern; of an array, one element must."""
    if isinstance(value, list):
        return any(holds(pattern, item) for item in value)
    found: dict[str, Any] = value if isinstance(value, dict) else {}
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(holds(each, found) for each in wanted):
                return False
        elif isinstance(wanted, dict):
            if not holds(wanted, found.get(name, {})):
                return False
        else:
            leaves = list(_leaves(found[name])) if name in found else []
            if not any(_passes(test, leaves) for test in wanted):
                return False
    return True


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif not isinstance(value, dict):
        yield value


def _passes(test: object, leaves: list[object]) -> bool:
    if test == {"exists": False}:
        return not leaves
    return any(_accepts(test, leaf) for leaf in leaves)


def _accepts(test: object, leaf: object) -> bool:
    if not isinstance(test, dict):
        return type(test) is type(leaf) and test == leaf
    ((operator, operand),) = test.items()
    return _OPERATORS[operator](operand, leaf)


def _folded(change: Callable[[str, str], bool]) -> Callable[[Any, object], bool]:
    def check(operand: str | dict[str, str], leaf: object) -> bool:
        if not isinstance(leaf, str):
            return False
        if isinstance(operand, dict):
            return change(leaf.lower(), operand["equals-ignore-case"].lower())
        return change(leaf, operand)

    return check


def _numeric(bounds: list[Any], leaf: object) -> bool:
    if isinstance(leaf, bool) or not isinstance(leaf, int | float):
        return False
    pairs = zip(bounds[::2], bounds[1::2], strict=True)
    return all(_COMPARISONS[sign](leaf, bound) for sign, bound in pairs)


def _anything_but(operand: object, leaf: object) -> bool:
    if not isinstance(operand, dict):
        return leaf not in (operand if isinstance(operand, list) else [operand])
    ((operator, nested),) = operand.items()
    texts = nested if isinstance(nested, list) else [nested]
    return not any(_OPERATORS[operator](text, leaf) for text in texts)


@lru_cache(maxsize=200_000)
def _wildcard(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


@lru_cache(maxsize=200_000)
def _block(text: str) -> Callable[[object], bool]:
    network = ip_network(text, strict=False)
    return lambda leaf: isinstance(leaf, str) and ip_address(leaf) in network


_COMPARISONS = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
_OPERATORS: dict[str, Callable[[Any, object], bool]] = {
    "prefix": _folded(str.startswith),
    "suffix": _folded(str.endswith),
    "equals-ignore-case": lambda text, leaf: isinstance(leaf, str) and leaf.lower() == text.lower(),
    "numeric": _numeric,
    "wildcard": lambda text, leaf: isinstance(leaf, str) and bool(_wildcard(text).fullmatch(leaf)),
    "cidr": lambda text, leaf: _block(text)(leaf),
    "exists": lambda _, __: True,
    "anything-but": _anything_but,
}
