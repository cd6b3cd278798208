"""How long workers run: until they are stopped, a signal comes, or one of them fails."""

from __future__ import annotations

import signal
from math import inf
from typing import TYPE_CHECKING, Final, NoReturn

import anyio

from eventroute.delivery.report import logger
from eventroute.delivery.worker import ProgramExitError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from eventroute.delivery import Worker

__all__ = ["raise_plainly", "run_until_stopped"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


async def run_until_stopped(
    workers: Sequence[Worker],
    stop: anyio.Event,
    grace: float,
    *,
    handle_signals: bool,
    beside: Callable[[], Coroutine[None, None, None]] | None = None,
) -> None:
    """Run workers until ``stop`` is set; then give them ``grace`` seconds to finish.

    :param beside: runs meanwhile, and is cancelled with the last worker.
    """
    deadline = inf
    try:
        async with anyio.create_task_group() as around:
            async with anyio.create_task_group() as group:
                if handle_signals:
                    around.start_soon(_stop_on_signals, stop, group.cancel_scope)
                if beside is not None:
                    around.start_soon(beside)
                for worker in workers:
                    group.start_soon(worker.run)
                await stop.wait()
                for worker in workers:
                    worker.stop()
                deadline = anyio.current_time() + grace
                group.cancel_scope.deadline = deadline
            if group.cancel_scope.cancelled_caught and anyio.current_time() >= deadline:
                logger.warning("the grace period of %s s ended; unfinished events go back", grace)
            around.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        raise_plainly(errors)


async def _stop_on_signals(stop: anyio.Event, workers: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        async for received in signals:
            if stop.is_set():
                logger.warning("%s again: unfinished events go back now", received.name)
                workers.cancel()
                return
            logger.info("%s: finishing what is under way", received.name)
            stop.set()


def raise_plainly(errors: BaseExceptionGroup[BaseException]) -> NoReturn:
    """Raise a lone error as itself: task groups wrap every error, however many there are."""
    exits = errors.subgroup(ProgramExitError)
    only: BaseException = exits or errors
    while isinstance(only, BaseExceptionGroup) and (exits or len(only.exceptions) == 1):
        only = only.exceptions[0]
    if isinstance(only, ProgramExitError) and only.__cause__ is not None:
        raise only.__cause__
    raise only
