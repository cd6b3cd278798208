"""What a call costs does not grow with what the file holds."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eventroute import Event
from eventroute.port import Ack, Bury, Discard, Extend, Keep, Outgoing, Redrive, Release, Replay
from eventroute.testing import VirtualClock
from eventroute.topology import Topology
from eventroute_sqlite.archive import begin_replay, replay_some
from eventroute_sqlite.database import connect
from eventroute_sqlite.dead_letters import receive_dead, settle_dead
from eventroute_sqlite.moments import Moments
from eventroute_sqlite.options import SqliteOptions
from eventroute_sqlite.receiving import depth_of, give_back, look, take
from eventroute_sqlite.routes import Routes, change_topology, current_routes
from eventroute_sqlite.settling import settle
from eventroute_sqlite.storing import store_many
from eventroute_sqlite.tidying import is_untidy, tidy
from eventroute_sqlite.transaction import Transaction

from .kit import subscription

MOMENTS = Moments(VirtualClock())
# One row, no row, or the subscriptions, which are read again when one of them changes.
SMALL = ("eventroute_file", "CONSTANT ROW", "eventroute_queue")


class Desk:
    """A file with many events in every state, and each call on it."""

    def __init__(self, file: Path, many: int) -> None:
        self.connection = connect(SqliteOptions(path=file, synchronous="normal"))
        self.number = 0
        self.transaction = Transaction(self.connection, 0.0, Routes.none())
        topology = Topology(
            (
                subscription("ordered", ordered_by="key", lease=1000),
                subscription("open", lease=1000),
            )
        )
        change_topology(self.transaction, topology, retention=50)
        self.fill(many)

    def fill(self, many: int) -> None:
        self.connection.execute("BEGIN")
        for state in range(4):
            self.publish(many, delay=1e6 if state == 0 else 0)
            if state == 3:
                break
            for name in ("ordered", "open"):
                deliveries, _ = take(self.transaction, name, many, MOMENTS)
                if state == 1:
                    settle(self.transaction, [Bury(one, "r", "e") for one in deliveries], None)
                if state == 2:
                    settle(self.transaction, [Release(one, 1e6) for one in deliveries], None)
        receive_dead(self.transaction, "open", many // 2, 1e6)
        self.connection.execute("COMMIT")

    def publish(self, count: int, delay: float = 0.0) -> None:
        numbers = range(self.number, self.number + count)
        self.number += count
        events = [Event("s", "T", {"key": str(number // 2)}) for number in numbers]
        store_many(self.transaction, [Outgoing(one, delay=delay) for one in events], 10**9)

    def everything(self) -> None:
        """Each call of the port, on a few events."""
        transaction = self.transaction
        current_routes(self.connection, transaction.routes)
        self.publish(5)
        self.publish(5, delay=30)
        look(transaction, "open")
        for name in ("ordered", "open"):
            deliveries, _ = take(transaction, name, 7, MOMENTS)
            assert len(deliveries) == 7
            a, b, c, d, e, *others = deliveries
            outcomes = settle(
                transaction,
                [Extend(a, 5), Ack(a), Bury(b, "r", "e"), Release(c), Release(d, 5), Ack(e)],
                10**9,
            )
            assert outcomes == [None] * 6
            give_back(transaction, (others, None))
            depth_of(transaction, name, MOMENTS)
            letters = receive_dead(transaction, name, 3, 30)
            assert len(letters) == 3
            settle_dead(transaction, [Redrive(letters[0]), Discard(letters[1]), Keep(letters[2])])
        now = datetime.now(UTC)
        hour = timedelta(hours=1)
        replay = Replay(now - hour, now + hour)
        cursor = begin_replay(transaction, replay)
        assert replay_some(transaction, replay, cursor, 5)[0] == 5
        assert not is_untidy(self.connection, 0.0)
        transaction.now = 60.0
        assert is_untidy(self.connection, 60.0)
        tidy(transaction, 5)
        change_topology(transaction, None, ["open"])
        tidy(transaction, 5)
        tidy(transaction, 5)


@contextmanager
def desk(file: Path, many: int) -> Generator[Desk]:
    made = Desk(file, many)
    try:
        yield made
    finally:
        made.connection.close()


def steps_of(file: Path, many: int) -> int:
    """How many instructions SQLite executes for every call, in a file with that many events."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with desk(file, many) as made:
        made.connection.set_progress_handler(count, 10)
        made.everything()
    return steps


def test_calls_cost_the_same_with_many_events_as_with_few(tmp_path: Path) -> None:
    few, many = steps_of(tmp_path / "few.db", 40), steps_of(tmp_path / "many.db", 2_000)
    assert many < 1.5 * few


def test_no_statement_reads_a_whole_table(file: Path) -> None:
    statements: set[str] = set()
    with desk(file, 40) as made:
        made.connection.set_trace_callback(statements.add)
        made.everything()
        made.connection.set_trace_callback(None)
        plans = {
            f"{detail}: {statement}"
            for statement in statements
            if not statement.startswith("--")  # a trigger's; it is part of another's plan
            for *_, detail in made.connection.execute(f"EXPLAIN QUERY PLAN {statement}")
            if detail.startswith("SCAN")
            and not detail.startswith("SCAN (subquery")
            and not detail.endswith(SMALL)
        }
    assert plans == set()
