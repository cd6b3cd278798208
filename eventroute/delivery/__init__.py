"""The worker: from a leased delivery to a settled one, the same for every backend."""

from eventroute.delivery.dead_letter_report import DeadLetterReport, LetterOutcome
from eventroute.delivery.dead_letters import DeadLetterQueue
from eventroute.delivery.handler import Handler
from eventroute.delivery.outcome import Counts, Outcome, OutcomeKind
from eventroute.delivery.retry import Retry
from eventroute.delivery.subscriber import Subscriber
from eventroute.delivery.worker import ProgramExitError, Worker

__all__ = [
    "Counts",
    "DeadLetterQueue",
    "DeadLetterReport",
    "Handler",
    "LetterOutcome",
    "Outcome",
    "OutcomeKind",
    "ProgramExitError",
    "Retry",
    "Subscriber",
    "Worker",
]
