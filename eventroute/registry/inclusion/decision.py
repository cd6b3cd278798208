"""Whether every value that fits one document fits another, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.registry.equality import canonical
from eventroute.registry.inclusion.budget import Budget, OutOfBudgetError
from eventroute.registry.inclusion.compiler import Compiler
from eventroute.registry.inclusion.confirmation import Confirmation
from eventroute.registry.inclusion.endless import is_endless
from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formulas import Formulas
from eventroute.registry.inclusion.guesses import guesses
from eventroute.registry.inclusion.outcome import Found, NoValue, Open
from eventroute.registry.inclusion.search import Search
from eventroute.registry.inclusion.shrinking import shrunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from eventroute.registry.inclusion.document import Document
    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.outcome import Outcome

__all__ = ["Counterexample", "Included", "Undecided", "decide"]


@dataclass(frozen=True, slots=True)
class Included:
    """Every value that fits the one fits the other: this was proven."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A value that fits the one and not the other: the validators say so.

    :ivar pointer: what refuses it, in the other document.
    """

    value: object
    pointer: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither was found."""

    reason: str


_TOO_MUCH: Final = Undecided("the question takes more work than it may")
_PROOF: Final = 0.6
_BASES: Final = 0.2
_MOST_GUESSES: Final = 3_000
_NOTHING: Final = object()


def decide(
    pairs: Sequence[tuple[Document, Document]], budget: Budget
) -> Included | Counterexample | Undecided:
    """Compare documents.

    :param pairs: one for each way to read them; the answer holds for all of them.
    """
    try:
        return _compared(pairs, budget)
    except OutOfBudgetError:
        return _TOO_MUCH
    except RecursionError:
        return Undecided("the schemas are nested too deeply for a proof")


def _compared(
    pairs: Sequence[tuple[Document, Document]], budget: Budget
) -> Included | Counterexample | Undecided:
    if any(document.mixed for pair in pairs for document in pair):
        return Undecided("a part of a schema names another dialect than the whole")
    confirmations = [
        (Confirmation(one, budget), Confirmation(other, budget)) for one, other in pairs
    ]

    def confirmed(value: object) -> bool:
        return all(one.accepts(value) and other.refuses(value) for one, other in confirmations)

    answers: list[Included | Undecided] = []
    for one, other in pairs:
        answer = _decided(one, other, confirmed, budget)
        if isinstance(answer, Counterexample):
            return _told(shrunk(answer.value, confirmed), confirmations[0][1], other)
        answers.append(answer)
    open_ = [answer for answer in answers if isinstance(answer, Undecided)]
    if not open_:
        return Included()
    if len(pairs) > 1:
        return Undecided(
            "the schemas do not say which draft they are written in, and drafts read them "
            'differently; name it as their "$schema"'
        )
    return open_[0]


def _told(value: object, refusing: Confirmation, other: Document) -> Counterexample:
    try:
        return Counterexample(value, _place(refusing.place(value), other))
    except OutOfBudgetError:
        return Counterexample(value, "")  # where it is refused is worth less than that it is


def _place(pointer: str, document: Document) -> str:
    """The place in the schema as it was given."""
    for moved, origin in document.moved.items():
        if pointer == moved or pointer.startswith(moved + "/"):
            return origin + pointer.removeprefix(moved)
    return pointer


def _decided(
    one: Document, other: Document, confirmed: Callable[[object], bool], budget: Budget
) -> Included | Counterexample | Undecided:
    if one.draft == other.draft and _key(one, budget) == _key(other, budget):
        return Included()
    make = Formulas(budget)
    compilers = Compiler(one, make, budget), Compiler(other, make, budget)
    allowed, wanted = (compiler.root() for compiler in compilers)
    if is_endless(allowed, budget) or is_endless(wanted, budget):
        return Undecided("a schema refers to itself without end")
    outcome = _searched(make, allowed, wanted, budget.share(_PROOF))
    if isinstance(outcome, NoValue):
        if not any(compiler.dynamic for compiler in compilers):
            return Included()
        outcome = Open("a reference leads elsewhere, depending on what led to it")
    if isinstance(outcome, Found) and confirmed(outcome.value):
        return Counterexample(outcome.value, "")
    guessed = _guessed((one.schema, other.schema), _Sides(make, allowed, wanted), budget)
    return _first(guessed, confirmed) or _doubt(outcome)


def _key(document: Document, budget: Budget) -> str:
    return canonical(document.schema, budget.spend)


def _first(values: Iterable[object], confirmed: Callable[[object], bool]) -> Counterexample | None:
    found = next(filter(confirmed, values), _NOTHING)
    return None if found is _NOTHING else Counterexample(found, "")


def _doubt(outcome: Found | Open) -> Undecided:
    if isinstance(outcome, Open):
        return Undecided(outcome.reason)
    return Undecided(
        "a value was found that validators may not agree about"
        if outcome.sure
        else "it depends on a keyword or format that is not understood"
    )


def _searched(make: Formulas, allowed: Formula, wanted: Formula, budget: Budget) -> Outcome:
    try:
        return Search(make, budget).value([(allowed, True), (wanted, False)])
    except OutOfBudgetError:
        return Open(_TOO_MUCH.reason)


@dataclass(frozen=True, slots=True)
class _Sides:
    make: Formulas
    allowed: Formula
    wanted: Formula


def _guessed(schemas: tuple[object, ...], sides: _Sides, budget: Budget) -> Iterator[object]:
    """Values that may fit the one and not the other."""
    bases: list[object] = []
    for formula, sign in ((sides.allowed, True), (sides.wanted, True), (sides.wanted, False)):
        try:
            found = Search(sides.make, budget.share(_BASES)).value([(formula, sign)])
        except OutOfBudgetError:
            continue
        if isinstance(found, Found):
            bases.append(found.value)
    for number, value in enumerate(guesses(schemas, bases)):
        if number > _MOST_GUESSES:
            return
        asked = [(sides.allowed, True), (sides.wanted, False)]
        if Evaluation(value, budget).holds(asked) is not False:
            yield value
