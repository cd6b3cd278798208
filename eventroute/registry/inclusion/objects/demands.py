"""What the tests that an object must fail demand of it, and the ways to do that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.registry.inclusion.evaluation import Evaluation
from eventroute.registry.inclusion.formula import Literally, Members, Names, Pattern
from eventroute.registry.inclusion.objects.members import parts_at
from eventroute.registry.inclusion.objects.plan import Way
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eventroute.registry.inclusion.formula import Formula
    from eventroute.registry.inclusion.search import Search

__all__ = ["demands"]


def demands(
    tests: dict[Formula, bool], known: Sequence[str], search: Search
) -> Iterator[list[Way]]:
    """For each demand the ways to meet it, of which one is enough.

    :param known: the names that any test mentions.
    """
    for test, sign in tests.items():
        match test:
            case Members() if not sign:
                yield list(_breaking(test, known, search))
            case Names(part) if not sign:
                yield list(_misnamed(part, known, search))
            case Literally(values) if not sign:
                for value in values.values():
                    if is_object(value):
                        yield list(_other_than(value, known, search))
            case _:
                pass


def _breaking(members: Members, known: Sequence[str], search: Search) -> Iterable[Way]:
    make = search.formulas
    for name in known:
        parts, clear = parts_at(members, name)
        for part in parts:
            if part is not make.true:
                yield Way(name, ((part, False),), sure=clear)
    for pattern, part in members.patterned:
        if part is not make.true:
            yield Way(None, ((part, False),), ((make.of(Pattern, pattern), True),))
    if members.others is not make.true:
        unmatched = tuple((make.of(Pattern, text), False) for text, _ in members.patterned)
        yield Way(None, ((members.others, False),), unmatched)


def _misnamed(part: Formula, known: Sequence[str], search: Search) -> Iterable[Way]:
    for name in known:
        fits = Evaluation(name, search.budget).fits(part, name)
        if fits is not True:
            yield Way(name, sure=fits is False)
    yield Way(None, named=((part, False),))


def _other_than(value: dict[str, object], known: Sequence[str], search: Search) -> Iterable[Way]:
    for name, member in value.items():
        yield Way(name, absent=True)
        yield Way(name, (search.excluding(member),))
    for name in known:
        if name not in value:
            yield Way(name)
    yield Way(None)
