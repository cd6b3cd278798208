"""The adapter: the port's calls as jobs for the file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio

from eventroute.errors import (
    AdapterError,
    EventRouteError,
    LimitExceededError,
    PublishTimeoutError,
)
from eventroute.port import Capabilities
from eventroute_sqlite.archive import Cursor, archive_state, begin_replay, replay_some
from eventroute_sqlite.bells import Bells
from eventroute_sqlite.database import check_library
from eventroute_sqlite.dead_letters import receive_dead, settle_dead, show_again
from eventroute_sqlite.desk import Desk
from eventroute_sqlite.job import Job
from eventroute_sqlite.moments import Moments
from eventroute_sqlite.receiving import depth_of, give_back, look, take
from eventroute_sqlite.routes import change_topology
from eventroute_sqlite.settling import settle
from eventroute_sqlite.storing import store_many
from eventroute_sqlite.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute.port import (
        ArchiveState,
        DeadLetter,
        DeadSettlement,
        Delivery,
        Outgoing,
        QueueDepth,
        Replay,
        Settlement,
    )
    from eventroute.topology import Topology
    from eventroute_sqlite.options import SqliteOptions

__all__ = ["SqliteAdapter"]

T = TypeVar("T")

_BATCH = 100


class SqliteAdapter:
    """Queues in one file, for any number of processes.

    ``publish`` returns when the event is on the disk, for every subscription that any process
    has opened and that matches. Delays and leases go by the clock's `wall`; how soon
    another process's event is noticed is real time.
    """

    def __init__(self, options: SqliteOptions, clock: Clock) -> None:
        check_library()
        self._options = options
        self._clock = clock
        self._moments = Moments(clock)
        self._bells = Bells()
        self._writer: Writer | None = None

    @property
    def capabilities(self) -> Capabilities:
        """See :class:`eventroute.port.Adapter`."""
        return Capabilities(
            ordered=True,
            durable=True,
            multi_process=True,
            max_event_bytes=self._options.max_event_bytes,
            max_release_delay=None,
            max_publish_delay=None,
            batch_size=_BATCH,
        )

    async def open(self, topology: Topology, *, provision: bool = True) -> None:
        """See :class:`eventroute.port.Adapter`.

        :raises ConfigurationError: the file cannot be used.
        """
        self._leave_what_is_not_ours()
        if self._writer is None:
            options, moments = self._options, self._moments
            self._bells = Bells()
            writer = Writer(
                lambda: Desk(options, moments, provision=provision),
                options.path,
                self._bells,
                poll_interval=options.poll_interval,
            )
            await writer.start()
            self._writer = writer
        if provision:
            work = partial(change_topology, topology=topology, retention=self._options.retention)
            await self._run(Job(work, durable=True))

    async def drop(self, subscriptions: Sequence[str]) -> None:
        """See :class:`eventroute.port.Adapter`. What the queues held is deleted bit by bit."""
        await self._run(Job(partial(change_topology, dropped=tuple(subscriptions)), durable=True))

    async def close(self) -> None:
        """See :class:`eventroute.port.Adapter`."""
        self._leave_what_is_not_ours()
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.stop()

    async def publish(
        self, messages: Sequence[Outgoing], *, timeout: float
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        deadline = anyio.current_time() + timeout
        outcomes = [self._refusal(message) for message in messages]
        waiting = [index for index, refusal in enumerate(outcomes) if refusal is None]
        capacity = self._options.capacity
        with self._open_writer().watching():
            while waiting:
                room = self._bells.room()
                batch = [messages[index] for index in waiting]
                done, full = await self._run(
                    Job(partial(store_many, messages=batch, capacity=capacity), durable=True)
                )
                for index, outcome in zip(waiting, done, strict=False):
                    outcomes[index] = outcome
                waiting = waiting[len(done) :]
                if full is None:
                    continue
                with anyio.move_on_after(deadline - anyio.current_time()) as patience:
                    await room.wait()
                if patience.cancelled_caught:
                    outcomes[waiting.pop(0)] = PublishTimeoutError(
                        f"the queue of {full.subscription.name!r} holds {capacity:,} events and "
                        "found no room in time; add workers, or raise sqlite.capacity"
                    )
        return outcomes

    def _refusal(self, message: Outgoing) -> EventRouteError | None:
        size, limit = len(message.event.to_json()), self._options.max_event_bytes
        if size <= limit:
            return None
        return LimitExceededError(
            f"the event {message.event.id} has {size:,} bytes; the sqlite backend accepts "
            f"{limit:,} (sqlite.max_event_bytes)"
        )

    async def receive(self, subscription: str, *, limit: int, wait: float) -> Sequence[Delivery]:
        """See :class:`eventroute.port.Adapter`."""
        deadline = self._clock.now() + wait
        with self._open_writer().watching():
            while True:
                arrival = self._bells.arrival(subscription)
                deliveries, change = await self._run(
                    Job(
                        partial(take, name=subscription, limit=limit, moments=self._moments),
                        look=partial(look, name=subscription),
                        undo=give_back,
                    )
                )
                if deliveries or self._clock.now() >= deadline:
                    return deliveries
                until = deadline
                if change is not None:
                    until = min(deadline, self._moments.on_clock(change))
                await self._clock.wait(arrival, until)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        capacity = self._options.capacity
        return await self._run(Job(partial(settle, settlements=settlements, capacity=capacity)))

    async def depth(self, subscription: str) -> QueueDepth:
        """See :class:`eventroute.port.Adapter`."""
        return await self._run(Job(partial(depth_of, name=subscription, moments=self._moments)))

    async def receive_dead(
        self, subscription: str, *, limit: int, lease: float
    ) -> Sequence[DeadLetter]:
        """See :class:`eventroute.port.Adapter`."""
        return await self._run(
            Job(
                partial(receive_dead, name=subscription, limit=limit, seconds=lease),
                undo=show_again,
            )
        )

    async def settle_dead(
        self, settlements: Sequence[DeadSettlement]
    ) -> Sequence[EventRouteError | None]:
        """See :class:`eventroute.port.Adapter`."""
        return await self._run(Job(partial(settle_dead, settlements=settlements)))

    async def replay(self, replay: Replay) -> int:
        """See :class:`eventroute.port.Archive`. Events published meanwhile are left out.

        :raises NameNotFoundError: it names a subscription that there is not.
        :raises UnsupportedError: the file keeps no archive.
        """
        cursor: Cursor | None = await self._run(Job(partial(begin_replay, replay=replay)))
        delivered = 0
        while cursor is not None:
            more, cursor = await self._run(
                Job(partial(replay_some, replay=replay, cursor=cursor, limit=_BATCH), durable=True)
            )
            delivered += more
        return delivered

    async def describe_archive(self) -> ArchiveState:
        """See :class:`eventroute.port.DescribedArchive`.

        :raises UnsupportedError: the file keeps no archive.
        """
        state = await self._run(Job(archive_state))
        return replace(state, resource=f"archive in the file {self._options.path}")

    def _leave_what_is_not_ours(self) -> None:
        writer = self._writer
        if writer is not None and (writer.is_of_parent_process or writer.is_of_another_loop):
            writer.leave()
            self._writer = None

    async def _run(self, job: Job[T]) -> T:
        return await self._open_writer().run(job)

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise AdapterError(f"{self._options.path} is not open")
        return self._writer
