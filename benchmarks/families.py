"""Many rules of one kind only: no other test narrows them, so that each index must stand alone."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from random import Random
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAMILIES", "Family"]

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_NAMES: Final = 1000
Fields = dict[str, Any]


class Family:
    """Rules and events of one kind.

    :ivar rules: tests of fields of ``detail``.
    """

    def __init__(self, kind: str, count: int, *, seed: int = 21) -> None:
        random = Random(f"{kind} {seed}")
        make_rule, self._make_event = FAMILIES[kind]
        self._fields = [make_rule(random, count) for _ in range(count)]

    def rules(self) -> list[Fields]:
        """The rules as patterns."""
        return [{"detail": fields} for fields in self._fields]

    def events(self, count: int, *, seed: int = 22) -> list[bytes]:
        """That many events as JSON texts of 200 bytes; half are made to match some rule."""
        random = Random(seed)
        return [json.dumps(self._event(random)).encode() for _ in range(count)]

    def _event(self, random: Random) -> dict[str, Any]:
        planted = random.choice(self._fields) if random.random() < 0.5 else {}
        return {
            "id": f"{random.getrandbits(128):032x}",
            "source": "bench",
            "detail-type": "Sampled",
            "time": "2026-05-04T09:30:00Z",
            "detail": {"note": "not asked for", "size": 5, **self._make_event(random, planted)},
        }


def _word(random: Random, shortest: int, longest: int) -> str:
    return "".join(random.choices(_LETTERS, k=random.randint(shortest, longest)))


def _exact_rule(random: Random, count: int) -> Fields:
    return {"value": [f"v{random.randrange(count * 2)}" for _ in range(random.randint(1, 5))]}


def _exact_event(random: Random, planted: Fields) -> Fields:
    return {"value": planted["value"][0] if planted else f"v{random.randrange(200_000)}"}


def _bounds(random: Random, width: float) -> list[Any]:
    low = round(random.uniform(0, 1e6), 2)
    return [random.choice((">", ">=")), low, random.choice(("<", "<=")), low + width]


def _range_rule(random: Random, count: int) -> Fields:
    width = random.expovariate(count / 1e7) + 0.01
    return {"value": [{"numeric": _bounds(random, round(width, 2))}]}


def _wide_range_rule(random: Random, _: int) -> Fields:
    return {"value": [{"numeric": _bounds(random, round(random.uniform(0, 20_000), 2) + 0.01)}]}


def _number_event(random: Random, _: Fields) -> Fields:
    return {"value": round(random.uniform(0, 1e6), 2)}


def _prefix_rule(random: Random, _: int) -> Fields:
    return {"value": [{"prefix": _word(random, 2, 24)}]}


def _suffix_rule(random: Random, _: int) -> Fields:
    return {"value": [{"suffix": _word(random, 2, 24)}]}


def _affix_event(random: Random, planted: Fields) -> Fields:
    test: dict[str, str] = planted["value"][0] if planted else {}
    value = test.get("prefix", "") + _word(random, 4, 20) + test.get("suffix", "")
    return {"value": value}


def _ignore_case_rule(random: Random, _: int) -> Fields:
    return {"value": [{"equals-ignore-case": _any_case(random, _word(random, 4, 16))}]}


def _ignore_case_event(random: Random, planted: Fields) -> Fields:
    word = planted["value"][0]["equals-ignore-case"] if planted else _word(random, 4, 16)
    return {"value": _any_case(random, word.lower())}


def _any_case(random: Random, word: str) -> str:
    return "".join(random.choice((letter, letter.upper())) for letter in word)


def _wildcard_rule(random: Random, _: int) -> Fields:
    shape = random.choice(("a*b", "*a*", "*a", "a*", "a*b*c", "*a*b"))
    text = "".join(_word(random, 3, 8) if letter != "*" else letter for letter in shape)
    return {"value": [{"wildcard": text}]}


def _infix_rule(random: Random, _: int) -> Fields:
    return {"value": [{"wildcard": f"*{_word(random, 4, 10)}*"}]}


def _wildcard_event(random: Random, planted: Fields) -> Fields:
    text = planted["value"][0]["wildcard"] if planted else "*" * random.randint(2, 5)
    return {"value": "".join(_word(random, 0, 9) if part == "*" else part for part in text)}


def _anything_but_rule(random: Random, _: int) -> Fields:
    refused = [f"v{random.randrange(_NAMES)}" for _ in range(random.randint(1, 3))]
    return {"value": [{"anything-but": refused}]}


def _anything_but_event(random: Random, _: Fields) -> Fields:
    return {"value": f"v{random.randrange(_NAMES)}"}


def _keyed_rule(random: Random, count: int) -> Fields:
    tenant = f"t{random.randrange(max(1, count // 10))}"
    return {"tenant": [tenant], **_anything_but_rule(random, count)}


def _keyed_event(random: Random, planted: Fields) -> Fields:
    return {"tenant": planted.get("tenant", ["nobody"])[0], **_anything_but_event(random, planted)}


def _cidr_rule(random: Random, _: int) -> Fields:
    bits = random.randint(10, 30)
    address = IPv4Address(random.getrandbits(32) >> (32 - bits) << (32 - bits))
    return {"value": [{"cidr": f"{address}/{bits}"}]}


def _cidr_event(random: Random, planted: Fields) -> Fields:
    block = planted["value"][0]["cidr"].split("/")[0] if planted else random.getrandbits(32)
    return {"value": str(IPv4Address(block))}


def _name(random: Random) -> str:
    return f"f{random.randrange(_NAMES)}"


def _exists_rule(random: Random, _: int) -> Fields:
    return {_name(random): [{"exists": True}], _name(random): [{"exists": True}]}


def _absent_rule(random: Random, _: int) -> Fields:
    return {_name(random): [{"exists": True}], _name(random): [{"exists": False}]}


def _names_event(random: Random, planted: Fields) -> Fields:
    here = [name for name, tests in planted.items() if tests == [{"exists": True}]]
    return dict.fromkeys([*here, *(_name(random) for _ in range(10))], 1)


def _mixed_rule(random: Random, count: int) -> Fields:
    tests: list[Any] = [
        _word(random, 5, 9),
        *_prefix_rule(random, count)["value"],
        *_suffix_rule(random, count)["value"],
        *_range_rule(random, count)["value"],
        *_ignore_case_rule(random, count)["value"],
    ]
    return {"value": random.sample(tests, k=random.randint(2, 4))}


def _mixed_event(random: Random, planted: Fields) -> Fields:
    test: Any = random.choice(planted["value"]) if planted else {"numeric": []}
    if isinstance(test, str):
        return {"value": test}
    if "numeric" in test:
        return _number_event(random, planted)
    make = _ignore_case_event if "equals-ignore-case" in test else _affix_event
    return make(random, {"value": [test]})


def _or_rule(random: Random, count: int) -> Fields:
    return {"$or": [_exact_rule(random, count), {"other": _prefix_rule(random, count)["value"]}]}


def _or_event(random: Random, planted: Fields) -> Fields:
    first, second = planted["$or"] if planted else ({}, {"other": [{"prefix": "none"}]})
    return {
        **_exact_event(random, first),
        "other": _affix_event(random, {"value": second["other"]})["value"],
    }


FAMILIES: Final[
    dict[str, tuple[Callable[[Random, int], Fields], Callable[[Random, Fields], Fields]]]
] = {
    "exact lists": (_exact_rule, _exact_event),
    "prefixes": (_prefix_rule, _affix_event),
    "suffixes": (_suffix_rule, _affix_event),
    "equals-ignore-case": (_ignore_case_rule, _ignore_case_event),
    "wildcards": (_wildcard_rule, _wildcard_event),
    "wildcards *x*": (_infix_rule, _wildcard_event),
    "ranges": (_range_rule, _number_event),
    "wide ranges": (_wide_range_rule, _number_event),
    "cidr": (_cidr_rule, _cidr_event),
    "exists": (_exists_rule, _names_event),
    "exists + absent": (_absent_rule, _names_event),
    "mixed lists": (_mixed_rule, _mixed_event),
    "$or": (_or_rule, _or_event),
    "tenant + anything-but": (_keyed_rule, _keyed_event),
    "anything-but": (_anything_but_rule, _anything_but_event),
}
"""How each kind makes a rule, and an event that matches a given rule where one is given."""
