"""The worker: from a leased delivery to a settled one, the same for every backend."""

from eventroute.delivery.batch import Batch
from eventroute.delivery.breaker import CircuitBreaker
from eventroute.delivery.dead_letter_report import DeadLetterReport, LetterOutcome
from eventroute.delivery.dead_letters import DeadLetterQueue
from eventroute.delivery.depends import Depends
from eventroute.delivery.handler import Handler
from eventroute.delivery.health import Health, HealthState
from eventroute.delivery.middleware import Middleware
from eventroute.delivery.outcome import Counts, Outcome, OutcomeKind
from eventroute.delivery.rate import RateLimit
from eventroute.delivery.retry import Retry
from eventroute.delivery.subscriber import Subscriber
from eventroute.delivery.worker import ProgramExitError, Worker

__all__ = [
    "Batch",
    "CircuitBreaker",
    "Counts",
    "DeadLetterQueue",
    "DeadLetterReport",
    "Depends",
    "Handler",
    "Health",
    "HealthState",
    "LetterOutcome",
    "Middleware",
    "Outcome",
    "OutcomeKind",
    "ProgramExitError",
    "RateLimit",
    "Retry",
    "Subscriber",
    "Worker",
]
