"""Objects that a pattern is likely to match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.torture.equivalence.values import Raw, scalar, value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from tools.torture.equivalence.rules import Fields

__all__ = ["changed", "example"]

_ABSENT: Final = object()
_BETWEEN: Final = {"=": 0, ">=": 0, "<=": 0, ">": 1, "<": -1}


def example(random: Random, pattern: Mapping[str, Any]) -> Fields:
    """An object with a member for each field; values sometimes stand in arrays, among others."""
    found: Fields = {}
    for name, tests in pattern.items():
        if name == "$or":
            _merge(found, example(random, random.choice(tests)))
        elif isinstance(tests, dict):
            inner: object = example(random, tests)
            if random.random() < 0.2:
                inner = [*([{"x": 1}] * random.randint(0, 2)), inner]
            found[name] = inner
        else:
            made = _satisfying(random, random.choice(tests))
            if made is not _ABSENT:
                found[name] = [scalar(random), made] if random.random() < 0.15 else made
    return found


def _merge(into: Fields, more: Fields) -> None:
    for name, one in more.items():
        there = into.get(name)
        if isinstance(there, dict) and isinstance(one, dict):
            _merge(there, one)
        else:
            into[name] = one


def _satisfying(random: Random, test: object) -> object:
    if not isinstance(test, dict):
        return test
    (operator, operand), *_ = test.items()
    if operator == "exists" and not operand:
        return _ABSENT
    if operator in {"exists", "anything-but"}:
        return scalar(random)
    if operator == "numeric":
        return _number(operand)
    if operator == "cidr":
        return str(operand).partition("/")[0]
    return _text(random, operator, operand)


def _text(random: Random, operator: str, operand: str | Mapping[str, str]) -> str:
    text = operand if isinstance(operand, str) else operand["equals-ignore-case"]
    if not isinstance(operand, str) or operator == "equals-ignore-case":
        text = random.choice((text, text.upper(), text.lower(), text.swapcase()))
    more = random.choice(("", "x", "日本", " "))
    if operator == "wildcard":
        return text.replace("\\*", "\0").replace("*", more).replace("\0", "*")
    return text + more if operator == "prefix" else more + text if operator == "suffix" else text


def _number(bounds: list[Any]) -> object:
    sign, bound = bounds[:2]
    if isinstance(bound, Raw):
        return bound
    return bound + _BETWEEN[sign]


def changed(random: Random, it: Fields) -> Fields:
    """The same with one member missing, other or more."""
    found = dict(it)
    name = random.choice([*found, "more"])
    inner = found.get(name)
    if isinstance(inner, dict) and random.random() < 0.7:
        found[name] = changed(random, inner)
    elif random.random() < 0.3:
        found.pop(name, None)
    else:
        found[name] = value(random)
    return found
