"""Whether an event matches its subscription, without reading more of it than that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.pattern import PatternIndex
from eventroute.pattern.operators import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventroute.delivery.subscriber import Subscriber
    from eventroute.envelope import Event
    from eventroute.pattern import Pattern
    from eventroute.port import Delivery

__all__ = ["screen"]

_HEAD: Final = ("detail-type", "source")


def screen(subscriber: Subscriber) -> Callable[[Delivery], bool]:
    """Whether a delivery is meant for its subscriber.

    The pattern is not evaluated where the backend has done it; one that was changed since is
    another object. What no model reads is read here all the same, to find out where it is no JSON:
    the handler sees the values that are read now.
    """
    pattern = subscriber.subscription.pattern
    if subscriber.handler.payload is None:
        return lambda delivery: (
            _is_read(delivery.event)
            if delivery.matched is pattern
            else pattern.matches(delivery.event)
        )
    return _Screen(pattern).lets_through


def _is_read(event: Event) -> bool:
    _ = event.detail  # raises where it is no JSON
    return True


class _Screen:
    """One pattern, prepared once there is an event on which nobody has evaluated it."""

    __slots__ = ("_pattern", "_test")

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern
        self._test: Callable[[Event], bool] | None = None

    def lets_through(self, delivery: Delivery) -> bool:
        if delivery.matched is self._pattern:
            return True
        if self._test is None:
            self._test = _test(self._pattern)
        return self._test(delivery.event)


def _test(pattern: Pattern) -> Callable[[Event], bool]:
    """The test that :meth:`Pattern.matches` is, for events.

    A pattern that only names sources and detail types, as every subscription by type without
    ``where`` does, needs no more than the head of the envelope. Another one is looked up in an
    index, which reads only what it names; what it leaves out must be read by somebody else.
    """
    passing: set[tuple[str, str]] = set()
    for rule in pattern.sub_rules:
        if sorted(clause.path for clause in rule) != list(_HEAD):
            return _lookup(pattern)
        texts: dict[str, list[str]] = {}
        for clause in rule:
            texts[clause.path] = [one.text for one in clause.matchers if isinstance(one, Text)]
            if len(texts[clause.path]) < len(clause.matchers):
                return _lookup(pattern)
        passing.update(
            (source, name) for source in texts["source"] for name in texts["detail-type"]
        )
    return lambda event: (event.source, event.detail_type) in passing


def _lookup(pattern: Pattern) -> Callable[[Event], bool]:
    index: PatternIndex[str] = PatternIndex()
    index.add("it", pattern)
    return lambda event: bool(index.match(event))
