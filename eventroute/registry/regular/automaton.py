"""The states of an expression, found as they are needed."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from eventroute.registry.effort import spend
from eventroute.registry.regular.character_sets import LAST, has
from eventroute.registry.regular.expressions import (
    ANYTHING,
    EMPTY,
    NOTHING,
    Both,
    Characters,
    Either,
    Expression,
    Not,
    Repeat,
    Then,
    both,
    either,
    no,
    repeat,
    then,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Automaton"]

_MAX_STEPS: Final = 50_000
_MAX_HELD: Final = 1_000_000
"""Of the weight of states: some tens of megabytes."""
_WEIGHT_A_STEP: Final = 32
"""What is derived in the time of a step of a check."""
_MAX_OWED: Final = 1_000
# What a person would take for an example, best first; surrogates are not text at all.
_PREFERRED: Final = ((0x61, 0x7A), (0x30, 0x39), (0x41, 0x5A), (0x21, 0x7E), (0x20, 0x20))
_SCALARS: Final = (*_PREFERRED, (0xA1, 0xD7FF), (0x00, 0xD7FF), (0xE000, LAST))


class Automaton:
    """Reads texts of one expression; a state is the expression of what may still follow.

    :ivar start: the state before the first character.
    """

    def __init__(self, start: Expression) -> None:
        self.start: Final = start
        self._alphabet: Final = _Alphabet(start)
        self._kinds: dict[str, int] = {}
        self._derivatives: dict[tuple[Expression, int], Expression] = {}
        self._rows: dict[Expression, dict[str, Expression]] = {}
        self._steps = 0
        self._held = 0
        self._forgotten = 0

    def accepts(self, text: str) -> bool:
        """Whether a text belongs to the expression, in time linear in its length.

        Every state that the text comes to is paid for by its weight, though it be known already, so
        that what was checked before makes no difference; and again once it had to be forgotten.

        :raises EffortSpentError: the check that this is part of takes more steps than it may.
        """
        state = self.start
        paid: set[Expression] = set()
        forgotten = self._forgotten
        owed = 0
        for character in text:
            if state is ANYTHING:
                return True
            if state is NOTHING:
                return False
            if state not in paid:
                paid.add(state)
                owed += state.weight
                if owed > _MAX_OWED:
                    spend(owed // _WEIGHT_A_STEP)
                    owed = 0
            row = self._rows.get(state)
            following = row.get(character) if row is not None else None
            state = following or self._step(state, character)
            if forgotten != self._forgotten:
                forgotten = self._forgotten
                paid.clear()
        spend(owed // _WEIGHT_A_STEP)
        return state.nullable

    def following(self, state: Expression) -> Iterator[tuple[str, Expression]]:
        """Every state that is one character away, with such a character."""
        for kind, example in enumerate(self._alphabet.examples):
            if example:
                yield example, self._derivative(state, kind)

    def _step(self, state: Expression, character: str) -> Expression:
        if self._steps > _MAX_STEPS or self._held > _MAX_HELD:
            self._forget()
        self._steps += 1
        kind = self._kinds.get(character)
        if kind is None:
            kind = self._kinds[character] = self._alphabet.kind(character)
        following = self._derivative(state, kind)
        self._rows.setdefault(state, {})[character] = following
        return following

    def _derivative(self, state: Expression, kind: int) -> Expression:
        if len(self._derivatives) > _MAX_STEPS or self._held > _MAX_HELD:
            self._forget()
        key = (state, kind)
        known = self._derivatives.get(key)
        if known is None:
            known = self._derivatives[key] = self._derived(state, kind)
            self._held += known.weight
        return known

    def _forget(self) -> None:
        self._steps = self._held = 0
        self._forgotten += 1
        self._rows = {}
        self._kinds = {}
        self._derivatives = {}

    def _derived(self, state: Expression, kind: int) -> Expression:
        match state:
            case Characters():
                inside = has(state.characters, self._alphabet.codes[kind])
                derived = EMPTY if inside else NOTHING
            case Repeat():
                derived = self._of_repeat(state, kind)
            case Either():
                derived = either([self._derivative(part, kind) for part in state.parts])
            case Both():
                derived = both([self._derivative(part, kind) for part in state.parts])
            case Not():
                derived = no(self._derivative(state.part, kind))
            case _:
                derived = either(self._of_sequence(state, kind))
        return derived

    def _of_repeat(self, state: Repeat, kind: int) -> Expression:
        if state.most == 0:
            return NOTHING
        most = None if state.most is None else state.most - 1
        rest = repeat(state.body, max(state.least - 1, 0), most)
        return then(self._derivative(state.body, kind), rest)

    def _of_sequence(self, state: Expression, kind: int) -> Iterator[Expression]:
        while isinstance(state, Then):
            yield then(self._derivative(state.head, kind), state.tail)
            if not state.head.nullable:
                return
            state = state.tail
        yield self._derivative(state, kind)


class _Alphabet:
    """Code points in kinds; those of a kind are in the same sets of the expression.

    :ivar codes: one code point of each kind.
    :ivar examples: a character of each kind; ``""`` where all are surrogates.
    """

    def __init__(self, expression: Expression) -> None:
        changes: dict[int, int] = {0: 0}
        for at, characters in enumerate(_sets(expression)):
            for first, last in characters:
                changes[first] = changes.get(first, 0) ^ (1 << at)
                changes[last + 1] = changes.get(last + 1, 0) ^ (1 << at)
        changes.pop(LAST + 1, None)
        self._starts: Final = sorted(changes)
        self._kinds: Final[list[int]] = []
        self.codes: Final[list[int]] = []
        kinds: dict[int, int] = {}
        ranges: list[list[tuple[int, int]]] = []
        membership = 0
        for place, start in enumerate(self._starts):
            membership ^= changes[start]
            kind = kinds.setdefault(membership, len(kinds))
            if kind == len(self.codes):
                self.codes.append(start)
                ranges.append([])
            end = self._starts[place + 1] - 1 if place + 1 < len(self._starts) else LAST
            ranges[kind].append((start, end))
            self._kinds.append(kind)
        self.examples: Final = [_example(of) for of in ranges]

    def kind(self, character: str) -> int:
        return self._kinds[bisect_right(self._starts, ord(character)) - 1]


def _sets(expression: Expression) -> Iterable[tuple[tuple[int, int], ...]]:
    seen = {expression}
    pending = [expression]
    found: dict[tuple[tuple[int, int], ...], None] = {}
    while pending:
        node = pending.pop()
        inner: Iterable[Expression] = ()
        match node:
            case Characters():
                found[node.characters] = None
            case Then():
                inner = (node.head, node.tail)
            case Repeat():
                inner = (node.body,)
            case Either() | Both():
                inner = node.parts
            case Not():
                inner = (node.part,)
            case _:
                pass
        for part in inner:
            if part not in seen:
                seen.add(part)
                pending.append(part)
    return found


def _example(ranges: Iterable[tuple[int, int]]) -> str:
    for low, high in _SCALARS:
        for first, last in ranges:
            if max(low, first) <= min(high, last):
                return chr(max(low, first))
    return ""
