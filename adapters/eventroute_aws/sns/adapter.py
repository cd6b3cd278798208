"""The SNS backend: its parts, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.port import Capabilities
from eventroute_aws.adapter import AwsAdapter
from eventroute_aws.claims import Claims
from eventroute_aws.clients import Clients
from eventroute_aws.limits import BATCH, LONGEST_HIDING
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
    publisher = Publisher(clients, options, provisioner.topic, claims)
    capabilities = Capabilities(
        ordered=True,
        durable=True,
        multi_process=True,
        max_event_bytes=publisher.max_event_bytes,
        max_release_delay=LONGEST_HIDING,
        max_publish_delay=0,
        batch_size=BATCH,
        filtering="an SNS filter policy (MessageBody)",
        native_dead_letters=True,
        max_attempts=options.max_receive_count - 1,  # one may end with its worker, unburied
        when_too_large=publisher.when_too_large,
        fan_out_lag=options.fan_out_lag,
    )
    consumer = Consumer(clients, options, clock, claims)
    return AwsAdapter(clients, capabilities, provisioner, publisher, consumer)
