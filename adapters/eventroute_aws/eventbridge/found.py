"""Looks at what there is: the event bus, its rules, their targets and tags."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from eventroute_aws.provisioning.tags import owns, read_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["Finder", "FoundBus", "FoundRule", "FoundTarget"]

FoundTarget: TypeAlias = "Mapping[str, Any]"
"""A target as EventBridge tells it."""


@dataclass(frozen=True, slots=True)
class FoundBus:
    """An event bus as it is."""

    name: str
    arn: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule as it is.

    :ivar schedule: ``""`` for none.
    :ivar manager: the AWS service that keeps the rule for itself; ``""`` for none.
    :ivar targets: by id.
    """

    name: str
    arn: str
    pattern: str
    state: str
    description: str = ""
    schedule: str = ""
    manager: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, FoundTarget] = field(default_factory=dict)

    @property
    def enabled(self) -> bool:
        """Whether it lets events through; there is a state for CloudTrail's as well."""
        return self.state.startswith("ENABLED")


class Finder:
    """Asks EventBridge; changes nothing."""

    def __init__(self, clients: Clients, calls: Calls, options: EventBridgeOptions) -> None:
        self._clients = clients
        self._calls = calls
        self._bus = options.bus
        self._prefix = options.prefix

    async def bus(self) -> FoundBus | None:
        """The event bus of the options, ``None`` where there is none."""
        events = await self._clients.events()
        doing = f"looking at the event bus {self._bus}"
        found = await self._calls.ask(doing, lambda: events.describe_event_bus(Name=self._bus))
        return None if found is None else FoundBus(self._bus, found["Arn"], {})

    async def tagged(self, bus: FoundBus) -> FoundBus:
        """The same with its tags."""
        return replace(bus, tags=await self._tags(bus.arn))

    async def rules(self) -> list[FoundRule]:
        """Every rule on the bus, without targets and tags; none where there is no bus."""
        events = await self._clients.events()
        rules: list[FoundRule] = []
        token = ""
        while True:
            more: Any = {"NextToken": token} if token else {}
            answer = await self._calls.ask(
                f"listing the rules of the event bus {self._bus}",
                partial(events.list_rules, EventBusName=self._bus, **more),
            )
            rules += [
                FoundRule(
                    one.get("Name", ""),
                    one.get("Arn", ""),
                    one.get("EventPattern", ""),
                    one.get("State", ""),
                    one.get("Description", ""),
                    one.get("ScheduleExpression", ""),
                    one.get("ManagedBy", ""),
                )
                for one in ([] if answer is None else answer["Rules"])
            ]
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                return rules

    async def whole(self, rules: Iterable[FoundRule]) -> list[FoundRule]:
        """Rules with their targets and tags."""
        return await self._calls.each(rules, self._whole)

    async def ours(self, rules: Iterable[FoundRule]) -> list[FoundRule]:
        """Those of some rules that have our tag, with their targets."""
        whole = await self.whole(rule for rule in rules if not rule.manager)
        return [rule for rule in whole if owns(self._prefix, rule.tags)]

    async def _whole(self, rule: FoundRule) -> FoundRule:
        targets = await self._targets(rule.name)
        return replace(rule, tags=await self._tags(rule.arn), targets=targets)

    async def _targets(self, rule: str) -> dict[str, FoundTarget]:
        events = await self._clients.events()
        targets: dict[str, FoundTarget] = {}
        token = ""
        while True:
            more: Any = {"NextToken": token} if token else {}
            answer = await self._calls.ask(
                f"listing the targets of the rule {rule}",
                partial(events.list_targets_by_rule, Rule=rule, EventBusName=self._bus, **more),
            )
            found: list[Any] = [] if answer is None else [*answer["Targets"]]
            targets |= {one["Id"]: one for one in found}
            token = "" if answer is None else answer.get("NextToken", "")
            if not token:
                return targets

    async def _tags(self, arn: str) -> dict[str, str]:
        events = await self._clients.events()
        answer = await self._calls.ask(
            f"looking at the tags of {arn}",
            lambda: events.list_tags_for_resource(ResourceARN=arn),
        )
        found = [] if answer is None else answer.get("Tags", [])
        return read_list(found)
