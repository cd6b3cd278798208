"""From a topology to how things are and how they should be: asks for what matters to it, only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute_aws.eventbridge.desired import desired_of
from eventroute_aws.eventbridge.differences import Found, differences
from eventroute_aws.provisioning.found import dead_of
from eventroute_aws.provisioning.migration import migration

if TYPE_CHECKING:
    from eventroute.topology import Topology
    from eventroute_aws.eventbridge.found import Finder, FoundBus
    from eventroute_aws.eventbridge.resources import Desired
    from eventroute_aws.eventbridge.steps import Phases
    from eventroute_aws.options import EventBridgeOptions
    from eventroute_aws.provisioning.found import FoundQueue, QueueFinder
    from eventroute_aws.provisioning.names import Place

__all__ = ["Survey", "Surveyor"]


@dataclass(frozen=True, slots=True)
class Survey:
    """How things should be, how they are, and the steps between."""

    desired: Desired
    found: Found
    phases: Phases


class Surveyor:
    """Looks, and compares."""

    def __init__(self, finder: Finder, queues: QueueFinder, options: EventBridgeOptions) -> None:
        self._finder = finder
        self._queues = queues
        self._options = options

    async def survey(self, topology: Topology, place: Place) -> Survey:
        """Look at everything that matters to a topology.

        :raises UnsupportedError: what there is, or a limit of EventBridge, stands in the way.
        :raises ConfigurationError: what the options name is not there, or belongs to others.
        """
        siblings = await self._queues.siblings(topology)
        if siblings:
            raise migration(siblings, self._options, region=place.region)
        mapped = await self._queues.mapped(topology)
        dead = {name: letters for name in mapped if (letters := dead_of(mapped[name]))}
        desired = desired_of(topology, self._options, place, dead)
        queues: dict[str, FoundQueue] = {queue.name: queue for queue in mapped.values()}
        names = [queue.name for queue in desired.queues if queue.name not in queues]
        queues |= {queue.name: queue for queue in await self._queues.queues(names)}
        bus = await self._bus(ours=desired.bus.ours)
        rules = {} if bus is None else {rule.name: rule for rule in await self._finder.rules()}
        there = [rules[rule.name] for rule in desired.rules if rule.name in rules]
        rules |= {rule.name: rule for rule in await self._finder.whole(there)}
        found = Found(bus, queues, rules)
        return Survey(desired, found, differences(desired, found, self._options))

    async def _bus(self, *, ours: bool) -> FoundBus | None:
        bus = await self._finder.bus()
        return bus if bus is None or not ours else await self._finder.tagged(bus)
