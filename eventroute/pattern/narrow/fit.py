"""Making rules fit the limits of a dialect: the fewest tests go, the least selective first."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.pattern.json_values import shown
from eventroute.pattern.narrow.measure import Measure, measure
from eventroute.pattern.narrow.narrowed import Omission
from eventroute.pattern.narrow.policy import Field, Rule, distinct, written
from eventroute.pattern.narrow.weaken import strongest, summary
from eventroute.pattern.operators import CIDR, AnythingBut, Exists, Prefix, Range, Suffix, Wildcard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventroute.pattern.narrow.carried import Obstacle
    from eventroute.pattern.narrow.dialect import Dialect
    from eventroute.pattern.operators import Matcher

__all__ = ["Fitting"]

_SOME: Final = Exists(True)

_DROPPED: Final = "the test of {} is dropped"

_Change: TypeAlias = "Callable[[Field], Field | None]"


class Fitting:
    """Reduces rules and notes what went.

    :param origins: JSON pointer of each field into the original pattern.
    """

    def __init__(self, dialect: Dialect, origins: dict[Field, str]) -> None:
        self._dialect = dialect
        self._origins = origins

    def fit(self, rules: list[Rule]) -> tuple[list[Rule], list[Omission]]:
        """The rules within the limits; none at all where no part of them is.

        :returns: rules, and what was left out.
        """
        over = self._measured(rules).over(self._dialect)
        if over is None:
            return rules, []
        one, joined = self.merged(rules, over)
        if one and not joined:  # nothing is lost by it
            rules = one
        fitted, left_out = self._reduced(rules)
        if one and rules is not one:
            single, more = self._reduced(one)
            if _least_asked(single) > _least_asked(fitted):
                fitted, left_out = single, [*joined, *more]
        if not fitted:
            left_out = self._omissions(_fields(rules), _DROPPED, over)
        return fitted, left_out

    def merged(self, rules: list[Rule], why: Obstacle) -> tuple[list[Rule], list[Omission]]:
        """One rule of the fields that all have in common, with the tests of all."""
        united: Rule = ()
        varying: list[Field] = []
        lost: list[Field] = []
        paths = [dict(rule) for rule in rules]
        for path, tests in rules[0]:
            if all(path in fields for fields in paths):
                every = tuple(dict.fromkeys(test for fields in paths for test in fields[path]))
                united += ((path, every),)
                self._origins.setdefault((path, every), self._origins[path, tests])
        together = dict(united)
        for field in dict.fromkeys(field for rule in rules for field in rule):
            path, tests = field
            if path not in together:
                lost.append(field)
            elif together[path] != tests:
                varying.append(field)
        left_out = self._omissions(lost, _DROPPED, why)
        if lost or len({path for path, _ in varying}) > 1:
            said = "the tests of {} are joined with those of other alternatives"
            left_out += self._omissions(varying, said, why)
        return ([united] if united else []), left_out

    def _measured(self, rules: Sequence[Rule]) -> Measure:
        nested = self._dialect.scope != "MessageAttributes"
        return measure(written(rules, nested=nested), nested=nested)

    def _reduced(self, rules: list[Rule]) -> tuple[list[Rule], list[Omission]]:
        left_out: list[Omission] = []
        over = self._measured(rules).structure_over(self._dialect)
        if over is not None:
            order = _dispensable(rules, sorted(_fields(rules), key=_looseness)[::-1])
            rules, changes = self._least(rules, order, _drop, Measure.structure_over)
            left_out += self._changed(changes, over)
        over = self._measured(rules).bulk_over(self._dialect) if rules else None
        if over is not None:
            order = sorted(_fields(rules), key=_bulk)[::-1]
            for change in (self._summarise, _ask_for_some):
                less, changes = self._least(rules, order, change, Measure.bulk_over)
                if less:
                    break
            else:
                order = _dispensable(rules, order)
                less, changes = self._least(rules, order, _drop, Measure.bulk_over)
            rules = less
            left_out += self._changed(changes, over)
        return rules, left_out

    def _least(
        self,
        rules: list[Rule],
        order: list[Field],
        change: _Change,
        over: Callable[[Measure, Dialect], Obstacle | None],
    ) -> tuple[list[Rule], dict[Field, Field | None]]:
        """Change as few fields as it takes, from the front; no rules where that is not enough."""
        changes = {field: new for field in order if (new := change(field)) != field}

        def changed(count: int) -> tuple[bool, list[Rule]]:
            less = _replaced(rules, dict(islice(changes.items(), count)))
            return not less or over(self._measured(less), self._dialect) is None, less

        low, high = 0, len(changes)
        fits, best = changed(high)
        if not fits:
            return [], changes
        while low < high:
            middle = (low + high) // 2
            fits, less = changed(middle)
            if fits:
                high, best = middle, less
            else:
                low = middle + 1
        return best, dict(islice(changes.items(), high))

    def _summarise(self, field: Field) -> Field | None:
        path, tests = field
        found, _ = strongest(summary(tests), self._dialect)
        if len(tests) == 1 or found is None or found == _SOME:
            return _ask_for_some(field)
        return path, (found,)

    def _changed(self, changes: dict[Field, Field | None], why: Obstacle) -> list[Omission]:
        left_out: list[Omission] = []
        for field, new in changes.items():
            if new is None:
                what = _DROPPED.format(field[0])
            else:
                self._origins.setdefault(new, self._origins[field])
                what = f"{_shown(field)} at {field[0]} became {_shown(new)}"
            left_out.append(Omission(self._origins[field], what, *why))
        return left_out

    def _omissions(self, fields: list[Field], said: str, why: Obstacle) -> list[Omission]:
        return [Omission(self._origins[field], said.format(field[0]), *why) for field in fields]


def _drop(_field: Field) -> None:
    return None


def _ask_for_some(field: Field) -> Field | None:
    if any(isinstance(test, Exists) and not test.present for test in field[1]):
        return None  # some value, or none
    return field[0], (_SOME,)


def _replaced(rules: list[Rule], changes: dict[Field, Field | None]) -> list[Rule]:
    """The rules with the changes; none where one of them would ask for nothing."""
    changed = [
        tuple(new for field in rule if (new := changes.get(field, field)) is not None)
        for rule in rules
    ]
    return distinct(changed) if all(changed) else []


def _dispensable(rules: list[Rule], order: list[Field]) -> list[Field]:
    """The order, with the fields last without which a rule would ask for nothing."""
    left = [len(rule) for rule in rules]
    places: dict[Field, list[int]] = {}
    for index, rule in enumerate(rules):
        for field in rule:
            places.setdefault(field, []).append(index)
    first: list[Field] = []
    last: list[Field] = []
    for field in order:
        if all(left[index] > 1 for index in places[field]):
            for index in places[field]:
                left[index] -= 1
            first.append(field)
        else:
            last.append(field)
    return first + last


def _shown(field: Field) -> str:
    return shown([test.to_json() for test in field[1]])


def _least_asked(rules: list[Rule]) -> int:
    """How many fields must pass at least."""
    return min((len(rule) for rule in rules), default=0)


def _fields(rules: list[Rule]) -> list[Field]:
    return list(dict.fromkeys(field for rule in rules for field in rule))


def _looseness(field: Field) -> tuple[int, int]:
    """How much passes, roughly."""
    return max(_rank(test) for test in field[1]), len(field[1])


def _rank(test: Matcher) -> int:
    match test:
        case Exists():
            return 4
        case AnythingBut():
            return 3
        case Prefix() | Suffix() | Wildcard() | Range():
            return 2
        case CIDR():
            return 1
        case _:
            return 0


def _bulk(field: Field) -> tuple[int, int]:
    path, tests = field
    return len(tests), len(path) + sum(len(str(test.to_json())) for test in tests)
