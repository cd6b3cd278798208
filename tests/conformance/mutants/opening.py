"""Mutants that open, change and close in a wrong way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventroute import Delivery, Pattern, QueueDepth
from eventroute.errors import AdapterError, EventRouteError
from eventroute.port import Outgoing
from eventroute.topology import Subscription, Topology

from .mutant import Mutant

Outcome = EventRouteError | None


class OpensLater(Mutant):
    """Connects a new subscription only when the next event has been published."""

    caught_by = "test_an_event_published_right_after_open_arrives"
    waiting: tuple[Subscription, ...] = ()

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        await super().open(topology, provision=provision)
        for one in topology:
            self._index.remove(one.name)
        self.waiting = topology.subscriptions

    async def publish(self, messages: Sequence[Outgoing], *, timeout: float) -> Sequence[Outcome]:
        outcomes = await super().publish(messages, timeout=timeout)
        for one in self.waiting:
            self._index.add(one.name, one.pattern)
        self.waiting = ()
        return outcomes


class KeepsTheFirstPattern(Mutant):
    """Leaves alone what exists, also where the pattern changed."""

    caught_by = "test_a_changed_pattern_takes_effect_when_it_is_opened"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        new = tuple(one for one in topology if one.name not in self._stations)
        await super().open(Topology(new), provision=provision)


class OverwritesOtherSubscriptions(Mutant):
    """Forgets the subscriptions that the newest topology does not name."""

    caught_by = "test_a_subscription_that_is_missing_now_goes_on_receiving"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        named = {one.name for one in topology}
        await self.drop([name for name in self._stations if name not in named])
        await super().open(topology, provision=provision)


class EmptiesQueuesWhenItOpens(Mutant):
    """Makes the queues anew."""

    caught_by = "test_to_open_twice_changes_nothing"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        await self.drop([one.name for one in topology])
        await super().open(topology, provision=provision)


class ProvisionsWhenItIsToConnect(Mutant):
    """Writes its own idea of the subscriptions, although it was only asked to connect."""

    caught_by = "test_to_open_without_provisioning_changes_nothing"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        await super().open(topology, provision=True)


class MakesQueuesUp(Mutant):
    """Says of a queue that there is none of that it is empty."""

    caught_by = "test_what_there_is_can_be_worked_with_without_provisioning"

    async def depth(self, subscription: str) -> QueueDepth:
        try:
            return await super().depth(subscription)
        except AdapterError:
            return QueueDepth(0, 0, 0, 0)


class OrdersOnlyWhatIsNew(Mutant):
    """Lets what was published before a subscription became ordered pass by what is waited for."""

    caught_by = "test_to_order_what_waits_already_is_refused_or_orders_it"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        for one in topology:
            station = self._stations.get(one.name)
            if station is not None:
                station.subscription = one
        await super().open(topology, provision=provision)


class KeepsTheOldKeys(Mutant):
    """Holds back events behind each other that need no order any more."""

    caught_by = "test_to_order_no_more_is_refused_or_frees_what_waits"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        for one in topology:
            station = self._stations.get(one.name)
            if station is not None and one.ordered_by is None:
                station.subscription = one
        await super().open(topology, provision=provision)


class DropsNothing(Mutant):
    """Leaves a dropped subscription receiving."""

    caught_by = "test_a_dropped_subscription_is_gone_with_all_that_it_held"

    async def drop(self, subscriptions: Sequence[str]) -> None:
        del subscriptions


class StumblesOverUnknownNames(Mutant):
    """Raises where a subscription that is dropped does not exist."""

    caught_by = "test_a_dropped_subscription_is_gone_with_all_that_it_held"
    found_as = AdapterError

    async def drop(self, subscriptions: Sequence[str]) -> None:
        if any(name not in self._stations for name in subscriptions):
            raise AdapterError("there is no such queue")
        await super().drop(subscriptions)


class TakesNullForAbsent(Mutant):
    """Reads ``null`` in a pattern as a member that is not there."""

    caught_by = "test_null_is_a_value_and_not_an_absent_member"

    def changed(self, pattern: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.changed(value)
            if isinstance(value, Mapping)
            else [{"exists": False} if one is None else one for one in value]
            for name, value in pattern.items()
        }

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        changed = (
            replace(one, pattern=Pattern(self.changed(one.pattern.source))) for one in topology
        )
        await super().open(Topology(tuple(changed)), provision=provision)


class ForgetsOnRestart(Mutant):
    """Declares to be durable, and loses everything when it is closed."""

    caught_by = "test_an_accepted_event_survives_a_restart"

    async def close(self) -> None:
        await self.drop(list(self._stations))


class LeavesATask(Mutant):
    """Forgets a task when it is closed."""

    caught_by = "test_a_closed_adapter_leaves_no_task_and_no_thread"
    task: asyncio.Task[None] | None = None

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        self.task = asyncio.create_task(asyncio.sleep(60))
        await super().open(topology, provision=provision)


class LeavesAThread(Mutant):
    """Forgets a thread when it is closed."""

    caught_by = "test_a_closed_adapter_leaves_no_task_and_no_thread"

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        threading.Thread(target=threading.Event().wait, args=(3.0,), daemon=True).start()
        await super().open(topology, provision=provision)


class ClosesOnce(Mutant):
    """Raises when it is closed again."""

    caught_by = "test_to_close_twice_or_unopened_is_harmless"
    found_as = AdapterError
    is_open = False

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        self.is_open = True
        await super().open(topology, provision=provision)

    async def close(self) -> None:
        if not self.is_open:
            raise AdapterError("it is not open")
        self.is_open = False


class ConnectsWhenItIsMade(Mutant):
    """Needs an event loop before it is opened."""

    caught_by = "test_an_adapter_is_made_without_an_event_loop"
    found_as = RuntimeError

    def made(self) -> None:
        asyncio.get_running_loop()


class StaysInItsLoop(Mutant):
    """Works in the event loop that it was opened in first, and in no other."""

    caught_by = "test_an_adapter_can_be_opened_again_in_another_event_loop"
    found_as = AdapterError
    loop: asyncio.AbstractEventLoop | None = None

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        running = asyncio.get_running_loop()
        if self.loop not in {None, running}:
            raise AdapterError("it belongs to another event loop")
        self.loop = running
        await super().open(topology, provision=provision)


class CutsLongNames(Mutant):
    """Names queues by the first eighty characters of a subscription's name."""

    caught_by = "test_the_longest_names_are_told_apart"

    def short(self, name: str) -> str:
        return name[:80]

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        by_name = {self.short(one.name): one for one in topology}
        renamed = (replace(one, name=name) for name, one in by_name.items())
        await super().open(Topology(tuple(renamed)), provision=provision)

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        return await super().receive(self.short(subscription), limit=limit, wait=wait)

    async def depth(self, subscription: str) -> QueueDepth:
        return await super().depth(self.short(subscription))


class ReplacesDots(CutsLongNames):
    """Names queues with dashes where a subscription's name has dots."""

    caught_by = "test_a_name_with_digits_dashes_and_dots_names_a_subscription"

    def short(self, name: str) -> str:
        return name.replace(".", "-")


class IgnoresCase(CutsLongNames):
    """Names queues in lower case."""

    caught_by = "test_names_that_differ_in_case_or_separators_are_told_apart"

    def short(self, name: str) -> str:
        return name.lower()
