"""What has to be done to be rid of rules and queues, and of the bus."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from eventroute_aws.eventbridge.resources import is_our_target
from eventroute_aws.eventbridge.steps import DeleteBus, DeleteRule, RemoveTargets
from eventroute_aws.provisioning.found import dead_of
from eventroute_aws.provisioning.names import DEFAULT_BUS, Names
from eventroute_aws.provisioning.policies import Author
from eventroute_aws.provisioning.removal import removal_phases
from eventroute_aws.provisioning.tags import owns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eventroute_aws.eventbridge.found import Finder, FoundRule
    from eventroute_aws.eventbridge.steps import Phases
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.found import FoundQueue, QueueFinder

__all__ = ["Removal"]

logger = logging.getLogger("eventroute")


class Removal:
    """Looks for what is to be removed."""

    def __init__(self, finder: Finder, queues: QueueFinder, options: EventBridgeOptions) -> None:
        self._finder = finder
        self._queues = queues
        self._options = options
        self._names = Names(options.prefix)
        self._author = Author(options.prefix, "events.amazonaws.com")

    async def of_subscriptions(self, subscriptions: Sequence[str]) -> Phases:
        """Remove their rules and queues; of queues that the options name, only our statements.

        A rule that somebody gave another target stays for it.
        """
        names = {self._names.rule(one) for one in subscriptions}
        rules = [rule for rule in await self._finder.rules() if rule.name in names]
        ours = await self._finder.ours(rules)
        emptied = [rule for rule in ours if all(map(is_our_target, rule.targets))]
        for rule in ours:
            if rule not in emptied:
                logger.warning("the rule %s stays for targets of others", rule.name)
        mapped = self._options.queues
        foreign = await self._foreign(mapped[one] for one in subscriptions if one in mapped)
        queues = await self._queues.queues_of(subscriptions)
        return (
            tuple(
                step
                for rule in ours
                for step in self._without(rule, filter(is_our_target, rule.targets))
            ),
            tuple(DeleteRule(self._options.bus, rule.name) for rule in emptied),
            *removal_phases(queues, foreign, self._author),
        )

    async def of_everything(self) -> Phases:
        """Remove all that has our tag; from queues that the options name, our statements.

        The bus only if it is ours and no rule of others is on it: they would go with it.
        """
        every = await self._finder.rules()
        begin = self._names.begin
        rules = await self._finder.ours(rule for rule in every if rule.name.startswith(begin))
        queues = await self._queues.our_queues()
        foreign = await self._foreign(self._options.queues.values())
        # EventBridge fills an archive by a rule of its own, which goes with the archive.
        feeding = {f"Events-Archive-{self._names.archive(self._options.bus)}"}
        return (
            tuple(step for rule in rules for step in self._without(rule, rule.targets)),
            tuple(DeleteRule(self._options.bus, rule.name) for rule in rules),
            await self._bus(
                {rule.name for rule in every} - {rule.name for rule in rules} - feeding
            ),
            *removal_phases(queues, foreign, self._author),
        )

    async def _bus(self, others: set[str]) -> tuple[DeleteBus, ...]:
        bus = None if self._options.bus == DEFAULT_BUS else await self._finder.bus()
        if bus is None or not owns(self._options.prefix, (await self._finder.tagged(bus)).tags):
            return ()
        if others:
            logger.warning("the event bus %s stays for %d rules of others", bus.name, len(others))
            return ()
        return (DeleteBus(bus.name),)

    def _without(self, rule: FoundRule, targets: Iterable[str]) -> tuple[RemoveTargets, ...]:
        ids = tuple(targets)
        if not ids:
            return ()
        sent = tuple(f"sends to {rule.targets[id_]['Arn']}" for id_ in ids)
        return (RemoveTargets(self._options.bus, rule.name, ids, sent),)

    async def _foreign(self, names: Iterable[str]) -> list[FoundQueue]:
        """Queues of others that our rules send to, and their dead-letter queues."""
        found = await self._queues.queues(names)
        dead = await self._queues.queues(name for one in found if (name := dead_of(one)))
        return [*found, *(one for one in dead if not owns(self._options.prefix, one.tags))]
