"""One log line for each attempt that did not simply succeed."""

from __future__ import annotations

import logging
from math import inf
from typing import TYPE_CHECKING, Final

from eventroute.delivery.frames import shortened
from eventroute.delivery.outcome import OutcomeKind
from eventroute.errors import EventRouteError
from eventroute.port import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.clock import Clock
    from eventroute.delivery.outcome import Outcome
    from eventroute.delivery.verdict import Verdict
    from eventroute.port import Settlement

__all__ = ["Report", "event_name", "logger"]

logger: Final = logging.getLogger("eventroute")

FILTERED_EVERY: Final = 60.0
"""Seconds between two lines on events that do not match their subscription."""


def _shorten(record: logging.LogRecord) -> bool:
    """Log the application's frames alone, but for somebody who looks at everything."""
    if record.exc_info and record.exc_info[1] is not None:
        # What a formatter finds here it takes as it is.
        record.exc_text = shortened(record.exc_info[1], whole=logger.isEnabledFor(logging.DEBUG))
    return True


logger.addFilter(_shorten)


def event_name(outcome: Outcome) -> str:
    """Id of the event, as far as it can be read."""
    try:
        return outcome.delivery.event.id
    except EventRouteError:
        return "(undecodable)"


class Report:
    """What the log says of one subscription."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._filtered = 0
        self._told_of_filtered = -inf

    def log(self, outcomes: Sequence[Outcome], verdicts: Sequence[Verdict]) -> None:
        """Write what an operator needs to know; handled attempts only at debug level."""
        debug, handled = logger.isEnabledFor(logging.DEBUG), OutcomeKind.HANDLED
        told = [n for n, one in enumerate(outcomes) if debug or one.kind is not handled]
        for place in told:
            outcome = outcomes[place]
            _log(outcome, verdicts[place].settlement)
            if outcome.kind is OutcomeKind.FILTERED:
                self._filter(outcome)

    def _filter(self, outcome: Outcome) -> None:
        # A backend that lets more through than the pattern asks for does so all the time.
        self._filtered += 1
        now = self._clock.now()
        if now - self._told_of_filtered >= FILTERED_EVERY:
            logger.info(
                "%s: events that do not match its pattern were acknowledged and not handled: %d, "
                "the last one is %s",
                outcome.delivery.subscription,
                self._filtered,
                event_name(outcome),
            )
            self._told_of_filtered, self._filtered = now, 0


def _log(outcome: Outcome, settlement: Settlement) -> None:
    name, attempt = outcome.delivery.subscription, outcome.delivery.attempt
    if outcome.kind is OutcomeKind.RETRIED and isinstance(settlement, Release):
        logger.warning(
            "%s: attempt %d of event %s failed; again in %.2f s",
            name,
            attempt,
            event_name(outcome),
            settlement.delay,
            exc_info=outcome.error,
        )
    elif outcome.kind is OutcomeKind.DEAD_LETTERED:
        logger.error(
            "%s: event %s is dead-lettered after attempt %d",
            name,
            event_name(outcome),
            attempt,
            exc_info=outcome.error,
        )
    elif outcome.kind is OutcomeKind.LOST:
        logger.error(
            "%s: attempt %d of event %s could not be settled; it will be delivered again",
            name,
            attempt,
            event_name(outcome),
            exc_info=outcome.error,
        )
    else:
        logger.debug("%s: event %s is %s", name, event_name(outcome), outcome.kind.value)
