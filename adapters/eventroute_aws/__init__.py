"""AWS backends: the same application on SNS topics or an event bus, and SQS queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.backend_options import read_table
from eventroute_aws.eventbridge.adapter import eventbridge_adapter
from eventroute_aws.mixed.adapter import mixed_adapter
from eventroute_aws.mixed.options import MixedOptions, read_options
from eventroute_aws.options import EventBridgeOptions, SnsOptions
from eventroute_aws.sns.adapter import sns_adapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.clock import Clock
    from eventroute_aws.adapter import AwsAdapter
    from eventroute_aws.archiving import ArchivingAwsAdapter

__all__ = [
    "EventBridgeOptions",
    "MixedOptions",
    "SnsOptions",
    "create_aws",
    "create_eventbridge",
    "create_sns",
]


def create_sns(options: Mapping[str, object], clock: Clock) -> AwsAdapter:
    """Make the adapter for SNS and SQS: what the entry point ``eventroute.adapters`` names.

    :raises ConfigurationError: an option is unknown or has a wrong value.
    """
    return sns_adapter(read_table(SnsOptions, "sns", options), clock)


def create_eventbridge(options: Mapping[str, object], clock: Clock) -> ArchivingAwsAdapter:
    """Make the adapter for EventBridge and SQS: as :func:`create_sns`.

    :raises ConfigurationError: an option is unknown or has a wrong value.
    """
    return eventbridge_adapter(read_table(EventBridgeOptions, "eventbridge", options), clock)


def create_aws(options: Mapping[str, object], clock: Clock) -> ArchivingAwsAdapter:
    """Make the adapter for sources on SNS and sources on EventBridge: as :func:`create_sns`.

    :raises ConfigurationError: an option is unknown or has a wrong value.
    """
    return mixed_adapter(read_options(options), clock)
