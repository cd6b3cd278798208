"""An emulator's own filters, asked alone: whether they let through what AWS's would.

An emulator that filters otherwise than AWS loses events for us. Such a loss is excused only where
both hold: the filter lets the event through by AWS's documentation, and the emulator leaves it out
when it is given this filter and this event by plain calls, with nothing of an adapter around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from eventroute.envelope import Event
from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, attributes_of, sns_matches
from eventroute_aws.options import SnsOptions
from eventroute_aws.sns.filters import filter_of
from tools.torture.equivalence.trial import trial

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from eventroute_aws.sns.filters import Filter
    from tools.emulators import Emulator
    from tools.torture.equivalence.application import Rule

__all__ = ["ASKED", "Pair"]

Pair: TypeAlias = tuple[str, bytes]
"""Name of a rule, and the text of an event."""


async def _by_sns(
    emulator: Emulator, rules: Mapping[str, Rule], pairs: Collection[Pair]
) -> set[Pair]:
    filters: dict[str, Filter] = {}
    for name in sorted({name for name, _ in pairs}):
        made = filter_of(rules[name].pattern, SnsOptions())
        if made is not None:
            filters[name] = made
    doubtful = [
        (name, Event.from_trusted_json(body))
        for name, body in pairs
        if name in filters and _passes(filters[name], Event.from_trusted_json(body))
    ]
    if not doubtful:
        return set()
    async with trial(emulator) as asked:
        arrived = await asked.arrived(filters, [event for _, event in doubtful])
    return {
        (name, event.to_json()) for name, event in doubtful if event.to_json() not in arrived[name]
    }


def _passes(one: Filter, event: Event) -> bool:
    if one.scope == "MessageBody":
        return sns_matches(one.policy, event, one.scope)
    return sns_matches(one.policy, attributes_of(event, SNS_MESSAGE_ATTRIBUTES), one.scope)


ASKED: Final[
    Mapping[
        str,
        Callable[[Emulator, Mapping[str, Rule], Collection[Pair]], Awaitable[set[Pair]]],
    ]
] = {"sns": _by_sns}
"""Backend to what tells which pairs its emulator leaves out, although AWS would not."""
