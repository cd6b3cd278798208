"""What an error means for SNS: it repeats after 5xx and 429, and gives up after other 4xx.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

from typing import Final

from eventroute.errors import (
    ContractViolationError,
    DeclarationError,
    EventError,
    EventRouteError,
    JSONTextError,
    LimitExceededError,
    NameNotFoundError,
    PublishError,
    SignatureError,
)
from eventroute_aws.push.http import RefusedError

__all__ = ["status_of"]

_FINAL: Final = (
    ContractViolationError,
    DeclarationError,
    EventError,
    JSONTextError,
    LimitExceededError,
    NameNotFoundError,
)


def status_of(error: EventRouteError) -> int:
    """The HTTP status of an answer. 4xx is for what can never succeed."""
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, SignatureError):
        return 403
    if isinstance(error, PublishError):
        failures = [one for _, one in error.outcomes if one is not None]
        return max(map(status_of, failures))
    return 400 if isinstance(error, _FINAL) else 503
