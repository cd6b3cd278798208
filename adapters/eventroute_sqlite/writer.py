"""The thread that owns the connection, as the event loop sees it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import anyio

from eventroute.errors import AdapterError, NotOpenError
from eventroute_sqlite.job import Job
from eventroute_sqlite.loop import loop_of_caller, soon

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from eventroute_sqlite.bells import Bells
    from eventroute_sqlite.desk import Desk

__all__ = ["Writer"]

T = TypeVar("T")

_MOST_JOBS: Final = 256
_TIDYING_PAUSE: Final = 0.01


class Writer:
    """Has jobs done in a thread, so that the event loop never waits for the disk.

    Jobs that come while a transaction is under way share the next one: together they cost one
    flush of the disk.

    :param open_desk: opens the file; called in the thread.
    :param poll_interval: real seconds between two looks at what other processes did, while
        somebody waits for that.
    """

    def __init__(
        self, open_desk: Callable[[], Desk], path: Path, bells: Bells, *, poll_interval: float
    ) -> None:
        self._open_desk = open_desk
        self._path = path
        self._bells = bells
        self._poll_interval = poll_interval
        self._jobs: SimpleQueue[list[Job[Any]] | None] = SimpleQueue()
        self._collected: list[Job[Any]] = []
        self._post = loop_of_caller()
        self._process = os.getpid()
        self._watchers = 0
        self._closed = False
        self._orphaned = False
        self._stopped = anyio.Event()
        self._thread = Thread(target=self._run, name=f"eventroute {path.name}", daemon=True)

    @property
    def is_of_parent_process(self) -> bool:
        """Whether it was made before a fork: its thread, and its connection, stayed behind."""
        return os.getpid() != self._process

    @property
    def is_of_another_loop(self) -> bool:
        """Whether its event loop is not the one that runs now, and perhaps no more."""
        return self._post != loop_of_caller()

    def leave(self) -> None:
        """Close the file without waiting for it, as nobody is left who could."""
        self._closed = True
        if not self.is_of_parent_process:
            self._hand_over()
            self._jobs.put(None)

    async def start(self) -> None:
        """Open the file.

        :raises ConfigurationError: it cannot be used.
        :raises AdapterError: it cannot be used now.
        """
        self._thread.start()
        try:
            await self.run(Job(lambda _: True, look=lambda _: True))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self.stop()
            raise

    async def stop(self) -> None:
        """Finish what was asked for, and close the file. Idempotent."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._jobs.put(None)
        await self._stopped.wait()
        self._thread.join()
        self._bells.ring_all()

    @contextmanager
    def watching(self) -> Generator[None]:
        """Somebody waits for what other processes may do."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    async def run(self, job: Job[T]) -> T:
        """Have a job done, and return its result when it is committed.

        A job that was not begun when the caller is cancelled is not done; one that was begun is
        taken back, where it says how.

        :raises AdapterError: the file failed; nothing of the job was kept.
        """
        self._submit(job)
        try:
            await job.done.wait()
        except BaseException:
            reversal = job.reversal() if job.abandon() else None
            if reversal is not None and not self._closed:
                self._submit(reversal)
                self._hand_over()  # the event loop may be ending
            raise
        if job.error is not None:
            raise job.error
        return cast("T", job.result)

    def _submit(self, job: Job[Any]) -> None:
        if self.is_of_parent_process:
            raise AdapterError(
                f"{self._path} was opened before this process was forked; open the bus after it"
            )
        if self.is_of_another_loop:
            raise NotOpenError(
                f"{self._path} was opened in another event loop, to which the bus belongs; from "
                "another thread, call anyio.from_thread.run(bus.publish, event)"
            )
        if self._closed:
            raise AdapterError(f"{self._path} is not open")
        self._collected.append(job)
        if len(self._collected) == 1:
            # What all tasks that are ready ask for is one transaction.
            soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._collected:
            self._jobs.put(self._collected)
            self._collected = []

    def _run(self) -> None:
        try:
            desk = self._open_desk()
            try:
                self._work(desk)
            finally:
                desk.close()
        except BaseException as error:  # whatever it is, the callers must hear of it
            while (jobs := self._jobs.get()) is not None:
                for job in jobs:
                    job.error = error
                self._announce(jobs, lambda: None)
        self._call(self._stopped.set)

    def _work(self, desk: Desk) -> None:
        while (batch := self._next_batch(desk)) is not None and not self._orphaned:
            if batch:
                self._serve(desk, [job for job in batch if job.begin()])
            if desk.look_around(others=self._watchers > 0):
                self._call(self._bells.ring_all)

    def _next_batch(self, desk: Desk) -> list[Job[Any]] | None:
        """The jobs that came meanwhile; none when it is time to look around."""
        pause = self._poll_interval if self._watchers else None
        try:
            jobs = self._jobs.get(timeout=_TIDYING_PAUSE if desk.is_untidy else pause)
        except Empty:
            return []
        batch: list[Job[Any]] = []
        while jobs is not None:
            batch += jobs
            if len(batch) >= _MOST_JOBS or self._jobs.empty():
                return batch
            jobs = self._jobs.get()
        if batch:
            self._jobs.put(None)
        return batch or None

    def _serve(self, desk: Desk, jobs: Sequence[Job[Any]]) -> None:
        try:
            heard = desk.perform(jobs)
        except BaseException as error:
            for job in jobs:
                job.error = error
            self._announce(jobs, lambda: None)
            raise

        def ring() -> None:
            self._bells.ring(heard.rung)
            if heard.freed:
                self._bells.ring_room()

        unheard = self._announce(jobs, ring)
        reversals = [reversal for job in unheard if (reversal := job.reversal()) is not None]
        if reversals:
            self._serve(desk, [job for job in reversals if job.begin()])

    def _announce(self, jobs: Sequence[Job[Any]], ring: Callable[[], None]) -> list[Job[Any]]:
        """Tell the callers; return the jobs whose callers are gone."""
        unheard = [job for job in jobs if not job.finish()]

        def tell() -> None:
            for job in jobs:
                job.done.set()
            ring()

        self._call(tell)
        return unheard

    def _call(self, function: Callable[[], object]) -> None:
        try:
            self._post(function)
        except RuntimeError:  # the event loop ended before the bus was closed
            self._orphaned = True
