"""What a job sees of the file, and what others must hear of when it is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from eventroute_sqlite.routes import Routes

__all__ = ["Transaction"]


class Transaction:
    """One transaction, shared by the jobs that came together.

    :ivar now: the moment it began.
    :ivar rung: names of queues in which something became ready, or may soon.
    :ivar freed: whether some queue has more room than before.
    :ivar published: how many events it stored.
    """

    __slots__ = ("connection", "freed", "now", "published", "routes", "rung")

    def __init__(self, connection: sqlite3.Connection, now: float, routes: Routes) -> None:
        self.connection = connection
        self.now = now
        self.routes = routes
        self.rung: set[str] = set()
        self.freed = False
        self.published = 0
