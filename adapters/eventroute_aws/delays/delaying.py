"""Publishes at once what is not delayed, and lets the rest wait on AWS until it is due."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import anyio

from eventroute.errors import (
    ConfigurationError,
    EventRouteError,
    OutcomeUnknownError,
    PublishTimeoutError,
)
from eventroute_aws.delays.forwarder import Forwarder
from eventroute_aws.delays.packing import Packer
from eventroute_aws.delays.schedules import Schedules
from eventroute_aws.delays.site import Site
from eventroute_aws.delays.timers import LONGEST_TIMER, Timers
from eventroute_aws.queues.batches import Parcel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute.clock import Clock
    from eventroute.port import Outgoing
    from eventroute.topology import Topology
    from eventroute_aws.claims import Claims
    from eventroute_aws.clients import Clients
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.parts import Checking

__all__ = ["Delaying", "forwards_when_open"]


def forwards_when_open(topology: Topology) -> bool:
    """Whether who opens looks after what waits, as nobody will ever receive."""
    return bool(topology.routes) and not topology.subscriptions


class _Waiting(NamedTuple):
    """A message that is ready to wait."""

    place: int
    message: Outgoing
    due: float
    text: str


class Delaying:
    """Puts delays around what publishes.

    Delays up to 15 minutes are timers of a queue, longer ones schedules that send to that queue.
    Its :class:`~eventroute_aws.delays.forwarder.Forwarder` publishes what is due.

    :param publisher: publishes at once; closed with this.
    :raises ConfigurationError: the options contradict each other.
    """

    def __init__(
        self,
        publisher: Checking,
        clients: Clients,
        options: AwsOptions,
        clock: Clock,
        claims: Claims | None,
    ) -> None:
        self._off = options.delays == "off"
        if self._off and options.scheduler_role is not None:
            raise ConfigurationError(
                'scheduler_role is for delayed events, and delays is "off"; remove one of them'
            )
        self._publisher = publisher
        self._clients = clients
        self._clock = clock
        self._claims = claims
        self._packer = Packer(options, claims)
        self._site = Site(clients, options)
        self._timers: Timers | None = None
        self._forwarder: Forwarder | None = None
        role = options.scheduler_role
        self._schedules = (
            None if role is None else Schedules(clients, options.prefix, role, self._site)
        )
        self._options = options

    @property
    def max_publish_delay(self) -> float | None:
        """See :class:`eventroute.port.Capabilities`."""
        if self._off:
            return 0
        return LONGEST_TIMER if self._schedules is None else None

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        later = [place for place, one in enumerate(messages) if one.delay > 0]
        if not later:
            return await self._publisher.publish(messages, timeout=timeout)
        at_once = [place for place, one in enumerate(messages) if one.delay <= 0]
        outcomes: list[EventRouteError | None] = [None] * len(messages)

        async def part(
            places: list[int],
            publish: Callable[..., Awaitable[Sequence[EventRouteError | None]]],
        ) -> None:
            try:
                found = await publish([messages[place] for place in places], timeout=timeout)
            except EventRouteError as error:
                found = [error] * len(places)
            for place, outcome in zip(places, found, strict=True):
                outcomes[place] = outcome

        async with anyio.create_task_group() as group:
            group.start_soon(part, later, self._publish_later)
            if at_once:
                group.start_soon(part, at_once, self._publisher.publish)
        return outcomes

    def forward(self) -> None:
        """Publish what is due, from now on until :meth:`close`. Idempotent."""
        if self._forwarder is None and not self._off:
            self._forwarder = Forwarder(
                self._publisher,
                self._site,
                self._clients,
                self._options,
                self._clock,
                self._claims,
            )
            self._forwarder.start()

    async def outstanding(self) -> int:
        """How many events wait; of schedules, at most 100 are counted."""
        if self._off:
            return 0
        waiting = await self._site.count()
        return waiting if self._schedules is None else waiting + await self._schedules.count()

    async def close(self) -> None:
        """Let what is under way end: polls, forwarded events, requests. Idempotent."""
        forwarder, self._forwarder = self._forwarder, None
        timers, self._timers = self._timers, None
        if forwarder is not None:
            await forwarder.close()
        if timers is not None:
            await timers.close()
        await self._publisher.close()

    async def _publish_later(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        now, deadline = self._clock.wall(), anyio.current_time() + timeout
        late = PublishTimeoutError(f"the event could not be sent within {timeout:g} s")
        outcomes: list[EventRouteError | None] = [late] * len(messages)
        ready: list[_Waiting] = []
        with anyio.move_on_after(timeout):
            refusals = await self._publisher.check(messages)
            async with anyio.create_task_group() as group:
                for place, (message, refusal) in enumerate(zip(messages, refusals, strict=True)):
                    if refusal is None:
                        group.start_soon(self._prepare, place, message, now, outcomes, ready)
                    else:
                        outcomes[place] = refusal
        left = deadline - anyio.current_time()
        if left <= 0:
            return outcomes
        short = [one for one in ready if one.message.delay <= LONGEST_TIMER]
        async with anyio.create_task_group() as group:
            if short:
                group.start_soon(self._set_timers, short, left, outcomes)
            for one in ready:
                if one.message.delay > LONGEST_TIMER and self._schedules is not None:
                    group.start_soon(_schedule, self._schedules, one, left, outcomes)
        return outcomes

    async def _prepare(
        self,
        place: int,
        message: Outgoing,
        now: float,
        outcomes: list[EventRouteError | None],
        ready: list[_Waiting],
    ) -> None:
        due = now + message.delay
        try:
            text = await self._packer.text(message, due)
        except EventRouteError as error:
            outcomes[place] = error
        else:
            ready.append(_Waiting(place, message, due, text))

    async def _set_timers(
        self, waiting: Sequence[_Waiting], timeout: float, outcomes: list[EventRouteError | None]
    ) -> None:
        if self._timers is None:
            self._timers = Timers(self._clients, self._options, self._site)
        now = self._clock.wall()
        # Between these limits, though the clock was set meanwhile.
        left = [max(0.0, min(one.due - now, one.message.delay)) for one in waiting]
        parcels = [
            Parcel(one.text, {}, delay=ceil(seconds))
            for one, seconds in zip(waiting, left, strict=True)
        ]
        try:
            found = await self._timers.send(parcels, timeout=timeout)
        except EventRouteError as error:
            found = [error] * len(parcels)
        for one, outcome in zip(waiting, found, strict=True):
            outcomes[one.place] = outcome


async def _schedule(
    schedules: Schedules, one: _Waiting, timeout: float, outcomes: list[EventRouteError | None]
) -> None:
    outcomes[one.place] = OutcomeUnknownError(
        f"EventBridge Scheduler did not answer within {timeout:g} s"
    )
    with anyio.move_on_after(timeout):
        try:
            await schedules.create(one.message.event, one.text, one.due)
            outcomes[one.place] = None
        except EventRouteError as error:
            outcomes[one.place] = error
