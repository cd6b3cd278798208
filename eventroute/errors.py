"""Every error that eventroute raises: one root, one class a cause.

A message names the thing, the value and the remedy. Classes also derive from the builtin that
fits, so that ``except ValueError`` keeps working in code that does not know eventroute.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute.envelope import Event

__all__ = [
    "AccessDeniedError",
    "AdapterError",
    "BackendNotFoundError",
    "BatchError",
    "ClaimLostError",
    "ConfigurationError",
    "ContractConflictError",
    "ContractError",
    "ContractNotFoundError",
    "ContractViolationError",
    "DeadLetterQueueFullError",
    "DeclarationError",
    "EffortSpentError",
    "EventError",
    "EventRouteError",
    "JSONTextError",
    "LeaseLostError",
    "LimitExceededError",
    "MissingExtraError",
    "NameNotFoundError",
    "NameTakenError",
    "NotOpenError",
    "OutcomeUnknownError",
    "PatternError",
    "PublishError",
    "PublishTimeoutError",
    "RejectError",
    "RetryAfterError",
    "SignatureError",
    "TransactionError",
    "UnsupportedError",
    "UnsupportedExpressionError",
    "Violation",
]


class EventRouteError(Exception):
    """The root: ``except EventRouteError`` catches whatever this library raises on purpose."""


class JSONTextError(EventRouteError, ValueError):
    """A text is not JSON that eventroute accepts."""


class EventError(EventRouteError, ValueError):
    """JSON that does not have the shape of an event.

    :ivar pointer: JSON pointer to the member that is wrong; ``""`` is the whole document.
    """

    def __init__(self, message: str, *, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(f"at {pointer}: {message}" if pointer else message)


class PatternError(EventRouteError, ValueError):
    """An event pattern is not valid.

    :ivar pointer: JSON pointer into the pattern; ``""`` is the whole pattern.
    :ivar reason: what is wrong there, without the place.
    """

    def __init__(self, reason: str, *, pointer: str = "") -> None:
        self.pointer = pointer
        self.reason = reason
        super().__init__(f"event pattern, at {pointer or 'its top'}: {reason}")


class NameTakenError(EventRouteError, ValueError):
    """Something of that name is there already."""


class NameNotFoundError(EventRouteError, LookupError):
    """Nothing has that name."""


class DeclarationError(EventRouteError, TypeError):
    """An event type, a subscriber or a bus is declared in a way that cannot work."""


class Violation:
    """One place where an event breaks its contract.

    :ivar pointer: JSON pointer into ``detail``.
    :ivar message: what is wrong there.
    """

    __slots__ = ("message", "pointer")

    def __init__(self, pointer: str, message: str) -> None:
        self.pointer = pointer
        self.message = message

    def __repr__(self) -> str:
        return f"Violation({self.pointer!r}, {self.message!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Violation):
            return NotImplemented
        return (self.pointer, self.message) == (other.pointer, other.message)

    def __hash__(self) -> int:
        return hash((self.pointer, self.message))

    def __str__(self) -> str:
        return f"at {self.pointer or '/'}: {self.message}"


class ContractViolationError(EventRouteError, ValueError):
    """The detail of an event breaks the contract of its type.

    :ivar contract: which contract, as ``TOPIC/TYPE/VERSION``.
    :ivar violations: every place that is wrong, in document order.
    """

    def __init__(self, contract: str, violations: Sequence[Violation]) -> None:
        self.contract = contract
        self.violations = tuple(violations)
        places = "; ".join(str(violation) for violation in self.violations)
        super().__init__(f"the detail breaks the contract {contract}: {places}")


class ContractError(EventRouteError, ValueError):
    """A contract cannot be used: its file, its schema or its name is wrong."""


class ContractConflictError(ContractError):
    """A version that is registered already was to get another content; versions are for good."""


class ContractNotFoundError(EventRouteError, LookupError):
    """No contract is registered for the type of an event."""


class UnsupportedExpressionError(EventRouteError, ValueError):
    """A regular expression cannot be read as a set of texts.

    :ivar pattern: the expression.
    :ivar reason: what stands in the way, and where.
    """

    def __init__(self, pattern: str, reason: str) -> None:
        self.pattern = pattern
        self.reason = reason
        shown = pattern if len(pattern) <= 100 else pattern[:99] + "…"
        super().__init__(f"the regular expression {shown!r} has {reason}")


class EffortSpentError(EventRouteError, RuntimeError):
    """A question had a bound on the work for its answer, and the work is done without one."""


class PublishError(EventRouteError):
    """Some events of a publish were not accepted.

    :ivar outcomes: one entry per event, in the order given: the event and its error, ``None``
        where the event was accepted.
    """

    def __init__(self, outcomes: Sequence[tuple[Event, EventRouteError | None]]) -> None:
        self.outcomes = tuple(outcomes)
        failed = [(event, error) for event, error in self.outcomes if error is not None]
        first_event, first_error = failed[0]
        super().__init__(
            f"{len(failed)} of {len(self.outcomes)} events were not published; the first is "
            f"{first_event.detail_type!r} (id {first_event.id}): {first_error}"
        )


class PublishTimeoutError(EventRouteError, TimeoutError):
    """A queue stayed full for longer than a publish may wait; the event was not published."""


class LimitExceededError(EventRouteError, ValueError):
    """A value is over a limit of the backend or of the library."""


class UnsupportedError(EventRouteError):
    """The chosen backend cannot do what a declaration asks for."""


class NotOpenError(EventRouteError, RuntimeError):
    """The bus is used before ``async with bus`` has opened it, or after it was closed."""


class ConfigurationError(EventRouteError, ValueError):
    """``eventroute.toml`` or an ``EVENTROUTE_*`` variable holds something that cannot be used."""


class BackendNotFoundError(ConfigurationError, LookupError):
    """No installed adapter has the name that the configuration asks for."""


class MissingExtraError(EventRouteError, ImportError):
    """A feature needs a package that is not installed."""


class AdapterError(EventRouteError):
    """A backend failed: the call may be repeated."""


class OutcomeUnknownError(AdapterError):
    """A backend did not answer: the call may have taken effect, or not."""


class AccessDeniedError(EventRouteError, PermissionError):
    """The backend does not let this process do it: credentials or permissions are missing."""


class SignatureError(EventRouteError, ValueError):
    """A message is not from those whom it names, or nothing proves that it is."""


class LeaseLostError(AdapterError):
    """A delivery was settled after its lease had ended; another attempt may be under way."""


class ClaimLostError(EventRouteError):
    """A handler took longer than its claim on the event was held; another may have run as well."""


class TransactionError(EventRouteError, RuntimeError):
    """A handler ended the transaction that it shares with the idempotency store."""


class DeadLetterQueueFullError(AdapterError):
    """The dead-letter queue holds as much as it may; the event stays in its queue."""


def _shown(value: object) -> str:
    try:
        return repr(value)[:100]
    except Exception:
        return f"a {type(value).__name__}"


def _said(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__


class RejectError(EventRouteError):
    """Raise it in a handler to send the event to the dead-letter queue at once, without retry."""


class BatchError(EventRouteError):
    """Raise it in a batch handler when some of its events failed; only those are tried again.

    :ivar failures: what each of them failed with, by its index in the handler's lists. Each error
        counts as if a handler of that one event had raised it.
    """

    def __init__(self, failures: Mapping[int, Exception]) -> None:
        if not hasattr(failures, "items"):
            raise DeclarationError(
                f"BatchError({_shown(failures)}): give it a dict of errors by index, such as "
                'BatchError({0: ValueError("no stock")})'
            )
        self.failures = dict(failures)
        for index, error in self.failures.items():
            if not isinstance(index, int) or isinstance(index, bool) or index < 0:
                raise DeclarationError(
                    f"BatchError names {_shown(index)}: must be an index in the handler's lists, "
                    "from 0, as enumerate() counts"
                )
            if not isinstance(error, Exception):
                raise DeclarationError(
                    f"BatchError({{{index}: {_shown(error)}}}): must be an error, such as "
                    'ValueError("no stock")'
                )
        said = "; ".join(f"{index}: {_said(error)}" for index, error in self.failures.items())
        super().__init__(f"{len(self.failures)} events of a batch failed; {said[:500]}")


class RetryAfterError(EventRouteError):
    """Raise it in a handler to have the event again later, as a service's ``Retry-After`` asks.

    The attempt counts. A backend that cannot wait that long gives the event back earlier.

    :ivar seconds: how much later, instead of the delay that `Retry` gives.
    """

    def __init__(self, seconds: float, message: str = "") -> None:
        if not 0 <= seconds < inf:
            raise LimitExceededError(f"RetryAfterError({seconds!r}): must be seconds, 0 or more")
        self.seconds = float(seconds)
        super().__init__(message or f"asked for another attempt in {seconds:g} s")
