"""The EventBridge backend: its parts, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.targets import KINDS
from eventroute_aws.archiving import ArchivingAwsAdapter
from eventroute_aws.capabilities import capabilities_of
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.delays.delaying import Delaying
from eventroute_aws.delays.provision import ProvisioningOfDelays
from eventroute_aws.eventbridge.archive.provision import ProvisioningOfArchive
from eventroute_aws.eventbridge.archive.replaying import Replays
from eventroute_aws.eventbridge.filters import dialect_of
from eventroute_aws.eventbridge.provision import Provisioner
from eventroute_aws.eventbridge.publisher import Publisher
from eventroute_aws.queues.consumer import Consumer

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["eventbridge_adapter"]


def eventbridge_adapter(options: EventBridgeOptions, clock: Clock) -> ArchivingAwsAdapter:
    """One event bus; a rule and an SQS queue for each subscription."""
    clients = Clients(options)
    claims = None if options.claim_check is None else Claims(clients, options.claim_check)
    publisher = Publisher(clients, options, claims)
    delays = Delaying(publisher, clients, options, clock, claims)
    capabilities = capabilities_of(
        options,
        delays,
        claims,
        ordered=False,
        max_event_bytes=publisher.max_event_bytes,
        filtering=dialect_of(options).name,
        targets=KINDS,
    )
    consumer = Consumer(clients, options, clock, claims)
    with_archive = ProvisioningOfArchive(Provisioner(clients, options), clients, options)
    provisioner = ProvisioningOfDelays(with_archive, clients, options)
    archive = Replays(clients, options)
    return ArchivingAwsAdapter(clients, capabilities, provisioner, delays, consumer, archive)
