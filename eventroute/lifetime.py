"""How long workers run: until they are stopped, a signal comes, or one of them fails."""

from __future__ import annotations

import signal
from math import inf
from typing import TYPE_CHECKING, Final, NoReturn

import anyio

from eventroute.delivery.report import logger
from eventroute.delivery.worker import ProgramExitError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from anyio.abc import TaskGroup

    from eventroute.delivery import Worker

__all__ = ["Crew", "raise_plainly"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

PATIENCE: Final = 40.0
"""Seconds that cancelled handlers have to end with their clean-up, after the grace period."""

SHORT_PATIENCE: Final = 10.0
"""The same, once a second signal has come."""


class Crew:
    """The workers of one run; others may join while it lasts.

    :param grace: seconds that a worker has to finish when it is stopped.
    :param on_stuck: is called once handlers do not end although they were cancelled.
    """

    def __init__(self, grace: float, *, on_stuck: Callable[[], None] | None = None) -> None:
        self._grace = grace
        self._on_stuck = on_stuck
        self._told_twice = anyio.Event()
        self._group: TaskGroup | None = None
        self._is_stopping = False
        self._members: dict[str, _Member] = {}

    def add(self, name: str, worker: Worker) -> None:
        """Let a worker join; it starts at once if the others run."""
        member = self._members[name] = _Member(worker)
        if self._is_stopping:
            worker.stop()
        if self._group is not None:
            self._group.start_soon(self._employ, member, name=_task_of(name))

    def workers(self) -> dict[str, Worker]:
        """Those that work, by name."""
        return {name: member.worker for name, member in self._members.items()}

    def stop(self) -> None:
        """Ask every worker to finish, those that join later too."""
        self._is_stopping = True
        for member in self._members.values():
            member.worker.stop()

    async def dismiss(self, name: str) -> None:
        """Stop one worker, and wait until it has finished, or given back what it could not."""
        member = self._members.pop(name, None)
        if member is None:
            return
        member.worker.stop()
        if self._group is None:
            return
        with anyio.move_on_after(self._grace):
            await member.done()
        member.scope.cancel()
        with anyio.CancelScope(shield=True):
            await member.done()

    async def _employ(self, member: _Member) -> None:
        try:
            with member.scope:
                await member.worker.run()
        finally:
            member.end()

    async def run(
        self,
        stop: anyio.Event,
        *,
        handle_signals: bool,
        beside: Callable[[], Coroutine[None, None, None]] | None = None,
    ) -> None:
        """Run the workers until ``stop`` is set; then give them the grace period to finish.

        :param beside: runs meanwhile, and is cancelled with the last worker.
        """
        deadline = inf
        try:
            async with anyio.create_task_group() as around:
                async with anyio.create_task_group() as group:
                    if handle_signals:
                        around.start_soon(self._stop_on_signals, stop, group.cancel_scope)
                    around.start_soon(self._watch, stop)
                    if beside is not None:
                        around.start_soon(beside)
                    self._group = group
                    for name, member in self._members.items():
                        group.start_soon(self._employ, member, name=_task_of(name))
                    await stop.wait()
                    self.stop()
                    deadline = anyio.current_time() + self._grace
                    group.cancel_scope.deadline = deadline
                if group.cancel_scope.cancelled_caught and anyio.current_time() >= deadline:
                    logger.warning(
                        "the grace period of %s s ended; unfinished events go back", self._grace
                    )
                around.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise_plainly(errors)
        finally:
            self._group = None

    async def _stop_on_signals(self, stop: anyio.Event, workers: anyio.CancelScope) -> None:
        with anyio.open_signal_receiver(*_SIGNALS) as signals:
            async for received in signals:
                if not stop.is_set():
                    logger.info("%s: finishing what is under way", received.name)
                    stop.set()
                elif not self._told_twice.is_set():
                    logger.warning("%s again: unfinished events go back now", received.name)
                    workers.cancel()
                    self._told_twice.set()
                else:
                    self._give_up()

    async def _watch(self, stop: anyio.Event) -> None:
        """Give up on handlers that let themselves not be cancelled, when their time is over."""
        await stop.wait()
        with anyio.move_on_after(self._grace + PATIENCE):
            await self._told_twice.wait()
            await anyio.sleep(SHORT_PATIENCE)
        self._give_up()

    def _give_up(self) -> None:
        stuck = [name for name, member in self._members.items() if not member.is_done]
        logger.error(
            "handlers of %s do not end although they were cancelled; their events come back when "
            "their leases end",
            ", ".join(stuck),
        )
        if self._on_stuck is not None:
            self._on_stuck()


class _Member:
    """A worker, and how to end it alone."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.scope = anyio.CancelScope()
        self.is_done = False
        self._done: anyio.Event | None = None

    def end(self) -> None:
        """The worker has ended."""
        self.is_done = True
        if self._done is not None:  # else nobody waits
            self._done.set()

    async def done(self) -> None:
        """Return once the worker has ended."""
        if not self.is_done:
            if self._done is None:
                self._done = anyio.Event()
            await self._done.wait()


def _task_of(name: str) -> str:
    return f"eventroute {name} 1"  # a worker's own task is its first slot


def raise_plainly(errors: BaseExceptionGroup[BaseException]) -> NoReturn:
    """Raise a lone error as itself: task groups wrap every error, however many there are."""
    exits = errors.subgroup(ProgramExitError)
    only: BaseException = exits or errors
    while isinstance(only, BaseExceptionGroup) and (exits or len(only.exceptions) == 1):
        only = only.exceptions[0]
    if isinstance(only, ProgramExitError) and only.__cause__ is not None:
        raise only.__cause__
    raise only
