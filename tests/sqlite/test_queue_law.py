"""The queues in the file behave as queues in memory do, whatever happens to both."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from eventroute import Delivery, Event
from eventroute.errors import LeaseLostError
from eventroute.port import NO_HEADERS, Ack, Bury, Extend, Outgoing, Release, Settlement
from eventroute.testing import VirtualClock
from eventroute.topology import Topology
from eventroute_memory.queue import Message, Queue
from eventroute_sqlite.desk import Desk
from eventroute_sqlite.job import Job
from eventroute_sqlite.messages import move_due
from eventroute_sqlite.moments import Moments
from eventroute_sqlite.options import SqliteOptions
from eventroute_sqlite.receiving import depth_of, give_back, take
from eventroute_sqlite.routes import change_topology
from eventroute_sqlite.settling import settle
from eventroute_sqlite.storing import store_many
from eventroute_sqlite.transaction import Transaction

from .kit import subscription

T = TypeVar("T")

LEASE = 10.0
NAMES: tuple[str, ...] = ("ordered", "open")


class Machine(RuleBasedStateMachine):
    """An ordered queue and one that is not, in one file; and a model of each."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "events.db"
        self.clock = VirtualClock()
        self.moments = Moments(self.clock)
        self.desk = Desk(SqliteOptions(path=self.file, synchronous="normal"), self.moments)
        ordered = subscription("ordered", ordered_by="key", lease=LEASE)
        topology = Topology((ordered, subscription("open", lease=LEASE)))
        self.perform(partial(change_topology, topology=topology))
        self.models = {name: Queue(name) for name in NAMES}
        self.held: dict[str, list[tuple[int, Delivery]]] = {name: [] for name in NAMES}
        self.buried = dict.fromkeys(NAMES, 0)
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
            self.folder.cleanup()

    def perform(self, work: Callable[[Transaction], T]) -> T:
        # A moment of its own: which of two events that are due at once is first is left open.
        self.clock.advance_to(self.clock.now() + 1 / 1024)
        job = Job(work)
        self.desk.perform([job])
        if job.error is not None:
            raise job.error
        return cast("T", job.result)

    @rule(key=st.sampled_from("ab"), delay=st.sampled_from([0.0, 0.0, 3.0, 12.0]))
    def publish(self, key: str, delay: float) -> None:
        self.number += 1
        event = Event("s", "T", {"key": key, "number": self.number}, id=str(self.number))

        def work(transaction: Transaction) -> None:
            for name in NAMES:
                move_due(transaction, transaction.routes.named(name).queue)
            store_many(transaction, [Outgoing(event, delay=delay)], None)

        self.perform(work)
        now = self.clock.now()
        for name, model in self.models.items():
            model.depth(now)  # what is due comes first
            message = Message(
                event.to_json(), key if name == "ordered" else None, NO_HEADERS, now + delay
            )
            if delay:
                model.schedule(message, now + delay)
            else:
                model.put(message)

    @rule(name=st.sampled_from(NAMES), limit=st.integers(1, 3))
    def receive(self, name: str, limit: int) -> None:
        deliveries, _ = self.perform(partial(take, name=name, limit=limit, moments=self.moments))
        expected = self.models[name].take(limit, self.clock.now(), LEASE)
        assert [(one.body, one.attempt) for one in deliveries] == [
            (lease.message.body, lease.message.attempts) for _, lease in expected
        ]
        self.held[name] += [
            (number, delivery) for (number, _), delivery in zip(expected, deliveries, strict=True)
        ]

    @precondition(lambda self: any(self.held.values()))
    @rule(
        data=st.data(),
        how=st.sampled_from(["ack", "ack", "release", "later", "uncounted", "extend", "bury"]),
    )
    def settle(self, data: st.DataObject, how: str) -> None:
        name = data.draw(st.sampled_from([name for name in NAMES if self.held[name]]))
        number, delivery = data.draw(st.sampled_from(self.held[name]))
        choices: dict[str, Settlement] = {
            "ack": Ack(delivery),
            "release": Release(delivery),
            "later": Release(delivery, 4.0),
            "uncounted": Release(delivery, counted=False),
            "extend": Extend(delivery, 15.0),
            "bury": Bury(delivery, "rejected", "no"),
        }
        settlement = choices[how]
        (error,) = self.perform(partial(settle, settlements=[settlement], capacity=None))
        model, now = self.models[name], self.clock.now()
        assert isinstance(error, LeaseLostError) == (model.lease(number, now) is None)
        if error is not None:
            self.held[name].remove((number, delivery))
        elif how == "extend":
            model.extend(number, now + 15.0)
        else:
            self.held[name].remove((number, delivery))
            if isinstance(settlement, Release):
                model.release(number, now + settlement.delay, now, counted=settlement.counted)
            else:
                self.buried[name] += isinstance(settlement, Bury)
                model.remove(number)

    @rule(name=st.sampled_from(NAMES))
    def a_receiver_is_cancelled(self, name: str) -> None:
        taken = self.perform(partial(take, name=name, limit=2, moments=self.moments))
        model, now = self.models[name], self.clock.now()
        expected = model.take(2, now, LEASE)
        self.perform(lambda transaction: give_back(transaction, taken))
        for number, _ in expected:
            model.release(number, now, now, counted=False)

    @rule(seconds=st.sampled_from([1.0, 6.0, 20.0]))
    def wait(self, seconds: float) -> None:
        while seconds > 0:
            # Looked at often enough that a lease which was extended never ends in the same step
            # as it would have without: the model orders those by the earlier moment.
            self.clock.advance_to(self.clock.now() + min(4.0, seconds))
            self.the_depths_are_equal()
            seconds -= 4.0

    @invariant()
    def the_depths_are_equal(self) -> None:
        for name, model in self.models.items():
            depth = self.perform(partial(depth_of, name=name, moments=self.moments))
            expected = model.depth(self.clock.now())
            assert (depth.ready, depth.delayed, depth.in_flight, depth.next_due) == (
                expected.ready,
                expected.delayed,
                expected.in_flight,
                expected.next_due,
            )
            assert depth.dead == self.buried[name]

    @invariant()
    def nothing_is_kept_that_nobody_needs(self) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            (unused,) = connection.execute(
                "SELECT count(*) FROM eventroute_event WHERE id NOT IN "
                "(SELECT event FROM eventroute_message UNION SELECT event FROM eventroute_dead)"
            ).fetchone()
            wrong = connection.execute(
                "SELECT queue, state, count FROM eventroute_tally AS t WHERE state < 5 "
                "AND count <> (SELECT count(*) FROM eventroute_message AS m "
                "WHERE m.queue = t.queue AND m.state = t.state)"
            ).fetchall()
        assert (unused, wrong) == (0, [])


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
