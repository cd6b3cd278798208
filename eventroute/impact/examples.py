"""Details that fit a contract and pass a rule: examples to try a handler's model on."""

from __future__ import annotations

from copy import deepcopy
from itertools import islice
from time import thread_time
from typing import TYPE_CHECKING, Final, TypeGuard

from eventroute.envelope import Event
from eventroute.errors import EventRouteError
from eventroute.pattern.analysis.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eventroute.impact.side import Side
    from eventroute.pattern import Pattern
    from eventroute.pattern.clause import Clause, SubRule

__all__ = ["Detail", "as_event", "changed", "examples", "is_detail"]

Detail = dict[str, object]

# Values that readers take differently, though a contract may not tell them apart.
_VALUES: Final[tuple[object, ...]] = ("", "x", "0", 0, -1, 1.5, 10**9, True, None, [], {})
_MOST_PLACES: Final = 200
_MOST_RULES: Final = 10
_MOST_EACH: Final = 5


def is_detail(value: object) -> TypeGuard[Detail]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def examples(
    seeds: Iterable[Detail],
    pattern: Pattern,
    rules: Sequence[SubRule],
    side: Side,
    *,
    others: Iterable[Detail] = (),
    seconds: float,
) -> Iterator[tuple[Detail, Event]]:
    """Details that fit the contract, in events that match the pattern.

    First the seeds, then those seeds with what the rules ask for, then others, then the first two
    with one value or member changed.

    :param seconds: of processor time to look for them.
    """
    end = thread_time() + seconds
    given: list[Detail] = []
    for seed in seeds:
        given += (seed, *(_with_rule(seed, rule, side) for rule in rules[:_MOST_RULES]))
    tried: set[str] = set()
    for detail in _with_variants(given, others):
        if thread_time() > end:
            return
        key = repr(detail)
        if key in tried:
            continue
        tried.add(key)
        event = as_event(detail, side)
        if event is not None and side.fits(detail) and pattern.matches(event.document):
            yield detail, event


def as_event(detail: Detail, side: Side) -> Event | None:
    """An event of the contract's type; ``None`` where no event can carry the detail."""
    try:
        return Event(side.contract.topic, side.contract.type, detail)
    except EventRouteError:
        return None


def _with_variants(details: Sequence[Detail], others: Iterable[Detail]) -> Iterator[Detail]:
    yield from details
    yield from others
    for detail in details:
        yield from _variants(detail)


def _with_rule(seed: Detail, rule: SubRule, side: Side) -> Detail:
    """The seed with values that the tests of a rule pass, as far as the contract allows them."""
    detail = seed
    for clause in rule:
        _, *path = clause.segments
        if clause.path.startswith("detail."):
            choices = [changed(detail, path, leaf) for leaf in _passing(clause)]
            if clause.accepts_absence:
                choices.insert(0, changed(detail, path, _GONE))
            fitting = (choice for choice in choices if side.fits(choice))
            detail = next(fitting, choices[0] if choices else detail)
    return detail


def _passing(clause: Clause) -> list[object]:
    leaves = samples(clause.matchers)
    passing = (leaf for leaf in leaves if any(test.matches(leaf) for test in clause.matchers))
    return list(islice(passing, _MOST_EACH))


def _variants(detail: Detail) -> Iterator[Detail]:
    """First without each member, then with other values."""
    paths = list(islice(_places(detail, ()), _MOST_PLACES))
    yield from (changed(detail, path, _GONE) for path in paths)
    for path in paths:
        yield from (changed(detail, path, value) for value in _VALUES)


def _places(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if is_detail(value):
        for name, member in value.items():
            yield (*path, name)
            yield from _places(member, (*path, name))


class _Gone:
    """Stands for no value at all."""


_GONE: Final = _Gone()


def changed(detail: Detail, path: Sequence[str], value: object) -> Detail:
    """A copy of the detail with another value at a path, which has one member at least."""
    copy = deepcopy(detail)
    here = copy
    *above, last = path
    for name in above:
        below = here.get(name)
        if not is_detail(below):
            below = here[name] = {}
        here = below
    if value is _GONE:
        here.pop(last, None)
    else:
        here[last] = deepcopy(value)
    return copy
