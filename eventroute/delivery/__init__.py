"""The worker: from a leased delivery to a settled one, the same for every backend."""

from eventroute.delivery.handler import Handler
from eventroute.delivery.health import Health, HealthState
from eventroute.delivery.outcome import Counts, Outcome, OutcomeKind
from eventroute.delivery.retry import Retry
from eventroute.delivery.subscriber import Subscriber
from eventroute.delivery.worker import ProgramExitError, Worker

__all__ = [
    "Counts",
    "Handler",
    "Health",
    "HealthState",
    "Outcome",
    "OutcomeKind",
    "ProgramExitError",
    "Retry",
    "Subscriber",
    "Worker",
]
