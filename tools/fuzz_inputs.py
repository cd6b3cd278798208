"""Random patterns and events as texts: written by a grammar, damaged, or made to hurt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["Inputs", "read_corpus"]

_SHARED: Final = Path(__file__).resolve().parents[2] / "shared"
_NAMES: Final = ["a", "b", "c", "a.b", "b.c", "a.b.c", "detail", "$or", "prefix", "", "é", "\x00"]
_STRINGS: Final = [
    *("", "x", "X", "xy", "yx", "xyx", "a*b", "a\\b", "\n"),
    *("ß", "SS", "ẞ", "\u017f", "\u212a", "k", "İ", "ς", "\U0001d4d0"),
    *("10.0.0.1", "010.0.0.1", "10.0.0.256", "2001:db8::1", "::ffff:10.0.0.1"),
]
_NUMBERS: Final = [
    *("0", "-0", "1", "1.0", "1e0", "-1", "2.5", "1e23", "100000000000000000000000", "1e308"),
    *("9007199254740993", "9007199254740992.0"),
]
_WRONG_NUMBERS: Final = ["1e400", "-1E-400", "5e-324", "01", "1.", "NaN"]
_BLOCKS: Final = ["10.0.0.0/8", "10.0.0.7/24", "0.0.0.0/0", "2001:db8::/32", "10.0.0.1/32"]
_WILDCARDS: Final = ["*", "x*", "*x", "x*y", "*x*", "x*y*x", "*x*y*x*", "**", "\\*", "\\x", "a\\*b"]
_RANGES: Final = ['[">",0]', '["<=",1]', '[">=",0,"<",1]', '["=",1.0]', '[">",1,"<",0]', "[]"]
_TOKENS: Final = [
    *(b'"$or"', b'{"prefix":"x"}', b'{"exists":false}', b'"anything-but"', b"[[", b"{}", b"[]"),
    *(b"null", b"true", b'"', b"\\", b",", b":", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b'"\\ud800"', b'"\\udc00\\ud800"', b"NaN", b"Infinity", b"1e999", b"-", b".", b"\t", b"\x00"),
]
_DEPTHS: Final = [10, 62, 63, 64, 65, 126, 127, 128, 129, 5000]


def read_corpus() -> tuple[list[bytes], list[bytes]]:
    """Real patterns and events: those beside the checkout, and a few of our own."""
    patterns = [
        b'{"source":["shop.orders"],"detail":{"total":[{"numeric":[">=",1000,"<",1e6]}]}}',
        b'{"$or":[{"a":["x"]},{"b":[{"exists":false}]}],"c":[{"wildcard":"a*b"}]}',
        b'{"detail":{"items":{"sku":[{"prefix":"A"}],"n":[3]}}}',
        b'{"a":[{"anything-but":{"equals-ignore-case":["x","y"]}},{"cidr":"10.0.0.0/8"},null]}',
    ]
    events = [
        b'{"source":"shop.orders","detail":{"total":1250.5,"items":[{"sku":"A-1","n":3},{"n":1}]}}',
        b'{"a":["x",null,{"b":[1,[2]]}],"b.c":true,"c":"aXb"}',
        b'{"detail-type":"OrderPlaced","time":"2026-05-04T09:30:00Z","resources":[],"detail":{}}',
    ]
    for file in sorted(_SHARED.glob("conformance/eventbridge.jsonl")):
        for case in map(json.loads, file.read_text().splitlines()):
            patterns.append(case["pattern"].encode("utf-8", "surrogatepass"))
            if case.get("event"):
                events.append(case["event"].encode("utf-8", "surrogatepass"))
    for file in sorted(_SHARED.glob("events/github_webhooks.jsonl")):
        events += sorted(file.read_bytes().splitlines(), key=len)[:20]
    return patterns, events


class Inputs:
    """A stream of texts that one seed determines."""

    def __init__(self, random: Random, corpus: tuple[list[bytes], list[bytes]]) -> None:
        self._random = random
        self._patterns, self._events = corpus

    def pattern(self) -> str | bytes:
        """A text that may be a pattern."""
        kind = self._random.random()
        if kind < 0.55:
            return self._as_given(self._fields(3).encode())
        if kind < 0.7:
            return self._random.choice(self._patterns)
        if kind < 0.96:
            known = [self._fields(3).encode(), self._random.choice(self._patterns)]
            return self._as_given(self._damaged(self._random.choice(known), self._patterns))
        return self._hostile_pattern()

    def event(self) -> str | bytes:
        """A text that may be an event."""
        kind = self._random.random()
        if kind < 0.55:
            return self._as_given(self._object(4).encode())
        if kind < 0.7:
            return self._random.choice(self._events)
        if kind < 0.97:
            known = [self._object(4).encode(), self._random.choice(self._events)]
            return self._as_given(self._damaged(self._random.choice(known), self._events))
        return self._hostile_event()

    def _as_given(self, text: bytes) -> str | bytes:
        if self._random.random() < 0.5:
            return text
        return text.decode("utf-8", "surrogateescape")

    def _string(self, among: list[str] = _STRINGS) -> str:
        return json.dumps(self._random.choice(among), ensure_ascii=self._random.random() < 0.5)

    def _scalar(self) -> str:
        kind = self._random.random()
        if kind < 0.5:
            return self._string()
        numbers = _WRONG_NUMBERS if kind > 0.99 else _NUMBERS
        return self._random.choice([*numbers, "true", "false", "null"])

    def _list(self, items: list[str]) -> str:
        return f"[{','.join(items)}]"

    def _several(self, make: Callable[[], str], most: int, least: int = 1) -> list[str]:
        return [make() for _ in range(self._random.randint(least, most))]

    def _members(self, make: Callable[[], str], least: int) -> str:
        names = self._several(lambda: self._string(_NAMES[:7]), 3, least)
        if self._random.random() < 0.05:
            names.append(self._string(_NAMES))
        return f"{{{','.join(f'{name}:{make()}' for name in names)}}}"

    def _fields(self, depth: int) -> str:
        def field() -> str:
            if depth > 1 and self._random.random() < 0.35:
                return self._fields(depth - 1)
            return self._list(self._several(self._test, 3))

        text = self._members(field, 1)
        if depth > 1 and self._random.random() < 0.2:
            either = self._list(self._several(lambda: self._fields(depth - 1), 3, 2))
            text = f'{text[:-1]},"$or":{either}}}'
        return text

    def _test(self) -> str:
        random = self._random
        folded = f'{{"equals-ignore-case":{self._string()}}}'
        text = random.choice([self._string(), self._string(), folded])
        many = self._list(self._several(self._string, 3))
        nested = random.choice(["prefix", "suffix", "equals-ignore-case", "wildcard"])
        operator, operand = random.choice(
            [
                ("prefix", text),
                ("suffix", text),
                ("equals-ignore-case", self._string()),
                ("exactly", self._string()),
                ("wildcard", self._string(_WILDCARDS)),
                ("numeric", random.choice(_RANGES)),
                ("cidr", self._string(_BLOCKS)),
                ("exists", random.choice(["true", "false"])),
                ("anything-but", random.choice([self._scalar(), many])),
                ("anything-but", f'{{"{nested}":{random.choice([self._string(), many])}}}'),
            ]
        )
        return self._scalar() if random.random() < 0.35 else f'{{"{operator}":{operand}}}'

    def _object(self, depth: int) -> str:
        return self._members(lambda: self._value(depth - 1), 0)

    def _value(self, depth: int) -> str:
        kind = self._random.random()
        if depth <= 0 or kind < 0.45:
            return self._scalar()
        if kind < 0.7:
            return self._list(self._several(lambda: self._value(depth - 1), 3, 0))
        return self._object(depth)

    def _damaged(self, text: bytes, others: list[bytes]) -> bytes:
        random = self._random
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            here = random.randint(0, len(text))
            there = min(len(text), here + int(random.expovariate(1 / 6)))
            head, part, tail = text[:here], text[here:there], text[there:]
            other = random.choice(others)
            text = random.choice(
                [
                    head + tail,
                    head + part + part + tail,
                    head + random.choice(_TOKENS) + text[here:],
                    head + random.choice(_TOKENS) + tail,
                    head + bytes([random.randrange(256)]) + text[here + 1 :],
                    head + other[random.randint(0, len(other)) :],
                    text.replace(b'"x"', random.choice(_TOKENS), 1),
                    b'{"a":' + text + b"}",
                ]
            )
        return text

    def _hostile_pattern(self) -> bytes:
        random = self._random
        depth, stars = random.choice(_DEPTHS), random.choice((5, 6, 10_000))
        either = b",".join(b'{"x%d":[%d]}' % (n, n) for n in range(random.choice((2, 9, 40))))
        product = b",".join(b'"f%d":{"$or":[%s]}' % (n, either) for n in range(3))
        return random.choice(
            [
                b'{"a":' * depth + b"[1]" + b"}" * depth,
                b"[" * depth,
                b'{"a":[{"wildcard":"' + b"*a" * stars + b'"}]}',
                b"{%s}" % product,
                b'{"a' + b".a" * depth + b'":[1]}',
                b'{"a":[' + b"9" * random.choice((300, 400, 5000)) + b"]}",
                b'{"a":["' + b"x" * random.choice((60_000, 70_000)) + b'"]}',
            ]
        )

    def _hostile_event(self) -> bytes:
        random = self._random
        depth, wide = random.choice(_DEPTHS), random.choice((10, 100, 1000))
        # Three arrays of 60 are over the limit of combinations, which takes seconds to find out.
        elements = random.choices((3, 10, 20, 60), (60, 30, 10, 1))[0]
        array = b",".join(b'{"b":%d,"c":"x"}' % (n % 7) for n in range(elements))
        return random.choice(
            [
                b'{"a":' * depth + b"1" + b"}" * depth,
                b'{"a":' + b"[" * depth + b'"x"' + b"]" * depth + b"}",
                b'{"a":[%s],"a":[%s],"a.b":[%s]}' % (array, array, array),
                b'{"a":[%s],"detail":{"a":[%s]}}' % (array, array),
                b'{"a":"' + b"xy" * random.choice((100, 50_000)) + b'"}',
                b'{"a":' + b"9" * random.choice((300, 311, 5000)) + b"}",
                b"{%s}" % b",".join(b'"a":"%d"' % n for n in range(wide)),
                random.choice(_TOKENS),
            ]
        )
