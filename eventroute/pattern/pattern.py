"""A pattern: which events match."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from eventroute.pattern.clause import SubRule, to_json
from eventroute.pattern.event_values import EventLike, read_event
from eventroute.pattern.json_values import shown
from eventroute.pattern.limits import DEFAULT_LIMITS, PatternLimits
from eventroute.pattern.match import Matching, Node, build
from eventroute.pattern.parse import parse_pattern
from eventroute.pattern.source import read, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern.explanation import Explanation

__all__ = ["Pattern"]


class Pattern:
    """An event pattern in EventBridge's language. Immutable, hashable, picklable.

    Two patterns are equal when they have the same alternatives of the same tests, in whatever
    order and nesting they are written.

    Language: ``docs/patterns.md``, after
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """

    def __init__(
        self,
        source: str | bytes | Mapping[str, Any],
        *,
        limits: PatternLimits = DEFAULT_LIMITS,
    ) -> None:
        """Read and validate a pattern.

        :param source: JSON text, or the same as a mapping of lists, mappings and scalars. Of
            fields that occur twice, the later counts.
        :param limits: how large it may be.
        :raises PatternError: naming the place in the pattern, the value and the remedy.
        """
        tree, repeated = read(source, limits)
        rules = parse_pattern(tree, limits)
        text = write(to_json(rules) if repeated else tree)
        object.__setattr__(self, "_given", source if isinstance(source, str | bytes) else text)
        object.__setattr__(self, "_text", text)
        object.__setattr__(self, "_repeats", repeated)
        object.__setattr__(self, "_limits", limits)
        object.__setattr__(self, "_rules", rules)

    _given: str | bytes
    _text: str
    _repeats: bool
    _limits: PatternLimits
    _rules: tuple[SubRule, ...]

    @property
    def source(self) -> dict[str, Any]:
        """The pattern as JSON values, a fresh copy each time.

        A text that repeats a field has no such form; then it is an equal pattern that does not,
        except where it has a `$or` beside a field that is named like an operator.
        """
        value: dict[str, Any] = json.loads(self._text)
        return value

    @property
    def sub_rules(self) -> tuple[SubRule, ...]:
        """The normal form: the event must satisfy all clauses of one sub-rule."""
        return self._rules

    def to_json(self) -> str:
        """The pattern as JSON text: compact, or as it was given where it repeats a field."""
        if self._repeats:
            return self._given if isinstance(self._given, str) else self._given.decode()
        return self._text

    def matches(self, event: EventLike) -> bool:
        """Tell whether an event matches.

        :param event: an `Event`, a mapping of JSON values, or JSON text. Text may be any JSON
            object; of a member that occurs twice, either value may match.
        :raises JSONTextError: text that is not JSON, too large or too deep.
        :raises EventError: JSON that is no object, or a mapping with values that are not JSON.
        :raises LimitExceededError: an event whose repeated or dotted names make the search
            explode.
        """
        return self.accepts(Matching(read_event(event)))

    def accepts(self, matching: Matching) -> bool:
        """Tell whether an event that was read already matches; several patterns may share it."""
        return matching.satisfies_any(self._trees)

    def explain(self, event: EventLike) -> Explanation:
        """Say which clauses an event meets and, where it fails one, why.

        ``explain(event).matched`` is always ``matches(event)``. Parameters and errors as there.
        """
        from eventroute.pattern.explain import explain  # noqa: PLC0415  for people, not for speed

        return explain(self._trees, read_event(event))

    @cached_property
    def _trees(self) -> tuple[Node, ...]:
        return tuple(build(rule) for rule in self._rules)

    @cached_property
    def _key(self) -> frozenset[object]:
        return frozenset(
            frozenset((clause.path, frozenset(clause.matchers)) for clause in rule)
            for rule in self._rules
        )

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Pattern) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Pattern({shown(self.source)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Pattern cannot be changed ({name!r}); make a new one")

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self._given, self._limits)


def _restore(given: str | bytes, limits: PatternLimits) -> Pattern:
    return Pattern(given, limits=limits)
