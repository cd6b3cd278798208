"""What a topology asks of SQS, before anybody has looked at what there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute_aws.limits import LONGEST_HIDING
from eventroute_aws.provisioning.names import LONGEST_QUEUE_NAME

if TYPE_CHECKING:
    from eventroute.topology import Subscription
    from eventroute_aws.options import AwsOptions

__all__ = ["check_hiding", "check_mapped_queues"]

_QUEUE: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_QUEUE_NAME}}}(\.fifo)?")


def check_hiding(one: Subscription) -> None:
    """Refuse what no queue can do for a subscription.

    :raises UnsupportedError: it hides events for too long.
    """
    if one.visibility_timeout > LONGEST_HIDING:
        raise UnsupportedError(
            f"the subscription {one.name!r} hides events for {one.visibility_timeout:g} s; SQS "
            f"does so for {LONGEST_HIDING:,} s at most"
        )


def check_mapped_queues(options: AwsOptions) -> None:
    """Refuse names that no queue can have.

    :raises ConfigurationError: naming the option.
    """
    for name, queue in options.queues.items():
        if not _QUEUE.fullmatch(queue) or len(queue) > LONGEST_QUEUE_NAME:
            raise ConfigurationError(
                f"{options.shared_table}.queues.{name}: {queue!r} cannot name a queue; use up to "
                f"{LONGEST_QUEUE_NAME} letters, digits, '-' and '_', and '.fifo' for a FIFO queue"
            )
    if len(set(options.queues.values())) < len(options.queues):
        raise ConfigurationError(
            f"{options.shared_table}.queues: two subscriptions share a queue; give each its own"
        )
