"""Rules of replays whose process has died, or was in a hurry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from eventroute_aws.eventbridge.archive.found import in_utc
from eventroute_aws.eventbridge.archive.names import moment_of, subscription_rule
from eventroute_aws.eventbridge.steps import DeleteRule, RemoveTargets
from eventroute_aws.provisioning.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eventroute_aws.calls import Calls
    from eventroute_aws.clients import Clients
    from eventroute_aws.eventbridge.found import Finder, FoundRule
    from eventroute_aws.eventbridge.steps import Phases
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["REPLAY_TAG", "Leftovers", "removal_of_rules"]

REPLAY_TAG: Final = "eventroute:replay"
"""Tag of a rule that is there for one replay; its value is the replay's name."""

_ENDED: Final = frozenset({"COMPLETED", "CANCELLED", "FAILED"})
_UNSTARTED: Final = timedelta(minutes=10)
"""After which nobody starts a replay any more for which there are rules already."""


def removal_of_rules(bus: str, targets: Mapping[str, Iterable[str]]) -> Phases:
    """What has to be done to be rid of rules.

    :param targets: ids by the name of the rule.
    """
    ids = {rule: tuple(one) for rule, one in targets.items()}
    return (
        tuple(RemoveTargets(bus, rule, one) for rule, one in ids.items() if one),
        tuple(DeleteRule(bus, rule) for rule in ids),
    )


class Leftovers:
    """Looks for them; those of replays that go on, or may begin yet, are none."""

    def __init__(
        self, clients: Clients, calls: Calls, finder: Finder, options: EventBridgeOptions
    ) -> None:
        self._clients = clients
        self._calls = calls
        self._finder = finder
        self._options = options

    async def removal(self, every: Sequence[FoundRule] | None = None) -> Phases:
        """Remove them.

        :param every: the rules of the bus, if somebody knows them.
        """
        begin = Names(self._options.prefix).begin
        rules = await self._finder.ours(
            rule
            for rule in (await self._finder.rules() if every is None else every)
            if rule.name.startswith(begin) and subscription_rule(rule.name)
        )
        replays = {name for rule in rules if (name := rule.tags.get(REPLAY_TAG))}
        over = {name for name in sorted(replays) if await self._is_over(name)}
        gone = [rule for rule in rules if rule.tags.get(REPLAY_TAG) in over]
        return removal_of_rules(self._options.bus, {rule.name: rule.targets for rule in gone})

    async def _is_over(self, name: str) -> bool:
        events = await self._clients.events()
        found = await self._calls.ask(
            f"looking at the replay {name}", lambda: events.describe_replay(ReplayName=name)
        )
        now, lag = datetime.now(UTC), timedelta(seconds=self._options.rule_lag)
        asked = moment_of(name) or datetime.min.replace(tzinfo=UTC)
        if found is None:
            return asked + lag + _UNSTARTED < now
        ended = in_utc(found.get("ReplayEndTime")) or asked
        # Who waits for it removes its rules itself, after a while.
        return found["State"] in _ENDED and ended + lag < now
