"""The ways in which formulas can hold at once for values of one kind, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.registry.inclusion.formula import (
    All,
    Always,
    AnyOf,
    Contains,
    Format,
    Formula,
    Has,
    Items,
    KindOf,
    Limit,
    Link,
    Members,
    Multiple,
    Names,
    Not,
    OneOf,
    Pattern,
    Signed,
    Size,
    Unique,
    Whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Kind

__all__ = ["Branch", "branches"]

_LOOKS: Final = 512
_LOOKS_A_STEP: Final = 64
_Choice: TypeAlias = tuple[tuple[Signed, ...], ...]
"""Alternatives, each of which is formulas that hold together."""

_KINDS: Final[dict[type[Formula], Kind]] = {
    Limit: "number",
    Multiple: "number",
    Whole: "number",
    Pattern: "string",
    Format: "string",
    Items: "array",
    Contains: "array",
    Unique: "array",
    Members: "object",
    Has: "object",
    Names: "object",
}


@dataclass(slots=True)
class Branch:
    """Tests that hold together, with what is still to be split.

    :ivar tests: of one kind of values, and such as speak of every kind.
    """

    tests: dict[Formula, bool] = field(default_factory=dict[Formula, bool])
    seen: dict[Formula, bool] = field(default_factory=dict[Formula, bool])
    choices: list[_Choice] = field(default_factory=list[_Choice])

    def copy(self) -> Branch:
        """A branch that goes another way from here."""
        return Branch(dict(self.tests), dict(self.seen), list(self.choices))

    def take(self, wanted: Iterable[Signed], kind: Kind, budget: Budget) -> bool:
        """Let formulas hold, too; ``False`` where they cannot."""
        pending = list(wanted)
        while True:
            while pending:
                budget.spend()
                formula, sign = pending.pop()
                if formula in self.seen:
                    if self.seen[formula] is not sign:
                        return False
                    continue
                self.seen[formula] = sign
                if not self._note(formula, sign, kind, pending, budget):
                    return False
            if not self._settle(kind, pending, budget):
                return False
            if not pending:
                return True

    def _note(
        self, formula: Formula, sign: bool, kind: Kind, pending: list[Signed], budget: Budget
    ) -> bool:
        match formula:
            case Always(value):
                return value is sign
            case KindOf(kinds):
                return (kind in kinds) is sign
            case Not(part):
                pending.append((part, not sign))
            case Link(target):
                pending.append((target(), sign))
            case All(parts) if sign:
                pending.extend((part, True) for part in parts)
            case AnyOf(parts) if not sign:
                pending.extend((part, False) for part in parts)
            case All(parts) | AnyOf(parts):
                self.choices.append(tuple(((part, sign),) for part in parts))
            case OneOf(parts):
                self.choices.append(_one(parts, budget) if sign else _not_one(parts, budget))
            case _:
                of = formula.kind if isinstance(formula, Size) else _KINDS.get(type(formula))
                if of is not None and of != kind:
                    return sign
                self.tests[formula] = sign
        return True

    def _settle(self, kind: Kind, pending: list[Signed], budget: Budget) -> bool:
        """Leave out alternatives that cannot hold; what is then the only one holds."""
        left: list[_Choice] = []
        looked_at = 0
        for choice in self.choices:
            possible: list[tuple[Signed, ...]] = []
            for alternative in choice:
                looked_at += len(alternative)
                if looked_at >= _LOOKS:
                    budget.spend(looked_at // _LOOKS_A_STEP)
                    looked_at = 0
                open_ = self._open_part(alternative, kind)
                if open_ is None:
                    continue
                if not open_:
                    break
                possible.append(open_)
            else:
                if not possible:
                    return False
                if len(possible) == 1:
                    pending.extend(possible[0])
                else:
                    left.append(tuple(possible))
        self.choices = left
        return True

    def _open_part(self, alternative: tuple[Signed, ...], kind: Kind) -> tuple[Signed, ...] | None:
        """What of an alternative is not known to hold; ``None`` where it cannot hold."""
        left: list[Signed] = []
        for formula, sign in alternative:
            known = self.seen.get(formula)
            if known is None:
                known = _plain(formula, kind, self.seen)
            if known is None:
                left.append((formula, sign))
            elif known is not sign:
                return None
        return tuple(left)


def _plain(formula: Formula, kind: Kind, seen: dict[Formula, bool]) -> bool | None:
    """Whether a formula holds of every value of the kind, as far as that is plain to see."""
    match formula:
        case Always(value):
            return value
        case KindOf(kinds):
            return kind in kinds
        case Not(part):
            known = seen.get(part, _plain(part, kind, {}))
            return None if known is None else not known
        case All(parts):
            for part in parts:
                if seen.get(part, _plain(part, kind, {}) if not _deep(part) else None) is False:
                    return False
            return None
        case _:
            of = formula.kind if isinstance(formula, Size) else _KINDS.get(type(formula))
            return True if of is not None and of != kind else None


def _deep(formula: Formula) -> bool:
    return isinstance(formula, (All, Not))


def _one(parts: tuple[Formula, ...], budget: Budget) -> _Choice:
    found: list[tuple[Signed, ...]] = []
    for chosen in range(len(parts)):
        budget.spend(len(parts) // 8)
        found.append(tuple((part, index == chosen) for index, part in enumerate(parts)))
    return tuple(found)


def _not_one(parts: tuple[Formula, ...], budget: Budget) -> _Choice:
    found: list[tuple[Signed, ...]] = [tuple((part, False) for part in parts)]
    for index, one in enumerate(parts):
        budget.spend(len(parts) // 8)
        found.extend(((one, True), (other, True)) for other in parts[index + 1 :])
    return tuple(found)


def branches(wanted: Iterable[Signed], kind: Kind, budget: Budget) -> Iterator[Branch]:
    """Split what is wanted of one value until nothing is left to choose.

    :return: every way, those that need the fewest decisions first; together they are exact.
    """
    first = Branch()
    if not first.take(wanted, kind, budget):
        return
    stack = [first]
    while stack:
        branch = stack.pop()
        if not branch.choices:
            yield branch
            continue
        branch.choices.sort(key=len, reverse=True)
        choice = branch.choices.pop()
        for alternative in reversed(choice):
            other = branch.copy()
            if other.take(alternative, kind, budget):
                stack.append(other)
