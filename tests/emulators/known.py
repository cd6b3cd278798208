"""The cases that somebody answers otherwise than AWS, sorted by what they are about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .cases import Answer

__all__ = ["FILE", "NEW", "Group", "differing", "groups", "rows"]

FILE: Final = Path(__file__).with_name("known.json")
NEW: Final = "not looked into"
WHO: Final = ("aws", "eventroute", "ministack", "localstack")


@dataclass(frozen=True, slots=True)
class Group:
    """Cases with one reason.

    :ivar cases: by name, the answers of `WHO`.
    """

    what: str
    cases: Mapping[str, Mapping[str, Answer]]


def groups(kind: str) -> list[Group]:
    """Those of ``"rules"``, or of ``"filters"``."""
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        Group(
            one["what"],
            {name: dict(zip(WHO, it, strict=True)) for name, it in one["cases"].items()},
        )
        for one in read[kind]
    ]


def differing(kind: str, who: str) -> dict[str, Answer]:
    """The cases that one of `WHO` answers otherwise than AWS, with its answers."""
    return {
        name: answers[who]
        for group in groups(kind)
        for name, answers in group.cases.items()
        if answers[who] != answers["aws"]
    }


def rows(kind: str) -> Iterator[str]:
    """A table of the page."""
    yield "| about | cases | AWS | eventroute | ministack | LocalStack |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for group in groups(kind):
        alike: dict[tuple[str, ...], list[str]] = {}
        for name, answers in group.cases.items():
            alike.setdefault(tuple(_cells(answers)), []).append(name)
        for cells, names in alike.items():
            yield f"| {group.what} | {_named(names)} | {' | '.join(cells)} |"


def _cells(answers: Mapping[str, Answer]) -> Iterator[str]:
    """Bold where it is not AWS's."""
    for who in WHO:
        same = answers[who] == answers["aws"]
        yield said(answers[who]) if same else f"**{said(answers[who])}**"


def said(answer: Answer) -> str:
    """An answer, in a word."""
    return {True: "matches", False: "does not", "valid": "takes", "invalid": "refuses"}.get(
        answer, "breaks"
    )


def _named(names: Iterable[str]) -> str:
    """`A`, `B` #2, #3: cases of one test are numbered."""
    parts = [name.partition("#") for name in names]
    found: list[str] = []
    for test, several in groupby(parts, key=lambda part: part[0]):
        numbers = [f"#{number}" if number else "#1" for _, _, number in several]
        found.append(f"`{test}`" if numbers == ["#1"] else f"`{test}` {', '.join(numbers)}")
    return "; ".join(found)
