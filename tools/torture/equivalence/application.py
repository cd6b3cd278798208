"""A random application: its subscriptions, what is published to it, and what each should see."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from eventroute import Event, Pattern, event
from eventroute.errors import EventRouteError
from tools.fuzz_inputs import Inputs
from tools.torture.equivalence.examples import changed, example
from tools.torture.equivalence.rules import (
    ACCOUNTS,
    ARNS,
    MOMENTS,
    REGIONS,
    SOURCES,
    TEAMS,
    TYPES,
    pattern,
    where,
)
from tools.torture.equivalence.values import Raw, value, written

if TYPE_CHECKING:
    from tools.torture.equivalence.rules import Fields

__all__ = ["Application", "Message", "Order", "Rule", "Sight", "sight"]

_RULES: Final = 20
_TYPED: Final = 2
_LONGEST: Final = 1_000
_NO_TEXTS: Final = ([b"{}"], [b"{}"])
"""Nothing to damage: what the grammar makes depends on the seed alone."""

_HEADERS: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    {"a.b": '{"x": [1, "}"]}', "x": " ", "Z-9_": "~"},
)


@event(SOURCES[0], TYPES[0])
class Order(BaseModel):
    """A detail, unless its ``n`` is no number."""

    model_config = ConfigDict(extra="allow")

    n: int = 0


class Sight(NamedTuple):
    """A subscription has handled an event, or has it among its dead letters.

    :ivar reason: of the dead letter; ``""`` where it was handled.
    """

    subscription: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    reason: str = ""


def sight(name: str, body: bytes, headers: Mapping[str, str], reason: str = "") -> Sight:
    """One, of headers in any order."""
    return Sight(name, body, tuple(sorted(headers.items())), reason)


@dataclass(frozen=True)
class Rule:
    """A subscription.

    :ivar text: its pattern.
    :ivar where: that of ``detail``, where it is typed.
    """

    name: str
    text: str
    where: Mapping[str, Any] | None = None

    @cached_property
    def pattern(self) -> Pattern:
        """The pattern, compiled."""
        return Pattern(self.text)


@dataclass(frozen=True, slots=True)
class Message:
    """An event, and what travels beside it."""

    event: Event
    headers: Mapping[str, str]


class Application:
    """What a seed makes.

    :param events: how many.
    """

    def __init__(self, seed: int, events: int) -> None:
        self.seed = seed
        self._random = Random(seed)
        self._inputs = Inputs(self._random, _NO_TEXTS)
        self.rules = [self._rule(number) for number in range(_RULES)]
        self._read = [json.loads(rule.text, parse_int=Raw, parse_float=Raw) for rule in self.rules]
        self.expected: Counter[Sight] = Counter()
        self.messages = [self._message() for _ in range(events)]

    def _rule(self, number: int) -> Rule:
        while True:
            name = f"rule{number}"
            try:
                if number < _TYPED:
                    inner = json.loads(written(self._random, where(self._random)))
                    head = {"source": [SOURCES[0]], "detail-type": [TYPES[0]]}
                    rule = Rule(name, json.dumps({**head, "detail": inner}), inner)
                else:
                    rule = Rule(name, written(self._random, self._pattern(number)))
                rule.pattern.to_json()
            except EventRouteError:
                continue  # the grammar makes wrong ones, too
            return rule

    def _pattern(self, number: int) -> Fields:
        made = pattern(self._random, number)
        if "detail" in made and self._random.random() < 0.3:
            made["detail"] = self._raw(self._inputs.pattern())
        return made

    def _raw(self, text: str | bytes) -> Raw:
        """What the fuzzer makes, if it is short; else an object without members."""
        read = text.decode(errors="replace") if isinstance(text, bytes) else text
        return Raw(read if len(read) < _LONGEST else "{}")

    def _message(self) -> Message:
        while True:
            text = written(self._random, self._envelope())
            try:
                message = Message(Event.from_json(text), self._random.choice(_HEADERS))
                self.expected.update(
                    [
                        self._sight(rule, message)
                        for rule in self.rules
                        if rule.pattern.matches(message.event)
                    ]
                )
            except EventRouteError:
                continue  # no event, or one too intricate for a pattern
            return message

    def _sight(self, rule: Rule, message: Message) -> Sight:
        reason = ""
        if rule.where is not None:
            try:
                Order.model_validate_json(message.event.detail_json)
            except ValidationError:
                reason = "contract-violated"
        return sight(rule.name, message.event.to_json(), message.headers, reason)

    def _envelope(self) -> Fields:
        random = self._random
        made = example(random, random.choice(self._read))
        detail = made.pop("detail", None)
        if not isinstance(detail, dict):
            detail = {}
        if random.random() < 0.3:
            detail = changed(random, detail)
        elif random.random() < 0.1:
            detail = self._raw(self._inputs.event())
        elif random.random() < 0.05:
            detail = {}
        found: Fields = {
            "id": f"{random.choice(('', '', 'é'))}{UUID(int=random.getrandbits(128), version=4)}",
            "source": random.choice(SOURCES),
            "detail-type": random.choice(TYPES),
            "detail": detail,
        }
        more = {
            "account": random.choice(ACCOUNTS),
            "region": random.choice(REGIONS),
            "resources": random.sample(ARNS, random.randint(0, 3)),
            "team": random.choice(TEAMS),
            "time": random.choice(MOMENTS),
            "version": random.choice("01"),
            "más": value(random),
        }
        found |= {name: one for name, one in more.items() if random.random() < 0.6}
        for name in ("source", "detail-type", "account", "region", "team", "version"):
            if (
                isinstance(made.get(name), str) and "\uffff" not in made[name]
            ):  # EventBridge has none
                found[name] = made[name]
        if isinstance(made.get("id"), str):
            found["id"] = random.choice((found["id"] + made["id"], made["id"] + found["id"]))
        return found
