"""The thread's side: transactions, and a look around between them."""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import EventRouteError
from eventroute_sqlite.database import connect
from eventroute_sqlite.failures import commit_failure, failure
from eventroute_sqlite.routes import Routes, current_routes
from eventroute_sqlite.tidying import is_untidy, tidy
from eventroute_sqlite.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute_sqlite.job import Job
    from eventroute_sqlite.moments import Moments
    from eventroute_sqlite.options import SqliteOptions

__all__ = ["Desk"]

_TIDY_EVERY: Final = 1.0
_TIDY_ROWS: Final = 200


class Desk:
    """A connection and what is done with it; all in the thread that made it.

    :ivar is_untidy: whether there was more to delete than one bite.
    """

    def __init__(self, options: SqliteOptions, moments: Moments, *, provision: bool = True) -> None:
        self._connection = connect(options, provision=provision)
        self._path = options.path
        self._poll_interval = options.poll_interval
        self._synchronous = options.synchronous
        self._moments = moments
        self._routes = Routes.none()
        self._others_version = 0
        self._looked = 0.0
        self._tidied = float("-inf")
        self._published = 0
        self._flushes: str | None = None
        self.is_untidy = False

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def perform(self, jobs: Sequence[Job[Any]]) -> Transaction:
        """Do jobs together, or fail them together.

        A job that raises an error of ours has written nothing; any other error rolls back.
        """
        transaction = Transaction(self._connection, self._moments.now(), self._routes)
        writing = jobs
        if any(job.look is not None for job in jobs):
            try:
                transaction.routes = current_routes(self._connection, self._routes)
                writing = [job for job in jobs if not _answer(job, transaction)]
            except (sqlite3.Error, EventRouteError) as error:
                self._fail(jobs, error)
                return transaction
        if writing:
            self._write(writing, transaction)
        self._routes = transaction.routes
        self._published += transaction.published
        return transaction

    def _write(self, jobs: Sequence[Job[Any]], transaction: Transaction) -> None:
        connection = self._connection
        try:
            self._begin(durable=any(job.durable for job in jobs))
            transaction.now = self._moments.now()
            transaction.routes = current_routes(connection, transaction.routes)
            for job in jobs:
                _do(job, transaction)
        except Exception as error:  # whatever it is, the caller must hear of it
            self._roll_back()
            if len(jobs) == 1 or isinstance(error, sqlite3.OperationalError):
                self._fail(jobs, error)
            else:  # one of them cannot be done; the others can
                for job in jobs:
                    self._write([job], transaction)
            return
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            for job in jobs:
                job.error = commit_failure(error, self._path)

    def _begin(self, *, durable: bool) -> None:
        # Only what is published must be on the disk before the caller goes on. An acknowledgement
        # that a power failure takes back is an event that is delivered twice.
        flushes = self._synchronous if durable else "normal"
        if flushes != self._flushes:
            self._connection.execute(f"PRAGMA synchronous = {flushes}")
            self._flushes = flushes
        self._connection.execute("BEGIN IMMEDIATE")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite does it by itself when the disk is full
            self._connection.execute("ROLLBACK")

    def _fail(self, jobs: Sequence[Job[Any]], error: Exception) -> None:
        for job in jobs:
            job.error = failure(error, self._path) if isinstance(error, sqlite3.Error) else error

    def look_around(self, *, others: bool) -> bool:
        """Delete a bite of what is not needed; say whether another process changed something.

        :param others: whether somebody wants to know.
        """
        self._tidy()
        if not others or monotonic() - self._looked < self._poll_interval:
            return False
        self._looked = monotonic()
        before = self._others_version
        try:
            (self._others_version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:  # the calls that are woken meet it too, and say so
            return True
        return self._others_version != before

    def _tidy(self) -> None:
        now = self._moments.now()
        if not self.is_untidy and 0 <= now - self._tidied < _TIDY_EVERY:
            return
        self._tidied = now
        limit, self._published = max(_TIDY_ROWS, 2 * self._published), 0
        try:
            self.is_untidy = is_untidy(self._connection, now)
            if self.is_untidy:
                self._begin(durable=False)
                tidy(Transaction(self._connection, now, self._routes), limit)
                self._connection.execute("COMMIT")
        except sqlite3.Error:  # nobody asked for it: the next calls say what is wrong
            self.is_untidy = False
            self._roll_back()


def _answer(job: Job[Any], transaction: Transaction) -> bool:
    if job.look is None:
        return False
    try:
        job.result = job.look(transaction)
    except EventRouteError as error:
        job.error = error
        return True
    return job.result is not None


def _do(job: Job[Any], transaction: Transaction) -> None:
    try:
        job.result = job.work(transaction)
    except EventRouteError as error:
        job.error = error
