"""Random patterns that SNS can filter, and events that come close to them.

Left out is what ministack does not do as AWS does: it takes null and an empty text for absent, and
an object for a value that exists; nothing is absent from what is absent itself; it does not look
into objects within arrays; and ``anything-but`` a prefix matches texts alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

__all__ = ["SOURCE", "detail", "pattern"]

SOURCE: Final = "torture"

_TEXTS: Final = [
    "x",
    "X",
    "xy",
    "yx",
    "xyx",
    "10.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "é",
    "日本",
    "a b",
]
_NUMBERS: Final = [0, 1, -1, 2.5, 100, 1_000_000, -0.00001]
_FIELDS: Final = ["a", "b", "c"]
_OBJECT: Final = "o"
"""A field that is an object in every event."""

_TEXT: Final = "t"
"""A field that holds nothing but texts."""


def pattern(random: Random) -> dict[str, Any]:
    """A pattern of one to four fields of ``detail``, some of them nested, perhaps with ``$or``."""
    found: dict[str, Any] = {}
    for name in random.sample(_FIELDS, random.randint(1, 2)):
        found[name] = _tests(random)
    if random.random() < 0.25:
        found[_OBJECT] = {random.choice(_FIELDS): _tests(random)}
    if random.random() < 0.25:
        found[_TEXT] = [{"anything-but": {"prefix": random.choice(_TEXTS)[:1]}}]
    if random.random() < 0.25:
        found["$or"] = [{"e": _tests(random)}, {"f": _tests(random)}]
    return {"source": [SOURCE], "detail": found}


def detail(random: Random) -> dict[str, Any]:
    """The detail of an event."""
    found: dict[str, Any] = _members(random, [*_FIELDS, "e", "f"])
    found[_OBJECT] = {"always": 1, **_members(random, _FIELDS)}
    if random.random() < 0.7:
        found[_TEXT] = random.choice(_TEXTS)
    return found


def _members(random: Random, names: list[str]) -> dict[str, Any]:
    return {name: _value(random) for name in names if random.random() < 0.7}


def _value(random: Random) -> object:
    if random.random() < 0.2:
        return [_scalar(random) for _ in range(random.randint(1, 3))]
    return _scalar(random)


def _scalar(random: Random) -> object:
    return random.choice([*_TEXTS, *_NUMBERS, True, False])


def _tests(random: Random) -> list[object]:
    return [_test(random) for _ in range(random.randint(1, 3))]


def _test(random: Random) -> object:
    text, number = random.choice(_TEXTS), random.choice(_NUMBERS)
    many = random.sample(_TEXTS, 2)
    tests: list[object] = [
        text,
        number,
        random.choice([True, False]),
        {"prefix": text[:1]},
        {"suffix": text[-1:]},
        {"equals-ignore-case": text},
        {"exists": random.choice([True, False])},
        {"cidr": random.choice(["10.0.0.0/8", "192.168.0.0/16"])},
        {"numeric": random.choice([[">", 0], ["<=", 1], [">=", 0, "<", 100], ["=", number]])},
        {"anything-but": random.choice([text, many, number])},
    ]
    return random.choice(tests)
