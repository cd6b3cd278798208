"""One log line for each attempt that did not simply succeed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from eventroute.delivery.frames import shortened
from eventroute.delivery.outcome import OutcomeKind
from eventroute.errors import EventRouteError
from eventroute.port import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.delivery.outcome import Outcome
    from eventroute.delivery.verdict import Verdict
    from eventroute.port import Settlement

__all__ = ["event_name", "log_outcomes", "logger"]

logger: Final = logging.getLogger("eventroute")


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


def log_outcomes(outcomes: Sequence[Outcome], verdicts: Sequence[Verdict]) -> None:
    """Write what an operator needs to know; handled attempts only at debug level."""
    debug, handled = logger.isEnabledFor(logging.DEBUG), OutcomeKind.HANDLED
    for outcome, verdict in zip(outcomes, verdicts, strict=True):
        if debug or outcome.kind is not handled:
            _log(outcome, verdict.settlement)


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
