"""What keeps two strings apart that people take for one."""

from __future__ import annotations

import json
import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING, Final

from eventroute.pattern.json_values import shown
from eventroute.pattern.operators.spelling import same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["likeness"]

_MOST_CHARACTERS: Final = 1_000
_MOST_LOOK_ALIKES: Final = 3

_CASE: Final = "upper and lower case"
_UNSEEN: Final = frozenset({"Unicode normalisation", "invisible characters"})


def _compose(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _visible(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")


_DIFFERENCES: Final[dict[str, Callable[[str], str]]] = {
    _CASE: str.casefold,
    "white space at its start or end": lambda text: text.strip(),
    "Unicode normalisation": _compose,
    "invisible characters": _visible,
}


def likeness(text: str, value: str, *, ignore_case: bool = False) -> str | None:
    """Say in what little a value differs from a text, or ``None`` where it differs in more.

    :param ignore_case: the test takes upper and lower case for the same.
    """
    if max(len(text), len(value)) > _MOST_CHARACTERS:
        return None
    if _changed(text, _DIFFERENCES) != _changed(value, _DIFFERENCES):
        return _look_alike(text, value)
    kinds = [name for name in _DIFFERENCES if not (ignore_case and name == _CASE)]
    for size in range(1, len(kinds) + 1):
        for names in combinations(kinds, size):
            changes = [name for name in names if name != _CASE]
            wanted, there = _changed(text, changes), _changed(value, changes)
            # Python relates more letters than equals-ignore-case does.
            either = ignore_case or _CASE in names
            if same(wanted, there) if either else wanted == there:
                return _sentence(text, value, names)
    return f"{_escaped(value)} differs in a letter whose cases are not taken for the same"


def _changed(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = _DIFFERENCES[name](text)
    return text


def _sentence(text: str, value: str, names: tuple[str, ...]) -> str:
    told = " and ".join(names)
    if _UNSEEN.intersection(names):
        return f"{_escaped(value)} differs from {_escaped(text)} in {told} only"
    remedy = "; try equals-ignore-case" if names == (_CASE,) else ""
    return f"{shown(value)} differs in {told} only{remedy}"


def _look_alike(text: str, value: str) -> str | None:
    """Letters of different scripts in the same places, such as a Cyrillic one among Latin ones."""
    if len(text) != len(value) or (text.isascii() and value.isascii()):
        return None
    pairs = zip(text, value, strict=True)
    apart = [(place, *pair) for place, pair in enumerate(pairs, 1) if pair[0] != pair[1]]
    if len(apart) > _MOST_LOOK_ALIKES or not all(_other_script(*pair) for _, *pair in apart):
        return None
    place, wanted, there = apart[0]
    return (
        f"{_escaped(value)} is another string: its character {place} is "
        f"{unicodedata.name(there, 'unnamed')}, not {unicodedata.name(wanted, 'unnamed')}"
    )


def _other_script(one: str, other: str) -> bool:
    scripts = [unicodedata.name(letter, "").partition(" ")[0] for letter in (one, other)]
    return one.isalpha() and other.isalpha() and scripts[0] != scripts[1]


def _escaped(text: str) -> str:
    return json.dumps(text[:80])
