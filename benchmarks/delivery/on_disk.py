"""Queues in a SQLite file, all with a write-ahead log that is flushed at each commit.

One subscription takes every order, since the others have no subscriptions. Times are on the wall:
it is the disk that is waited for.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks.delivery.model import declare
from benchmarks.delivery.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

__all__ = ["ON_DISK", "Queue"]

BATCH = 100


class Eventroute:
    """Keeps an envelope, a lease, attempts and a tally for each event."""

    def __init__(self, file: Path) -> None:
        library: Any = import_module("eventroute")
        self._model = library.event("shop.orders", "OrderPlaced")(declare())
        self._handled = 0
        router = library.Router("bench")

        async def handle(_order: Any) -> None:  # noqa: ANN401  the model is made at run time
            self._handled += 1

        handle.__annotations__["_order"] = self._model
        router.subscribe(self._model, name="invoice")(handle)
        self._bus = library.EventBus("sqlite", options={"path": str(file)})
        self._bus.include(router)

    def single(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish one after the other."""

        async def publish() -> Stopwatch:
            payloads = self._payloads(published)
            async with self._bus:
                with Stopwatch() as watch:
                    for payload in payloads:
                        await self._bus.publish(payload)
            return watch

        return asyncio.run(publish())

    def together(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """A hundred callers publish one after the other."""

        async def publish() -> Stopwatch:
            payloads = iter(self._payloads(published))

            async def call() -> None:
                for payload in payloads:
                    await self._bus.publish(payload)

            async with self._bus:
                with Stopwatch() as watch:
                    await asyncio.gather(*(call() for _ in range(BATCH)))
            return watch

        return asyncio.run(publish())

    def batches(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish a hundred at a time."""

        async def publish() -> Stopwatch:
            payloads = self._payloads(published)
            async with self._bus:
                with Stopwatch() as watch:
                    for start in range(0, len(payloads), BATCH):
                        await self._bus.publish_many(payloads[start : start + BATCH])
            return watch

        return asyncio.run(publish())

    def drain(self) -> tuple[int, Stopwatch]:
        """Handle what is there; how many that were."""
        self._handled = 0

        async def work() -> Stopwatch:
            async with self._bus:
                with Stopwatch() as watch:
                    await self._bus.run(handle_signals=False, until_empty=True)
            return watch

        watch = asyncio.run(work())
        return self._handled, watch

    def _payloads(self, published: Iterable[dict[str, Any]]) -> list[Any]:
        return [self._model(**one) for one in published]


class _Plain:
    """A queue of texts, without an event loop.

    :ivar model: what the texts are made from.
    :ivar put: adds one text, durably.
    """

    def __init__(self) -> None:
        self.model = declare()
        self.put: Callable[[str], object]

    def single(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish one after the other."""
        payloads = [self.model(**one) for one in published]
        with Stopwatch() as watch:
            for payload in payloads:
                self.put(payload.model_dump_json())
        return watch

    def _read(self, text: str | bytes) -> None:
        self.model.model_validate_json(text)


class PersistQueue(_Plain):
    """The PyPI package persist-queue: messages are acknowledged one by one."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        library: Any = import_module("persistqueue")
        self._library, self._file = library, file

        class Texts:
            """Texts as they are: cheaper than the pickles that it would make."""

            dumps = staticmethod(str.encode)
            loads = staticmethod(bytes.decode)

        self._options: dict[str, Any] = {"db_file_name": file.name, "serializer": Texts}
        self._queue = library.SQLiteAckQueue(str(file.parent), **self._options)
        self.put = self._queue.put

    def batches(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish a hundred at a time: its queue without acknowledgements can."""
        queue = self._library.SQLiteQueue(
            str(self._file.parent), name="batches", auto_commit=False, **self._options
        )
        payloads = [self.model(**one) for one in published]
        with Stopwatch() as watch:
            for start in range(0, len(payloads), BATCH):
                for payload in payloads[start : start + BATCH]:
                    queue.put(payload.model_dump_json())
                queue.task_done()
        return watch

    def drain(self) -> tuple[int, Stopwatch]:
        """Read and acknowledge what is there."""
        queue, count = self._queue, self._queue.size
        with Stopwatch() as watch:
            for _ in range(count):
                text = queue.get()
                self._read(text)
                queue.ack(text)
        return count, watch


class LiteQueue(_Plain):
    """The PyPI package litequeue, flushed at each commit, which it is not by itself."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        library: Any = import_module("litequeue")
        self._queue = library.LiteQueue(file)
        self._queue.conn.execute("PRAGMA synchronous = FULL")
        self.put = self._queue.put

    def batches(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish a hundred in a transaction."""
        payloads = [self.model(**one) for one in published]
        with Stopwatch() as watch:
            for start in range(0, len(payloads), BATCH):
                with self._queue.transaction():
                    for payload in payloads[start : start + BATCH]:
                        self._queue.put(payload.model_dump_json())
        return watch

    def drain(self) -> tuple[int, Stopwatch]:
        """Read and mark as done what is there."""
        queue, count = self._queue, 0
        with Stopwatch() as watch:
            while (message := queue.pop()) is not None:
                self._read(message.data)
                queue.done(message.message_id, claim_id=message.claim_id)
                count += 1
        return count, watch


class Huey(_Plain):
    """huey's storage, flushed at each commit: what is taken is gone, whether handled or not."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        library: Any = import_module("huey.storage")
        self._queue = library.SqliteStorage(filename=str(file), fsync=True)
        self.put = lambda text: self._queue.enqueue(text.encode())

    def drain(self) -> tuple[int, Stopwatch]:
        """Read what is there."""
        count = 0
        with Stopwatch() as watch:
            while (text := self._queue.dequeue()) is not None:
                self._read(bytes(text))
                count += 1
        return count, watch


Rival = PersistQueue | LiteQueue | Huey


class Beside:
    """A rival as an async application must call it: in a thread, so that the loop never waits."""

    def __init__(self, make: Callable[[Path], Rival], file: Path) -> None:
        self._thread = ThreadPoolExecutor(1)  # one: a connection may belong to its thread
        self._rival = self._thread.submit(make, file).result()

    def single(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish one after the other, each as text that the loop has made."""

        async def publish() -> Stopwatch:
            loop, put = asyncio.get_running_loop(), self._rival.put
            payloads = [self._rival.model(**one) for one in published]
            with Stopwatch() as watch:
                for payload in payloads:
                    await loop.run_in_executor(self._thread, put, payload.model_dump_json())
            return watch

        return asyncio.run(publish())

    def drain(self) -> tuple[int, Stopwatch]:
        """Handle what is there, in the thread."""
        return self._thread.submit(self._rival.drain).result()


class Bare(_Plain):
    """No library: a table of texts, and a commit that is flushed."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        connection = self._connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT)")
        self.put = lambda text: connection.execute("INSERT INTO texts (text) VALUES (?)", (text,))

    def batches(self, published: Sequence[dict[str, Any]]) -> Stopwatch:
        """Publish a hundred in a transaction."""
        payloads = [self.model(**one) for one in published]
        with Stopwatch() as watch:
            for start in range(0, len(payloads), BATCH):
                self._connection.execute("BEGIN IMMEDIATE")
                for payload in payloads[start : start + BATCH]:
                    self.put(payload.model_dump_json())
                self._connection.execute("COMMIT")
        return watch

    def drain(self) -> tuple[int, Stopwatch]:
        """Read and delete what is there, one by one."""
        connection, count = self._connection, 0
        oldest = "DELETE FROM texts WHERE id = (SELECT min(id) FROM texts) RETURNING text"
        with Stopwatch() as watch:
            while rows := connection.execute(oldest).fetchall():
                self._read(rows[0][0])
                count += 1
        return count, watch


Queue = Eventroute | Rival | Beside | Bare

ON_DISK: dict[str, Callable[[Path], Queue]] = {
    "eventroute": Eventroute,
    "persist-queue": PersistQueue,
    "persist-queue, in a thread": partial(Beside, PersistQueue),
    "litequeue": LiteQueue,
    "litequeue, in a thread": partial(Beside, LiteQueue),
    "huey": Huey,
    "huey, in a thread": partial(Beside, Huey),
    "floor: sqlite3 alone": Bare,
}
