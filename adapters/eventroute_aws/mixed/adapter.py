"""The ``aws`` backend: its parts, put together."""

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
from eventroute_aws.eventbridge.provision import Provisioner as EventBridgeProvisioner
from eventroute_aws.eventbridge.publisher import Publisher as EventBridgePublisher
from eventroute_aws.mixed.archive import MixedArchive
from eventroute_aws.mixed.provision import MixedProvisioner
from eventroute_aws.mixed.publisher import MixedPublisher
from eventroute_aws.queues.consumer import Consumer
from eventroute_aws.sns.provision import Provisioner as SnsProvisioner
from eventroute_aws.sns.publisher import Publisher as SnsPublisher

if TYPE_CHECKING:
    from eventroute.clock import Clock
    from eventroute_aws.mixed.options import MixedOptions

__all__ = ["mixed_adapter"]


def mixed_adapter(options: MixedOptions, clock: Clock) -> ArchivingAwsAdapter:
    """SNS topics for some sources, an event bus for the others; an SQS queue a subscription."""
    transports = options.transports
    sns, eventbridge = options.sns_options, options.eventbridge_options
    clients = Clients(options)
    claims = None if options.claim_check is None else Claims(clients, options.claim_check)
    topics = SnsProvisioner(clients, sns)
    rules = ProvisioningOfArchive(
        EventBridgeProvisioner(clients, eventbridge), clients, eventbridge
    )
    by_topic = SnsPublisher(clients, sns, topics, claims)
    by_bus = EventBridgePublisher(clients, eventbridge, claims)
    publisher = MixedPublisher(transports, {"sns": by_topic, "eventbridge": by_bus})
    delays = Delaying(publisher, clients, options, clock, claims)
    provisioner = MixedProvisioner(transports, {"sns": topics, "eventbridge": rules}, options)
    capabilities = capabilities_of(
        options,
        delays,
        claims,
        ordered=True,
        max_event_bytes=min(by_topic.max_event_bytes, by_bus.max_event_bytes),
        filtering="an EventBridge rule, or an SNS filter policy (MessageBody)",
        targets=KINDS,
    )
    return ArchivingAwsAdapter(
        clients,
        capabilities,
        ProvisioningOfDelays(provisioner, clients, options),
        delays,
        Consumer(clients, options, clock, claims),
        MixedArchive(provisioner, Replays(clients, eventbridge)),
    )
