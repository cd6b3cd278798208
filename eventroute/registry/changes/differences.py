"""Walks two schemas side by side, and lists where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from eventroute.dialects.places import LocalPlaces
from eventroute.jsontext import pointer, segments
from eventroute.registry.changes.breaks import Breaks
from eventroute.registry.changes.choices import CHOICES, Choices, as_choices, counterparts, told
from eventroute.registry.changes.keywords import PLAIN, plain_changes, show, show_all
from eventroute.registry.changes.pairing import paired
from eventroute.registry.json_kinds import is_array, is_object
from eventroute.registry.judgement import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eventroute.registry.inclusion import Budget, Document
    from eventroute.registry.judgement import Direction

__all__ = ["changes_between"]

_MOST: Final = 500
_MOST_PLACES: Final = 20_000
_MOST_REFERENCES: Final = 50
# Every place of a subschema and what it is called, in the order in which changes are told; without
# definitions, compared where they are referred to, and "contentSchema", which refuses nothing.
_MAPS: Final = {
    "properties": "property",
    "patternProperties": "pattern-property",
    "dependentSchemas": "dependent-schema",
    "dependencies": "dependency",
}
_SINGLE: Final = {
    "additionalProperties": "additional-properties",
    "items": "items",
    "additionalItems": "additional-items",
    "unevaluatedProperties": "unevaluated-properties",
    "unevaluatedItems": "unevaluated-items",
    "propertyNames": "property-names",
    "contains": "contains",
    "not": "not",
    "if": "if",
    "then": "then",
    "else": "else",
}
_LISTS: Final = {
    "anyOf": "alternative",
    "oneOf": "alternative",
    "allOf": "part",
    "prefixItems": "item",
    "items": "item",
}
# A place reached through these alone is one where what is refused is refused as a whole.
_STRAIGHT: Final = frozenset(
    {"properties", "patternProperties", "additionalProperties", "items", "prefixItems", "allOf"}
)
_Steps: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    old: object
    new: object
    old_path: _Steps = ()
    new_path: _Steps = ()
    straight: bool = True

    def inner(
        self, old: object, new: object, keyword: str, was: _Steps = (), now: _Steps = ()
    ) -> _Place:
        """A subschema of it.

        :param was: the steps below the keyword in the old schema.
        :param now: those in the new one.
        """
        return _Place(
            old,
            new,
            (*self.old_path, keyword, *was),
            (*self.new_path, keyword, *now),
            self.straight and keyword in _STRAIGHT,
        )


@dataclass(frozen=True, slots=True)
class _Lists:
    """Two lists of schemas, and the old schema with the first of them."""

    keyword: str
    was: list[Any]
    now: list[Any]
    old: dict[str, Any]


def changes_between(old: Document, new: Document, budget: Budget) -> tuple[Change, ...]:
    """List the differences of two schemas, in the order of the new one; at most 500.

    :param budget: for finding out which of them break.
    """
    walk = _Walk(old, new, budget)
    found: list[Change] = []
    for change in walk.changes():
        found.append(change)
        if len(found) == _MOST:
            found.append(Change("", "more", f"there are more than {_MOST} changes"))
            break
    return tuple(found)


class _Walk:
    def __init__(self, old: Document, new: Document, budget: Budget) -> None:
        self._old: Final = LocalPlaces(old.schema)
        self._new: Final = LocalPlaces(new.schema)
        self._breaks: Final = Breaks(old, new, budget)
        self._pending: Final[list[_Place]] = [_Place(old.schema, new.schema)]
        self._seen: Final[set[tuple[int, int]]] = set()

    def changes(self) -> Iterator[Change]:
        while self._pending and len(self._seen) < _MOST_PLACES:
            place = self._followed(self._pending.pop())
            if (id(place.old), id(place.new)) in self._seen:
                continue
            self._seen.add((id(place.old), id(place.new)))
            count = len(self._pending)
            yield from self._at(place)
            self._pending[count:] = reversed(self._pending[count:])
        if self._pending:
            yield Change("", "more", f"after {_MOST_PLACES:,} places the rest was not compared")

    def _followed(self, place: _Place) -> _Place:
        """The place that references lead to, as far as they lead to one within the schema."""
        old, old_path = _target(self._old, place.old, place.old_path)
        new, new_path = _target(self._new, place.new, place.new_path)
        return _Place(old, new, old_path, new_path, place.straight)

    def _at(self, place: _Place) -> Iterator[Change]:
        old, new = place.old, place.new
        if not is_object(old) or not is_object(new):
            if old != new:
                where = pointer(*place.new_path)
                yield Change(where, "schema-changed", f"{show(old)} became {show(new)}")
            return
        choices = as_choices(old, new)
        if choices is not None:
            yield from self._chosen(place, choices)
            return
        for keyword in PLAIN:
            for kind, text in plain_changes(keyword, old, new):
                if keyword == "required":
                    text = f"{_of(place)}{text}"  # noqa: PLW2901  the same text
                breaks = self._breaks.of_keyword(keyword, kind, old, new) if place.straight else ()
                path = (*place.new_path, keyword) if keyword in new else (*place.old_path, keyword)
                yield Change(pointer(*path), kind, text, breaks)
        for keyword, what in _MAPS.items():
            yield from self._mapped(place, old, new, keyword, what)
        for keyword, what in _SINGLE.items():
            yield from self._single(place, old, new, keyword, what)
        for keyword, what in _LISTS.items():
            yield from self._listed(place, old, new, keyword, what)

    def _mapped(
        self, place: _Place, old: dict[str, Any], new: dict[str, Any], keyword: str, what: str
    ) -> Iterator[Change]:
        before, after = _members(old, keyword), _members(new, keyword)
        for name in before:
            if name not in after:
                yield Change(
                    pointer(*place.old_path, keyword, name),
                    f"{what}-removed",
                    f"the {what.replace('-', ' ')} {show(name)} was removed",
                    self._of_property(place, name, old, new, keyword, added=False),
                )
        for name in after:
            if name not in before:
                yield Change(
                    pointer(*place.new_path, keyword, name),
                    f"{what}-added",
                    f"the {what.replace('-', ' ')} {show(name)} was added",
                    self._of_property(place, name, old, new, keyword, added=True),
                )
            else:
                self._pending.append(
                    place.inner(before[name], after[name], keyword, (name,), (name,))
                )

    def _of_property(
        self,
        place: _Place,
        name: str,
        old: dict[str, Any],
        new: dict[str, Any],
        keyword: str,
        *,
        added: bool,
    ) -> Any:  # noqa: ANN401  a tuple of directions
        if keyword != "properties" or not place.straight:
            return ()
        return self._breaks.of_property(name, old, new, added=added)

    def _single(
        self, place: _Place, old: dict[str, Any], new: dict[str, Any], keyword: str, what: str
    ) -> Iterator[Change]:
        before, after = old.get(keyword), new.get(keyword)
        if is_array(before) or is_array(after) or (before is None and after is None):
            return
        before, after = _plain(before), _plain(after)
        if is_object(before) and is_object(after) and before and after:
            self._pending.append(place.inner(before, after, keyword))
            return
        if show_all(before) == show_all(after):
            return
        how = "changed"
        if keyword.startswith(("additional", "unevaluated")):
            how = "closed" if after is False else "opened" if before is False else "changed"
        breaks = self._breaks.of_keyword(keyword, "", old, new) if place.straight else ()
        if any("$ref" in show_all(schema) for schema in (before, after)):
            breaks = ()  # a reference means something in its own document only
        yield Change(
            pointer(*(place.new_path if keyword in new else place.old_path), keyword),
            f"{what}-{how}",
            f"{keyword} was {show(before)} and is {show(after)}",
            breaks,
        )

    def _listed(
        self, place: _Place, old: dict[str, Any], new: dict[str, Any], keyword: str, what: str
    ) -> Iterator[Change]:
        before, after = old.get(keyword, []), new.get(keyword, [])
        if not is_array(before) or not is_array(after):
            return
        # Alternatives are told by what they say, elements by where they stand.
        pairing = paired(before, after, by_place=keyword in ("items", "prefixItems"))
        for one, other in pairing.pairs:
            inner = place.inner(before[one], after[other], keyword, (one,), (other,))
            self._pending.append(inner)
        lists = _Lists(keyword, before, after, old)
        yield from self._come_and_gone(place, lists, what, pairing.gone, pairing.come)

    def _chosen(self, place: _Place, choices: Choices) -> Iterator[Change]:
        """What became of a schema that is one of several alternatives now, or was one."""
        was, now = self._targets(self._old, choices.was), self._targets(self._new, choices.now)
        if choices.widened:
            pairs = counterparts(was, now)
        else:
            pairs = {one: other for other, one in counterparts(now, was).items()}
        for one, other in pairs.items():
            if choices.widened:
                before, after = place.old_path, (*place.new_path, choices.keyword, other)
            else:
                before, after = (*place.old_path, choices.keyword, one), place.new_path
            inner = _Place(choices.was[one], choices.now[other], before, after, straight=False)
            self._pending.append(inner)
        gone = [one for one in range(len(was)) if one not in pairs]
        come = [other for other in range(len(now)) if other not in pairs.values()]
        old = {choices.keyword: choices.was}
        lists = _Lists(choices.keyword, choices.was, choices.now, old)
        yield from self._come_and_gone(place, lists, "alternative", gone, come)

    def _come_and_gone(
        self, place: _Place, lists: _Lists, what: str, gone: Iterable[int], come: Iterable[int]
    ) -> Iterator[Change]:
        keyword, was, now = lists.keyword, lists.was, lists.now
        # Without alternatives a schema leaves all open, which no single one of them changes.
        single = keyword in CHOICES and bool(was) and bool(now)
        for index in gone:
            left = told(keyword, was[index], self._targets(self._new, now), added=False)
            rest = [*was[:index], *was[index + 1 :]]
            breaks = self._of_choice(place, lists, rest, "gone") if single else ()
            path = (*place.old_path, *_step(place.old, keyword, index))
            yield Change(pointer(*path), f"{what}-removed", left, breaks)
        for index in come:
            joined = told(keyword, now[index], self._targets(self._old, was), added=True)
            breaks = self._of_choice(place, lists, [*was, now[index]], "come") if single else ()
            path = (*place.new_path, *_step(place.new, keyword, index))
            yield Change(pointer(*path), f"{what}-added", joined, breaks)

    def _of_choice(
        self, place: _Place, lists: _Lists, alternatives: list[Any], how: str
    ) -> tuple[Direction, ...]:
        # A reference of the new schema means something in its own document only.
        foreign = how == "come" and '"$ref"' in show_all(alternatives[-1])
        if not place.straight or not alternatives or foreign:
            return ()
        keyword = lists.keyword
        return self._breaks.of_keyword(keyword, "", lists.old, {keyword: alternatives})

    @staticmethod
    def _targets(places: LocalPlaces, alternatives: Iterable[object]) -> list[object]:
        return [_target(places, one, ())[0] for one in alternatives]


def _step(schema: object, keyword: str, index: int) -> _Steps:
    """Where an alternative stands; that of a schema without the keyword is one of its types."""
    return (keyword, index) if is_object(schema) and keyword in schema else ("type",)


def _members(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    """What it maps names to; a draft that does not know the keyword may have anything there."""
    found = schema.get(keyword)
    return found if is_object(found) else {}


def _of(place: _Place) -> str:
    return f"at {pointer(*place.new_path)}: " if place.new_path else ""


def _plain(schema: object) -> object:
    """``true`` for what says nothing."""
    return True if schema is None or schema == {} else schema


def _target(places: LocalPlaces, schema: object, path: _Steps) -> tuple[object, _Steps]:
    for _ in range(_MOST_REFERENCES):
        reference = schema.get("$ref") if is_object(schema) else None
        place = places.of(reference) if isinstance(reference, str) else None
        if place is None:
            break
        path, schema = tuple(segments(place[0])), place[1]
    return schema, path
