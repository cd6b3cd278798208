"""Publishes what is in the outbox."""

from __future__ import annotations

import json
import logging
from collections import defaultdict, deque
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import uuid4

import anyio
import anyio.to_thread
from sqlalchemy import Engine

from eventroute.clock import SystemClock
from eventroute.envelope import Event
from eventroute.errors import ConfigurationError, EventRouteError, NotOpenError, PublishError
from eventroute.outbox.claims import Claimed, Result, claim, settle
from eventroute.port import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.ext.asyncio import AsyncEngine

    from eventroute.clock import Clock
    from eventroute.publisher import Publisher

__all__ = ["Relay"]

T = TypeVar("T")

logger: Final = logging.getLogger("eventroute.outbox")

_LAST_CALL: Final = 5.0
_LONGEST_ERROR: Final = 2_000


class Relay:
    """Publishes committed rows of an outbox, and deletes them when the backend has them.

    A row whose publish fails is tried again under the same event id; meanwhile it holds back the
    rows behind it that have its key, and no others. An event may be published twice, when a relay
    dies between the publish and the deletion. Any number of relays may run.

    :param engine: of the database that holds the table; an ``AsyncEngine`` runs on asyncio only.
    :param table: what :func:`~eventroute.outbox.outbox_table` returned.
    :param publisher: an open bus.
    :param batch: most rows that are claimed at once.
    :param poll_interval: seconds between two looks at an empty outbox.
    :param lease: seconds after which another relay takes over from one that died; a publish takes
        less.
    :param longest_pause: bound of the pause, in seconds, before a row is tried again; it doubles
        from one second with each attempt. So does that after a look that failed, from
        ``poll_interval``.
    :param clock: the time; tests move it.
    :raises ConfigurationError: a number that cannot work.
    """

    def __init__(
        self,
        engine: Engine | AsyncEngine,
        table: Table,
        publisher: Publisher,
        *,
        batch: int = 100,
        poll_interval: float = 1.0,
        lease: float = 60.0,
        longest_pause: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        seconds = {"poll_interval": poll_interval, "lease": lease, "longest_pause": longest_pause}
        for name, value in {"batch": batch, **seconds}.items():
            if not 0 < value < inf:
                raise ConfigurationError(f"Relay({name}={value!r}): must be more than 0")
        self._engine = _for_claims(engine)
        self._table = table
        self._publisher = publisher
        self._batch = batch
        self._poll_interval = poll_interval
        self._lease = lease
        self._longest_pause = longest_pause
        self._clock = clock or SystemClock()
        self._woken = anyio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Publish until :meth:`stop`. When it is cancelled, what it had claimed is given back.

        The database may be away for a while: that is reported and tried again.

        :raises NotOpenError: the bus is not open.
        """
        failures = 0
        while not self._stopping:
            woken = self._woken
            pause = self._poll_interval
            published = 0
            try:
                published = await self.publish_pending()
                failures = 0
            except EventRouteError:
                raise
            except Exception:  # drivers raise errors of their own when they cannot connect
                pause = max(pause, min(self._longest_pause, pause * 2.0 ** min(failures, 60)))
                failures += 1
                logger.exception(
                    "the outbox %s cannot be read; again in %.0f s", self._table.name, pause
                )
            if not published and not self._stopping:
                await self._clock.wait(woken, self._clock.now() + pause)
            if woken.is_set() and woken is self._woken:
                self._woken = anyio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look now: call it after a commit, so that nothing waits for the next look."""
        self._woken.set()

    def stop(self) -> None:
        """Let :meth:`run` end after what it is doing."""
        self._stopping = True
        self.wake()

    async def publish_pending(self) -> int:
        """Publish one batch of what is due; say how many events the backend has accepted.

        :raises NotOpenError: the bus is not open.
        :raises sqlalchemy.exc.SQLAlchemyError: the database failed.
        """
        token, result = uuid4().hex, Result()
        rows: list[Claimed] | None = None
        try:
            rows = await self._in_transaction(partial(self._claim, token=token))
            await self._publish_in_order(rows, result)
        finally:
            if rows is None or rows:
                with anyio.move_on_after(_LAST_CALL, shield=True):
                    await self._settle(token, result, again=bool(rows))
        return len(result.published)

    async def _settle(self, token: str, result: Result, *, again: bool) -> None:
        work = partial(settle, table=self._table, token=token, result=result)
        pause = 0.05
        while True:  # what is not settled is published twice, and a new connection may do it
            try:
                return await self._in_transaction(work)
            except Exception:  # drivers raise errors of their own when they cannot connect
                if not again or pause > 1:
                    raise
            await anyio.sleep(pause)
            pause *= 2

    def _claim(self, connection: Connection, token: str) -> list[Claimed]:
        now = self._now()
        until = now + self._lease
        return claim(connection, self._table, token, now=now, until=until, limit=self._batch)

    async def _publish_in_order(self, rows: Sequence[Claimed], result: Result) -> None:
        runs = _runs(rows)
        seconds = self._lease * 0.75  # after the lease another relay may be at work on these keys
        open_rows: list[Claimed] = []
        with anyio.move_on_after(seconds) as in_time:
            while runs:
                open_rows = [run.popleft() for run in runs]
                await self._publish_together(open_rows, result)
                going_on = [row.id not in result.failed for row in open_rows]
                runs = [run for run, goes_on in zip(runs, going_on, strict=True) if goes_on and run]
        if in_time.cancelled_caught:
            for row in open_rows:
                if row.id not in result.failed and row.id not in result.published:
                    self._fail(row, TimeoutError(f"no answer within {seconds:g} s"), result)

    async def _publish_together(self, rows: Sequence[Claimed], result: Result) -> None:
        """Publish one row of each key."""
        batches: defaultdict[str | None, list[tuple[Claimed, Event]]] = defaultdict(list)
        for row in rows:
            try:
                batches[row.headers].append((row, Event.from_trusted_json(row.body)))
            except EventRouteError as error:
                self._fail(row, error, result)
        for headers, batch in batches.items():
            given: dict[str, str] = json.loads(headers) if headers else {}
            version = given.pop(VERSION, None)
            if version is not None:
                for _, event in batch:
                    event.contract_version = int(version)
            outcomes: Sequence[Exception | None] = [None] * len(batch)
            try:
                await self._publisher.publish_many(
                    [event for _, event in batch], headers=given or None
                )
            except NotOpenError:
                raise
            except PublishError as error:
                outcomes = [outcome for _, outcome in error.outcomes]
            except Exception as error:  # whatever it is, the rows are kept and it is reported
                outcomes = [error] * len(batch)
            for (row, _), outcome in zip(batch, outcomes, strict=True):
                if outcome is None:
                    result.published.append(row.id)
                else:
                    self._fail(row, outcome, result)

    def _fail(self, row: Claimed, error: Exception, result: Result) -> None:
        pause = min(self._longest_pause, 2.0 ** min(row.attempts, 60))
        result.failed[row.id] = (self._now() + pause, _text(error))
        logger.error(
            "row %d of the outbox %s was not published (attempt %d, again in %.0f s): %s",
            row.id,
            self._table.name,
            row.attempts + 1,
            pause,
            error,
        )

    async def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        engine = self._engine
        if isinstance(engine, Engine):
            return await anyio.to_thread.run_sync(_in_transaction, engine, work)
        async with engine.begin() as connection:
            return await connection.run_sync(work)

    def _now(self) -> float:
        # Relays on several machines must mean the same, also after a restart.
        return self._clock.wall()


def _for_claims(engine: Engine | AsyncEngine) -> Engine | AsyncEngine:
    """The engine as claims need it, whatever isolation the application wants for itself."""
    if engine.dialect.name != "postgresql":
        return engine
    # A stricter level fails transactions that meet, after what they claimed was published;
    # without a transaction a lock ends before the claim is written.
    return engine.execution_options(isolation_level="READ COMMITTED")


def _in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _text(error: Exception) -> str:
    """What a column can hold of an error, which may quote anything: PostgreSQL takes no NUL."""
    text = str(error)[:_LONGEST_ERROR].replace("\0", "\\x00")
    return text.encode(errors="backslashreplace").decode()


def _runs(rows: Sequence[Claimed]) -> list[deque[Claimed]]:
    """Rows that must follow each other: those of one key; each of the others by itself."""
    runs: dict[object, deque[Claimed]] = {}
    for row in rows:
        runs.setdefault(row.id if row.key is None else row.key, deque()).append(row)
    return list(runs.values())
