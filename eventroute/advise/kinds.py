"""What is assumed of events where nothing was counted."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from eventroute.advise.filters import of_aws
from eventroute.advise.traffic import Spread, Traffic, as_given, told_given
from eventroute.pattern import Pattern, PatternIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventroute.advise.filters import Filters

__all__ = ["assumed"]


class _Kind(NamedTuple):
    """Events that patterns tell apart by their envelope; ``None`` is a value nobody names."""

    source: str | None
    detail_type: str | None

    @property
    def event(self) -> dict[str, str]:
        members = {"source": self.source, "detail-type": self.detail_type}
        return {name: value for name, value in members.items() if value is not None}


def assumed(filters: Sequence[Filters], given: Mapping[str, Fraction]) -> Traffic:
    """Take every event type that a pattern names to be equally frequent.

    Tests of anything but source and detail-type are taken to let everything through.

    :param given: by the name of the subscription, the share of all events that match it.
    """
    heads = {one.name: _head(one.pattern) for one in filters}
    named = {one.name: _named(one.pattern) for one in filters}
    kinds = _kinds(named, heads)
    matching = _matching(heads, kinds)
    weight = Fraction(1, max(1, len(kinds)))
    sources: dict[str | None, Fraction] = {}
    for kind in kinds:
        sources[kind.source] = sources.get(kind.source, Fraction(0)) + weight
    spreads: dict[str, Spread] = {}
    for one in filters:
        mine = matching[one.name] | (named[one.name] & frozenset(kinds))
        own = {kind for kind in mine if not of_aws(kind.source)}
        reached = {kind for kind in kinds if kind in own or _reached(one, kind)}
        by_sns, by_rule = own, mine
        if not one.sns.narrowed.exact:
            by_sns = own | _let_through(one.sns.policy, reached - own)
        if not one.eventbridge.exact:
            by_rule = mine | _let_through(one.eventbridge.pattern, set(kinds) - mine)
        spreads[one.name] = Spread(
            len(mine) * weight,
            len(own) * weight,
            len(by_sns) * weight,
            len(by_rule) * weight,
            len(reached) * weight,
            "assumed",
        )
        if one.name in given:
            spreads[one.name] = as_given(given[one.name], spreads[one.name], one)
    return Traffic(sources, spreads, tuple(_told(filters, kinds, given)))


def _reached(filters: Filters, kind: _Kind) -> bool:
    if of_aws(kind.source):
        return False
    return filters.sources is None or kind.source in filters.sources


def _let_through(carried: dict[str, Any] | None, kinds: set[_Kind]) -> set[_Kind]:
    """Those that a native filter does not keep away; ``None`` is no filter."""
    head = None if carried is None or not kinds else _head(Pattern(carried))
    return kinds if head is None else {kind for kind in kinds if head.matches(kind.event)}


def _head(pattern: Pattern) -> Pattern | None:
    """What a pattern asks of source and detail-type alone; ``None`` where that is nothing."""
    rules: list[dict[str, Any]] = []
    for rule in pattern.sub_rules:
        head = {
            clause.path: [test.to_json() for test in clause.matchers]
            for clause in rule
            if clause.path in ("source", "detail-type")
        }
        if not head:
            return None
        rules.append(head)
    return Pattern(rules[0] if len(rules) == 1 else {"$or": rules})


def _matching(heads: Mapping[str, Pattern | None], kinds: Iterable[_Kind]) -> dict[str, set[_Kind]]:
    """The kinds that each head matches."""
    index = PatternIndex[str]()
    for name, head in heads.items():
        if head is not None:
            index.add(name, head)
    every = set(kinds)
    found = {name: every if head is None else set[_Kind]() for name, head in heads.items()}
    for kind in every:
        for name in index.match(kind.event):
            found[name].add(kind)
    return found


def _named(pattern: Pattern) -> frozenset[_Kind]:
    found: set[_Kind] = set()
    for rule in pattern.sub_rules:
        names: dict[str, list[str | None]] = {"source": [None], "detail-type": [None]}
        for clause in rule:
            texts = [test.to_json() for test in clause.matchers]
            exact = [text for text in texts if isinstance(text, str)]
            if clause.path in names and exact:
                names[clause.path] = list(exact)
        found |= {_Kind(s, t) for s in names["source"] for t in names["detail-type"]}
    return frozenset(found)


def _kinds(
    named: Mapping[str, frozenset[_Kind]], heads: Mapping[str, Pattern | None]
) -> list[_Kind]:
    """Every kind that some pattern names; a vague one only where no clear one stands for it."""
    every = {kind: None for kinds in named.values() for kind in sorted(kinds, key=str)}
    clear = [kind for kind in every if None not in kind]
    matching = _matching(heads, clear)
    vague: dict[_Kind, None] = {}
    for name, kinds in named.items():
        stand_ins: set[_Kind] = {
            vaguer
            for source, detail_type in matching[name]
            for vaguer in (_Kind(source, None), _Kind(None, detail_type), _Kind(None, None))
        }
        some = sorted((kind for kind in kinds if None in kind), key=str)
        vague |= {kind: None for kind in some if kind not in stand_ins}
    return [*clear, *vague]


def _told(
    filters: Sequence[Filters], kinds: Sequence[_Kind], given: Mapping[str, Fraction]
) -> list[str]:
    told: list[str] = []
    rest = [one for one in filters if one.name not in given]
    if len(kinds) > 1:
        told.append(f"each of the {len(kinds)} event types that patterns name is equally frequent")
    rules = [rule for one in rest for rule in one.pattern.sub_rules]
    if any(clause.path.startswith("detail.") for rule in rules for clause in rule):
        told.append(
            "tests of detail let everything through; --sample or --match say what they keep away"
        )
    if given:
        told.append(told_given(given))
    return told
