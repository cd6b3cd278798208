"""Whether every event that fits one schema fits another: a proof, a counterexample, or neither."""

from eventroute.registry.inclusion.budget import Budget, OutOfBudgetError
from eventroute.registry.inclusion.decision import Counterexample, Included, Undecided, decide
from eventroute.registry.inclusion.document import Document, readings

__all__ = [
    "Budget",
    "Counterexample",
    "Document",
    "Included",
    "OutOfBudgetError",
    "Undecided",
    "decide",
    "readings",
]
