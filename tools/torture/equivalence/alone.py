"""An emulator's own filters, asked alone: whether they let through what AWS's would.

An emulator that filters otherwise than AWS loses events for us. Such a loss is excused only where
both hold: the filter lets the event through by AWS's documentation, and the emulator leaves it out
when it is given this filter and this event by plain calls, with nothing of an adapter around them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from aiobotocore.session import get_session

from eventroute.envelope import Event
from eventroute.pattern import Pattern
from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, attributes_of, sns_matches
from eventroute_aws.eventbridge.filters import pattern_of
from eventroute_aws.eventbridge.message import compose_message
from eventroute_aws.options import EventBridgeOptions, SnsOptions
from eventroute_aws.sns.filters import filter_of
from tools.emulators.emulator import REGION
from tools.torture.equivalence.backends import ON_SNS
from tools.torture.equivalence.trial import trial

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from eventroute.pattern.narrow import FilterPolicy
    from tools.emulators import Emulator
    from tools.torture.equivalence.application import Rule

__all__ = ["ASKED", "Pair", "on_the_bus", "passes_eventbridge", "passes_sns"]

Pair: TypeAlias = tuple[str, bytes]
"""Name of a rule, and the text of an event."""


async def _by_sns(
    emulator: Emulator, rules: Mapping[str, Rule], pairs: Collection[Pair]
) -> set[Pair]:
    filters: dict[str, FilterPolicy] = {}
    for name in sorted({name for name, _ in pairs}):
        made = filter_of(rules[name].pattern, SnsOptions())
        if made is not None:
            filters[name] = made
    doubtful = [
        (name, Event.from_trusted_json(body))
        for name, body in pairs
        if name in filters and passes_sns(filters[name], Event.from_trusted_json(body))
    ]
    if not doubtful:
        return set()
    async with trial(emulator) as asked:
        arrived = await asked.arrived(filters, [event for _, event in doubtful])
    return {
        (name, event.to_json()) for name, event in doubtful if event.to_json() not in arrived[name]
    }


async def _by_eventbridge(
    emulator: Emulator, rules: Mapping[str, Rule], pairs: Collection[Pair]
) -> set[Pair]:
    patterns = {name: pattern_of(rules[name].pattern, EventBridgeOptions()) for name, _ in pairs}
    found: set[Pair] = set()
    async with get_session().create_client(
        "events", endpoint_url=emulator.url, region_name=REGION
    ) as events:
        for name, body in pairs:
            event = Event.from_trusted_json(body)
            if passes_eventbridge(patterns[name], event):
                asked = await events.test_event_pattern(
                    EventPattern=patterns[name], Event=on_the_bus(event)
                )
                if not asked["Result"]:
                    found.add((name, body))
    return found


async def _by_either(
    emulator: Emulator, rules: Mapping[str, Rule], pairs: Collection[Pair]
) -> set[Pair]:
    by_sns = {
        (name, body) for name, body in pairs if Event.from_trusted_json(body).source in ON_SNS
    }
    others = [pair for pair in pairs if pair not in by_sns]
    return await _by_sns(emulator, rules, by_sns) | await _by_eventbridge(emulator, rules, others)


def passes_eventbridge(pattern: str, event: Event) -> bool:
    """Whether the rule lets an event through, by AWS's documentation."""
    return Pattern(pattern).matches(on_the_bus(event))


def on_the_bus(event: Event) -> str:
    """An event as EventBridge hands it to its rules."""
    entry = compose_message(event, {}, "default").entry
    return json.dumps(
        {
            "version": "0",
            "id": "7bf73129-1428-4cd3-a780-95db273d1602",
            "detail-type": entry.get("DetailType"),
            "source": entry.get("Source"),
            "account": "000000000000",
            "time": "2026-05-04T09:30:00Z",
            "region": REGION,
            "resources": entry.get("Resources", []),
            "detail": json.loads(entry.get("Detail", "{}")),
        }
    )


def passes_sns(one: FilterPolicy, event: Event) -> bool:
    """Whether the filter policy lets an event through, by AWS's documentation."""
    if one.scope == "MessageBody":
        return sns_matches(one.policy, event, one.scope)
    return sns_matches(one.policy, attributes_of(event, SNS_MESSAGE_ATTRIBUTES), one.scope)


ASKED: Final[
    Mapping[
        str,
        Callable[[Emulator, Mapping[str, Rule], Collection[Pair]], Awaitable[set[Pair]]],
    ]
] = {"sns": _by_sns, "eventbridge": _by_eventbridge, "aws": _by_either}
"""Backend to what tells which pairs its emulator leaves out, although AWS would not."""
