"""The SNS backend: its parts, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, SNS_MESSAGE_BODY
from eventroute_aws.adapter import AwsAdapter
from eventroute_aws.capabilities import capabilities_of
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.delays.delaying import Delaying
from eventroute_aws.delays.provision import ProvisioningOfDelays
from eventroute_aws.queues.consumer import Consumer
from eventroute_aws.sns.provision import Provisioner
from eventroute_aws.sns.publisher import Publisher

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute_aws.options import SnsOptions

__all__ = ["sns_adapter"]


def sns_adapter(options: SnsOptions, clock: Clock, clients: Clients | None = None) -> AwsAdapter:
    """An SNS topic for each event source, an SQS queue for each subscription.

    :param clients: of nobody else; closed with the adapter. Left out, they are made of the options.
    """
    if clients is None:
        clients = Clients(options)
    claims = None if options.claim_check is None else Claims(clients, options.claim_check)
    provisioner = Provisioner(clients, options)
    publisher = Publisher(clients, options, provisioner, claims)
    delays = Delaying(publisher, clients, options, clock, claims)
    capabilities = capabilities_of(
        options,
        delays,
        claims,
        ordered=True,
        max_event_bytes=publisher.max_event_bytes,
        filtering=_filtering(options),
    )
    consumer = Consumer(clients, options, clock, claims)
    provisioning = ProvisioningOfDelays(provisioner, clients, options)
    return AwsAdapter(clients, capabilities, provisioning, delays, consumer, delays)


def _filtering(options: SnsOptions) -> str:
    """The dialects that a filter policy may be written in, as :mod:`eventroute_aws.sns.filters`."""
    if options.attributes:
        return f"{SNS_MESSAGE_BODY.name}, or {SNS_MESSAGE_ATTRIBUTES.name}"
    return SNS_MESSAGE_BODY.name
