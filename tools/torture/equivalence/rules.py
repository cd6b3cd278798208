"""Random patterns: every operator, nested, in alternatives, named or open, small and too large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tools.torture.equivalence.values import NAMES, NUMBERS, TEXTS, scalar

if TYPE_CHECKING:
    from random import Random

__all__ = [
    "ACCOUNTS",
    "ARNS",
    "MOMENTS",
    "REGIONS",
    "SOURCES",
    "TEAMS",
    "TYPES",
    "Fields",
    "fields",
    "pattern",
    "where",
]

Fields: TypeAlias = dict[str, Any]

SOURCES: Final = ("shop.orders", "shop.returns", "shop", "Ünïcode 店", "late")
"""What events come from; nobody names the last one."""

TYPES: Final = ("OrderPlaced", "order placed", "注文", "x")

ACCOUNTS: Final = ("123456789012", "000000000000", "x")
REGIONS: Final = ("us-east-1", "eu-west-1", "x")
MOMENTS: Final = ("2026-05-04T09:30:00Z", "2026-05-04T09:30:00.125+09:00", "2025-12-31T23:59:59Z")
ARNS: Final = ("arn:aws:s3:::receipts/1", "arn:aws:s3:::receipts", "x")
TEAMS: Final = ("blue", "red")
_RANGES: Final = [
    [">", 0],
    ["<=", 1],
    [">=", 0, "<", 100],
    ["=", 1.0],
    [">", 1_000_000_000],
    ["<", -0.000001],
]
_BLOCKS: Final = ("10.0.0.0/8", "10.0.0.7/24", "192.168.0.0/16", "2001:db8::/32", "0.0.0.0/0")
_WILDCARDS: Final = ("*", "x*", "*x", "x*y", "*x*", "*x*y*x*", "a\\*b", "1*.*.*", "*本", "é*")


def pattern(random: Random, kind: int) -> Fields:
    """A pattern of the whole envelope.

    :param kind: the kinds take turns, so that each application has all of them.
    """
    named = {"source": random.sample(SOURCES[:4], random.randint(1, 2))}
    inner = {"detail": fields(random)}
    makers = (
        lambda: {**named, **inner},
        lambda: inner,
        lambda: {**named, "detail-type": random.sample(TYPES, 2), **inner},
        lambda: {**_envelope(random), **(inner if random.random() < 0.5 else {})},
        lambda: {"$or": [{**named, **inner}, {"source": [SOURCES[0]], "detail": fields(random)}]},
        lambda: {**named, **_envelope(random)},
        lambda: {"source": [{"prefix": "shop"}, {"suffix": "店"}], **inner},
        lambda: {**named, "detail": _wide(random)},
        lambda: {"source": [{"anything-but": [SOURCES[1]]}], "$or": [inner, _envelope(random)]},
    )
    return makers[kind % len(makers)]()


def where(random: Random) -> Fields:
    """A pattern of ``detail``, for a typed subscription."""
    return {"n": [{"exists": True}]} if random.random() < 0.3 else fields(random, 1)


def fields(random: Random, depth: int = 3) -> Fields:
    """A pattern of an object, with alternatives now and then."""
    found: Fields = {}
    for name in random.sample(_FIELDS, random.randint(1, 2)):
        nested = depth > 1 and random.random() < 0.3
        found[name] = fields(random, depth - 1) if nested else _tests(random)
    if depth > 1 and random.random() < 0.25:
        found["$or"] = [fields(random, depth - 1) for _ in range(random.randint(2, 3))]
    return found


_FIELDS: Final = tuple(name for name in NAMES if name not in {"$or", "prefix"})


def _envelope(random: Random) -> Fields:
    members = {
        "account": [*random.sample(ACCOUNTS, 2)],
        "region": [{"prefix": "us-"}, {"exists": False}],
        "time": [{"prefix": "2026-"}, {"wildcard": "*.125*"}],
        "resources": [{"prefix": "arn:aws:s3:::"}],
        "id": [{"suffix": random.choice("0123456789")}, {"prefix": "é"}],
        "team": [random.choice(TEAMS), {"exists": False}],
        "version": ["0"],
    }
    names = random.sample(sorted(members), random.randint(1, 3))
    return {name: members[name] for name in names}


def _wide(random: Random) -> Fields:
    """More than the filter of a broker takes: too many fields, or too many values."""
    if random.random() < 0.5:
        return {
            name: [{"exists": True}, *_tests(random)]
            for name in ("a", "b", "c", "é", "日本", "_id")
        }
    return {
        "a": [f"x{number}" for number in range(200)],
        "total": [scalar(random), *_tests(random)],
    }


def _tests(random: Random) -> list[object]:
    return [_test(random) for _ in range(random.randint(1, 3))]


def _test(random: Random) -> object:
    text, texts = random.choice(TEXTS), random.sample(TEXTS, 2)
    number, numbers = random.choice(NUMBERS), random.sample(NUMBERS, 2)
    wildcard = random.choice(_WILDCARDS)
    folded = {"equals-ignore-case": text}
    inverted = random.choice(("prefix", "suffix", "equals-ignore-case"))
    operand, operator = random.choice(
        [
            (random.choice((text[:1], folded)), "prefix"),
            (random.choice((text[-1:], folded)), "suffix"),
            (text, "equals-ignore-case"),
            (wildcard, "wildcard"),
            (random.choice(_RANGES), "numeric"),
            (["=", number], "numeric"),
            (random.choice(_BLOCKS), "cidr"),
            (True, "exists"),
            (False, "exists"),
            (random.choice([text, texts, number, numbers]), "anything-but"),
            ({inverted: random.choice((text, texts))}, "anything-but"),
            ({"wildcard": random.choice((wildcard, [wildcard, "y*"]))}, "anything-but"),
        ]
    )
    return scalar(random) if random.random() < 0.35 else {operator: operand}
