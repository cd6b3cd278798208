"""Events that prove what patterns do not exclude: each was tried before it is returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.errors import EventRouteError
from eventroute.pattern.analysis.prepared import prepare
from eventroute.pattern.analysis.proof import never_together
from eventroute.pattern.analysis.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from eventroute.pattern.analysis.prepared import Rule, Tests
    from eventroute.pattern.json_values import JSON, Scalar
    from eventroute.pattern.pattern import Pattern

__all__ = ["common_event", "event_between"]

_MOST_PAIRS: Final = 200
_MOST_RULES: Final = 50
_MOST_EVENTS: Final = 200

# What lies at each path: several leaves in an array, one, or none.
_Leaves: TypeAlias = "Mapping[str, tuple[Scalar, ...]]"


def common_event(pattern: Pattern, other: Pattern) -> dict[str, JSON] | None:
    """An event that matches both patterns; ``None`` where none was found."""
    tried = 0
    for rule in prepare(pattern):
        for another in prepare(other):
            if never_together(rule, another):
                continue
            tried += 1
            if tried > _MOST_PAIRS:
                return None
            event = _event(_for_both(rule, another))
            if _accepts(pattern, event) and _accepts(other, event):
                return event
    return None


def event_between(pattern: Pattern, other: Pattern) -> dict[str, JSON] | None:
    """An event that matches the first pattern and not the second; ``None`` where none was found."""
    others = prepare(other)
    for rule in prepare(pattern)[:_MOST_RULES]:
        for leaves in _for_one(rule, others):
            event = _event(leaves)
            if _accepts(pattern, event) and not _accepts(other, event):
                return event
    return None


def _accepts(pattern: Pattern, event: dict[str, JSON]) -> bool:
    try:
        return pattern.matches(event)
    except EventRouteError:  # an event that is one level too deep, for one
        return False


def _for_both(rule: Rule, other: Rule) -> _Leaves:
    leaves: dict[str, tuple[Scalar, ...]] = {}
    for path in (*rule, *other):
        wanted = [tests for tests in (rule.get(path), other.get(path)) if tests is not None]
        if any(tests.only_absence for tests in wanted):
            continue
        pool = samples(test for tests in wanted for test in (*tests.exact, *tests.wide))
        one = [leaf for leaf in pool if all(_passes(tests, leaf) for tests in wanted)]
        each = [next((leaf for leaf in pool if _passes(tests, leaf)), None) for tests in wanted]
        leaves[path] = (one[0],) if one else tuple(each)
    return leaves


def _for_one(rule: Rule, others: tuple[Rule, ...]) -> Iterator[_Leaves]:
    """Leaves that pass the rule; first those that pass as little of the others as possible."""
    choices: dict[str, list[tuple[Scalar, ...]]] = {}
    for path in dict.fromkeys((*rule, *(path for other in others for path in other))):
        wanted = [other[path] for other in others[:_MOST_RULES] if path in other]
        found = _choices(rule.get(path), wanted)
        if not found:
            return
        choices[path] = found
    best = {path: found[0] for path, found in choices.items()}
    yield best
    left = _MOST_EVENTS
    for path, found in choices.items():
        for leaves in found[1:]:
            if not left:
                return
            left -= 1
            yield {**best, path: leaves}


def _choices(given: Tests | None, others: list[Tests]) -> list[tuple[Scalar, ...]]:
    tests = ((*each.exact, *each.wide) for each in (*([given] if given else []), *others))
    pool = samples(test for each in tests for test in each)
    options: list[tuple[Scalar, ...]] = [
        (leaf,) for leaf in pool if given is None or _passes(given, leaf)
    ]
    if given is None or given.absence:
        options.insert(0, ())
    return sorted(options, key=lambda leaves: sum(_met(other, leaves) for other in others))


def _met(tests: Tests, leaves: tuple[Scalar, ...]) -> bool:
    return _passes(tests, leaves[0]) if leaves else tests.absence


def _passes(tests: Tests, leaf: Scalar) -> bool:
    return any(test.matches(leaf) for test in (*tests.exact, *tests.wide))


def _event(leaves: _Leaves) -> dict[str, JSON]:
    return _object((path.split("."), found) for path, found in leaves.items() if found)


def _object(paths: Iterable[tuple[list[str], tuple[Scalar, ...]]]) -> dict[str, JSON]:
    here: dict[str, list[JSON]] = {}
    below: dict[str, list[tuple[list[str], tuple[Scalar, ...]]]] = {}
    for (name, *rest), found in paths:
        if rest:
            below.setdefault(name, []).append((rest, found))
            here.setdefault(name, [])
        else:
            here.setdefault(name, []).extend(found)
    for name, inner in below.items():
        here[name].append(_object(inner))
    return {name: values[0] if len(values) == 1 else list(values) for name, values in here.items()}
