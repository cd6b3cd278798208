"""Whether a value fits a formula: yes, no, or (``None``) not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventroute.registry.equality import canonical
from eventroute.registry.inclusion import words
from eventroute.registry.inclusion.formula import (
    All,
    Always,
    AnyOf,
    Contains,
    Format,
    Has,
    Items,
    KindOf,
    Limit,
    Link,
    Literally,
    Members,
    Multiple,
    Names,
    Not,
    OneOf,
    Opaque,
    Pattern,
    Size,
    Unique,
    Whole,
)
from eventroute.registry.inclusion.keywords import exact
from eventroute.registry.inclusion.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry.inclusion.budget import Budget
    from eventroute.registry.inclusion.formula import Formula, Signed

__all__ = ["Evaluation"]

_DEEPEST: Final = 120


class Evaluation:
    """Checks parts of one value, each against each formula once.

    :param value: stays as it is.
    """

    def __init__(self, value: object, budget: Budget) -> None:
        self._value: Final = value
        self._budget: Final = budget
        self._known: Final[dict[tuple[int, int], bool | None]] = {}
        self._names: Final[dict[str, str]] = {}
        self._keep: Final[list[object]] = []
        self._depth = 0

    def holds(self, wanted: Iterable[Signed]) -> bool | None:
        """Whether the value fits them all."""
        sure = True
        for formula, sign in wanted:
            fits = self.fits(formula, self._value)
            if fits is None:
                sure = False
            elif fits is not sign:
                return False
        return True if sure else None

    def fits(self, formula: Formula, value: object) -> bool | None:
        """Whether a part of the value fits."""
        key = (id(formula), id(value))
        if key in self._known:
            return self._known[key]
        self._budget.spend()
        if self._depth >= _DEEPEST:
            return None
        self._depth += 1
        try:
            answer = self._fits(formula, value)
        finally:
            self._depth -= 1
        self._keep.append(value)  # an id is good as long as its object lives
        self._known[key] = answer
        return answer

    def _fits(self, formula: Formula, value: Any) -> bool | None:  # noqa: ANN401  any JSON value
        match formula:
            case All(parts):
                answer = _all(self.fits(part, value) for part in parts)
            case AnyOf(parts):
                answer = _any(self.fits(part, value) for part in parts)
            case OneOf(parts):
                answer = self._one(parts, value)
            case Not(part):
                answer = _negated(self.fits(part, value))
            case Link(target):
                answer = self.fits(target(), value)
            case Always() | Literally() | KindOf() | Size():
                answer = _of_any_kind(formula, value)
            case _:
                answer = self._of_its_kind(formula, value)
        return answer

    def _of_its_kind(self, formula: Formula, value: Any) -> bool | None:  # noqa: ANN401  as above
        answer: bool | None = True
        match kind_of(value):
            case "number":
                answer = _number(formula, value)
            case "string" if isinstance(formula, Pattern):
                answer = words.matches(formula.text, value)
            case "string" if isinstance(formula, Format):
                # Other validators take a format for an annotation, and refuse nothing for it.
                answer = words.conforms(value, formula.name) or None
            case "array":
                answer = self._array(formula, value)
            case "object":
                answer = self._object(formula, value)
            case _:
                answer = None if isinstance(formula, Opaque) else True
        return answer

    def _array(self, formula: Formula, value: list[Any]) -> bool | None:
        match formula:
            case Items():
                return _all(self.fits(formula.at(i), part) for i, part in enumerate(value))
            case Contains(part, least):
                fitting = [self.fits(part, inner) for inner in value]
                if fitting.count(True) >= least:
                    return True
                return None if len(fitting) - fitting.count(False) >= least else False
            case Unique():
                return len({canonical(part) for part in value}) == len(value)
            case _:
                return None if isinstance(formula, Opaque) else True

    def _object(self, formula: Formula, value: dict[str, Any]) -> bool | None:
        match formula:
            case Has(name):
                return name in value
            case Names(part):
                names = [self._names.setdefault(name, name) for name in value]
                return _all(self.fits(part, name) for name in names)
            case Members():
                return _all(self._member(formula, name, part) for name, part in value.items())
            case _:
                return None if isinstance(formula, Opaque) else True

    def _member(self, formula: Members, name: str, value: object) -> bool | None:
        answers: list[bool | None] = []
        known = False
        if name in formula.named:
            known = True
            answers.append(self.fits(formula.named[name], value))
        for pattern, part in formula.patterned:
            match words.matches(pattern, name):
                case True:
                    known = True
                    answers.append(self.fits(part, value))
                case None:
                    return None
                case False:
                    pass
        if not known:
            answers.append(self.fits(formula.others, value))
        return _all(answers)

    def _one(self, parts: tuple[Formula, ...], value: object) -> bool | None:
        fitting = 0
        unknown = False
        for part in parts:
            fits = self.fits(part, value)
            unknown = unknown or fits is None
            fitting += fits is True
            if fitting > 1:
                return False
        return None if unknown else fitting == 1


def _of_any_kind(formula: Always | Literally | KindOf | Size, value: Any) -> bool:  # noqa: ANN401  any JSON value
    match formula:
        case Always(always):
            return always
        case Literally(values):
            return canonical(value) in values
        case KindOf(kinds):
            return kind_of(value) in kinds
        case Size(kind, bound, upper):
            if kind_of(value) != kind:
                return True
            return len(value) <= bound if upper else len(value) >= bound


def _number(formula: Formula, value: float) -> bool | None:
    match formula:
        case Limit(limit, upper, exclusive):
            number = exact(value)
            if number == limit:
                return not exclusive
            return (number < limit) == upper
        case Multiple(step):
            return (exact(value) / step).denominator == 1
        case Whole(written):
            if written:
                return isinstance(value, int)
            return isinstance(value, int) or value.is_integer()
        case _:
            return None if isinstance(formula, Opaque) else True


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _all(answers: Iterable[bool | None]) -> bool | None:
    sure = True
    for answer in answers:
        if answer is False:
            return False
        sure = sure and answer is not None
    return True if sure else None


def _any(answers: Iterable[bool | None]) -> bool | None:
    return _negated(_all(_negated(answer) for answer in answers))
