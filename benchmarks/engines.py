"""The engines under one shape. Each is imported where it is used: they live in two environments."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ENGINES", "Engine"]

Parsed = dict[str, Any]


class Engine(Protocol):
    """Named patterns, matched against one event at a time.

    :ivar version: of the package that was measured.
    """

    version: str

    @property
    def match_text(self) -> Callable[[bytes], list[int]]:
        """Names of the patterns that match an event's text."""
        ...

    @property
    def match_parsed(self) -> Callable[[Parsed], list[int]] | None:
        """The same for a parsed event; ``None`` where the engine takes texts only."""
        ...

    def add(self, name: int, pattern: Parsed) -> None:
        """Add a pattern, or raise whatever the engine raises where it cannot read it."""
        ...

    def remove(self, name: int) -> None:
        """Remove a pattern."""
        ...


class EventrouteIndex:
    """The index of this checkout, or of the wheel, called without anything between."""

    def __init__(self) -> None:
        index = import_module("eventroute.pattern").PatternIndex()
        self.version = version("eventroute")
        self.match_text = index.match
        self.match_parsed = index.match
        self.add = index.add
        self.remove = index.remove


class _OneByOne:
    """An engine that knows single patterns only; the event is parsed once for all of them."""

    def __init__(self, package: str) -> None:
        self.version = version(package)
        self._patterns: dict[int, Any] = {}

    def remove(self, name: int) -> None:
        del self._patterns[name]


class LocalStackRules(_OneByOne):
    """LocalStack's matcher: patterns are compiled once, as its event bus could do."""

    def __init__(self) -> None:
        super().__init__("localstack-core")
        module = import_module("localstack.services.events.event_rule_engine")
        self._compile = module.EventPatternCompiler().compile_event_pattern
        self._matches = module.EventRuleEngine().evaluate_pattern_on_event

    def add(self, name: int, pattern: Parsed) -> None:
        self._patterns[name] = self._compile(json.dumps(pattern))

    def match_text(self, event: bytes) -> list[int]:
        return self.match_parsed(json.loads(event))

    def match_parsed(self, event: Parsed) -> list[int]:
        matches = self._matches
        return [name for name, pattern in self._patterns.items() if matches(pattern, event)]


class MotoPatterns(_OneByOne):
    """moto's matcher."""

    def __init__(self) -> None:
        super().__init__("moto")
        self._module = import_module("moto.events.models")

    def add(self, name: int, pattern: Parsed) -> None:
        text = json.dumps(pattern)
        parsed = self._module.EventPatternParser(text).parse()
        self._patterns[name] = self._module.EventPattern(text, parsed).matches_event

    def match_text(self, event: bytes) -> list[int]:
        return self.match_parsed(json.loads(event))

    def match_parsed(self, event: Parsed) -> list[int]:
        return [name for name, matches in self._patterns.items() if matches(event)]


class EventRulerBinding(_OneByOne):
    """The PyPI package event-ruler: quamina 1.0 (Go) behind one function of two texts.

    It reads event and pattern anew in every call, and has no way to keep a pattern.
    """

    match_parsed = None

    def __init__(self) -> None:
        super().__init__("event-ruler")
        self._test = import_module("event_ruler.event_ruler").test_event_pattern

    def add(self, name: int, pattern: Parsed) -> None:
        text = json.dumps(pattern)
        self._test("{}", text)
        self._patterns[name] = text

    def match_text(self, event: bytes) -> list[int]:
        text, test = event.decode(), self._test
        return [name for name, pattern in self._patterns.items() if test(text, pattern)]


ENGINES: dict[str, Callable[[], Engine]] = {
    "eventroute": EventrouteIndex,
    "compiled": EventrouteIndex,
    "LocalStack": LocalStackRules,
    "moto": MotoPatterns,
    "event-ruler": EventRulerBinding,
}
