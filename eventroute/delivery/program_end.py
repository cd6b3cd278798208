"""Handlers that end the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from eventroute.delivery.attempt import was_cancelled
from eventroute.delivery.report import logger
from eventroute.delivery.verdict import given_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventroute.delivery.attempt import Attempt
    from eventroute.delivery.verdict import Verdict
    from eventroute.port import Delivery

__all__ = ["ProgramExitError", "cut_short", "ending_of"]


class ProgramExitError(Exception):
    """A handler ended the program; its cause says how.

    asyncio stops in its tracks when a task lets ``SystemExit`` out, and leaves the others behind.
    """


def ending_of(error: BaseException) -> BaseException | None:
    """How the program is to end; ``None`` where the error asks for no such thing.

    A handler has no right to call a run a success, so an exit without a code becomes a failure.
    """
    if isinstance(error, BaseExceptionGroup):
        found = error.subgroup((SystemExit, KeyboardInterrupt))
        return None if found is None else ending_of(found.exceptions[0])
    if isinstance(error, SystemExit) and error.code in (None, 0):
        failure = SystemExit(1)
        failure.__cause__ = error
        return failure
    return error if isinstance(error, SystemExit | KeyboardInterrupt) else None


def cut_short(
    taken: Sequence[Delivery],
    error: BaseException,
    attempt: Attempt,
    waited: Callable[[Delivery], float],
) -> list[Verdict]:
    """The verdicts on deliveries whose attempt did not come to an end of its own.

    What ends the program counts as an attempt, lest one event ends it again and again. Who
    cancels the worker, or presses Ctrl-C, is no fault of an event.
    """
    ending = ending_of(error)
    stopped = was_cancelled() or isinstance(error, anyio.get_cancelled_exc_class())
    if isinstance(ending, KeyboardInterrupt) or (ending is None and stopped):
        return [given_back(one, error) for one in taken]
    for one in taken:
        logger.error(
            "%s: the handler of event %s ended the program: %s(%s)",
            one.subscription,
            one.event.id,
            type(ending or error).__name__,
            getattr(error, "code", ""),
        )
    return [attempt.judged(one, None, error, waited(one)) for one in taken]
