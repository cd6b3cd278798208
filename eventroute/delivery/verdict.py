"""What is to be told to the backend about a delivery, and why."""

from __future__ import annotations

from typing import Final

import msgspec

from eventroute.delivery.outcome import Outcome, OutcomeKind
from eventroute.port import Bury, Delivery, Release, Settlement

__all__ = ["HopelessError", "Verdict", "buried", "error_text", "given_back", "readable", "text_of"]

_LONGEST_TEXT: Final = 2_000
"""Characters of an error's text that a dead letter and a log line keep."""


class Verdict(msgspec.Struct, frozen=True):
    """What to tell the backend, and what to tell the observer once the backend agreed."""

    settlement: Settlement
    outcome: Outcome


class HopelessError(Exception):
    """No further attempt can succeed.

    :ivar attempts: how many were made; ``None`` counts this one.
    """

    def __init__(self, reason: str, text: str, *, attempts: int | None = None) -> None:
        self.reason = reason
        self.attempts = attempts
        super().__init__(text)


def buried(
    delivery: Delivery,
    reason: str,
    text: str,
    subject: object,
    error: BaseException,
    *,
    frames: str = "",
    attempts: int | None = None,
) -> Verdict:
    """The event goes to the dead-letter queue.

    :param frames: what `frames_of` tells of an error that the handler raised.
    :param attempts: how many were made, where this delivery began none.
    """
    outcome = Outcome(OutcomeKind.DEAD_LETTERED, delivery, subject, error)
    return Verdict(Bury(delivery, reason, text[:_LONGEST_TEXT], frames, attempts), outcome)


def given_back(
    delivery: Delivery, error: BaseException | None = None, *, delay: float = 0.0
) -> Verdict:
    """The attempt was cut short, and does not count."""
    outcome = Outcome(OutcomeKind.RELEASED, delivery, error=error)
    return Verdict(Release(delivery, delay, counted=False), outcome)


def error_text(error: BaseException | None) -> str:
    """An error as people read it."""
    return f"{type(error).__qualname__}: {text_of(error)}"


def text_of(error: BaseException | None) -> str:
    """What an error says, as far as a dead letter keeps it; never raises.

    Errors are written by applications, and some cannot be printed.
    """
    try:
        return str(error)[:_LONGEST_TEXT]
    except Exception as raised:
        return f"(its text cannot be read: {type(raised).__qualname__})"


def readable(error: BaseException) -> BaseException:
    """The error, or what stands for one that raises when it is looked at."""
    try:
        _ = error.__class__, error.__traceback__, error.__cause__, error.__context__
    except Exception as raised:
        stand_in = RuntimeError(
            f"{type(error).__qualname__} cannot be looked at: {type(raised).__qualname__}"
        )
        return stand_in.with_traceback(object.__getattribute__(error, "__traceback__"))
    return error
