"""The subscriptions of the file: whoever made them, every publisher must know them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventroute.errors import AdapterError, PatternError
from eventroute.pattern import Pattern, PatternIndex, PatternLimits
from eventroute.topology import Subscription
from eventroute_sqlite.rekeying import rekey
from eventroute_sqlite.rows import rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from eventroute.topology import Topology
    from eventroute_sqlite.transaction import Transaction

__all__ = ["Route", "Routes", "change_topology", "current_routes"]

_ACCEPTED: Final = PatternLimits(
    max_bytes=2**24,
    max_depth=128,
    max_combinations=2**20,
    max_clauses=2**24,
    max_wildcard_stars=2**20,
)
"""Whoever subscribed has judged the pattern, perhaps by higher limits than usual."""


@dataclass(frozen=True, slots=True)
class Route:
    """A subscription and the number of its queue."""

    queue: int
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Routes:
    """All subscriptions, as of one version of the topology that the file holds."""

    version: int | None
    retention: float
    by_name: dict[str, Route]
    index: PatternIndex[str]

    @classmethod
    def none(cls) -> Routes:
        """Before the file was looked at."""
        return cls(None, 0.0, {}, PatternIndex())

    def named(self, name: str) -> Route:
        """The route of a subscription.

        :raises AdapterError: there is none.
        """
        route = self.by_name.get(name)
        if route is None:
            raise AdapterError(
                f"there is no queue for {name!r}; it was dropped meanwhile, or the bus did not run "
                "since it was declared"
            )
        return route


def current_routes(connection: sqlite3.Connection, known: Routes) -> Routes:
    """The routes as the file has them now; what is known already, where nothing changed.

    :raises AdapterError: a pattern was written by a newer eventroute that allows more.
    """
    version, retention = rows(connection, "SELECT topology, retention FROM eventroute_file")[0]
    if version == known.version and retention == known.retention:
        return known
    by_name: dict[str, Route] = {}
    index: PatternIndex[str] = PatternIndex()
    for queue, name, text, ordered_by, visibility in rows(
        connection,
        "SELECT id, name, pattern, ordered_by, visibility FROM eventroute_queue "
        "WHERE name IS NOT NULL",
    ):
        before = known.by_name.get(name)
        try:
            if before is not None and before.subscription.pattern.to_json() == text:
                pattern = before.subscription.pattern
            else:
                pattern = Pattern(text, limits=_ACCEPTED)
        except PatternError as error:
            raise AdapterError(
                f"the pattern of {name!r} was written by another eventroute and cannot be read: "
                f"{error}; install the newer one here, too"
            ) from error
        by_name[name] = Route(queue, Subscription(name, pattern, ordered_by, visibility))
        index.add(name, pattern)
    return Routes(version, retention, by_name, index)


def change_topology(
    transaction: Transaction,
    topology: Topology | None = None,
    dropped: Sequence[str] = (),
    retention: float | None = None,
) -> None:
    """Write subscriptions into the file; queues that exist keep what they hold.

    The queues of those that are dropped lose their names, and are deleted bit by bit.

    :param retention: what the file is to have; ``None`` is what it has.
    """
    connection = transaction.connection
    rekeyed = [one for one in topology or () if _has_another_key(connection, one)]
    changes = 0
    if retention is not None:
        changes += connection.execute(
            "UPDATE eventroute_file SET retention = ? WHERE retention <> ?", (retention, retention)
        ).rowcount
    changes += sum([_register(connection, one) for one in topology or ()])
    for one in rekeyed:
        rekey(connection, one)
        transaction.rung.add(one.name)
    for name in dropped:
        changes += connection.execute(
            "UPDATE eventroute_queue SET name = NULL WHERE name = ?", (name,)
        ).rowcount
    transaction.rung.update(dropped)
    transaction.freed = transaction.freed or bool(dropped)
    if changes:
        # Not the next number: what is rolled back must not look like what comes after it.
        connection.execute("UPDATE eventroute_file SET topology = random()")
        transaction.routes = current_routes(connection, transaction.routes)


def _has_another_key(connection: sqlite3.Connection, subscription: Subscription) -> bool:
    statement = "SELECT ordered_by FROM eventroute_queue WHERE name = ?"
    found = rows(connection, statement, subscription.name)
    return bool(found) and found[0][0] != subscription.ordered_by


def _register(connection: sqlite3.Connection, subscription: Subscription) -> bool:
    wanted = (
        subscription.pattern.to_json(),
        subscription.ordered_by,
        subscription.visibility_timeout,
    )
    found = rows(
        connection,
        "SELECT pattern, ordered_by, visibility FROM eventroute_queue WHERE name = ?",
        subscription.name,
    )
    if found and found[0] == wanted:
        return False
    connection.execute(
        "INSERT INTO eventroute_queue (pattern, ordered_by, visibility, name) "
        "VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET pattern = excluded.pattern, "
        "ordered_by = excluded.ordered_by, visibility = excluded.visibility",
        (*wanted, subscription.name),
    )
    return True
