"""The queues of a subscription as they should be."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from eventroute_aws.provisioning.names import FIFO, Names
from eventroute_aws.provisioning.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.topology import Subscription
    from eventroute_aws.options import AwsOptions
    from eventroute_aws.provisioning.names import Place

__all__ = ["DesiredQueue", "desired_queues", "queue_attributes"]


@dataclass(frozen=True, slots=True)
class DesiredQueue:
    """A queue.

    :ivar senders: ARNs of what is to send to it; ``*`` stands for any characters.
    :ivar ahead: the same of what may come to send later: allowed from the start, since a changed
        policy takes up to a minute until it counts.
    :ivar senders_of_others: the same of what others made send to it.
    :ivar rules_to_come: ARNs of rules that may come to send to it, where another part of the
        backend looks after them: allowed when it is made, and then left to that part.
    :ivar dead: name of its dead-letter queue; ``None`` of one that is such a queue.
    :ivar ours: whether it is eventroute's to make, to change and to delete.
    """

    name: str
    arn: str
    subscription: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    senders: frozenset[str] = frozenset()
    ahead: frozenset[str] = frozenset()
    senders_of_others: frozenset[str] = frozenset()
    rules_to_come: frozenset[str] = frozenset()
    dead: str | None = None
    ours: bool = True


def desired_queues(
    one: Subscription, options: AwsOptions, place: Place, dead: str | None = None
) -> tuple[DesiredQueue, DesiredQueue]:
    """The dead-letter queue of a subscription and its queue; who may send to them is left open.

    :param dead: name of the dead-letter queue that a mapped queue has already.
    """
    names = Names(options.prefix)
    own = names.queue(one.name, fifo=one.ordered_by is not None)
    name = options.queues.get(one.name, own)
    fifo = name.endswith(FIFO)
    dead_name = dead or names.dead(one.name, fifo=fifo)
    tags = tags_of(options, {"eventroute:subscription": one.name})
    shared = queue_attributes(options, fifo=fifo)
    rules: frozenset[str] = frozenset()
    if options.other_bus is not None and names.begin and not fifo:
        rules = frozenset({place.rule(f"{names.begin}*", options.other_bus)})
    redrive = {
        "deadLetterTargetArn": place.queue(dead_name),
        "maxReceiveCount": options.max_receive_count,
    }
    letters = DesiredQueue(
        dead_name,
        place.queue(dead_name),
        one.name,
        {**shared, "MessageRetentionPeriod": str(options.dead_letter_retention)},
        tags,
        rules_to_come=rules,
    )
    if dead is not None:
        letters = replace(letters, attributes={}, tags={}, ours=False)
    events = DesiredQueue(
        name,
        place.queue(name),
        one.name,
        {
            **shared,
            "MessageRetentionPeriod": str(options.retention),
            "RedrivePolicy": json.dumps(redrive, separators=(",", ":")),
            "VisibilityTimeout": str(ceil(one.visibility_timeout)),
        },
        tags,
        rules_to_come=rules,
        dead=dead_name,
    )
    if one.name in options.queues:
        events = replace(events, attributes={}, tags={}, ours=False)
    return letters, events


def queue_attributes(options: AwsOptions, *, fifo: bool) -> dict[str, str]:
    """Those that every queue of ours has."""
    key = options.kms_key
    attributes = {
        "KmsMasterKeyId": key or "",
        "MaximumMessageSize": "1048576",
        "SqsManagedSseEnabled": "true" if key is None else "false",
    }
    if fifo:
        attributes["FifoQueue"] = "true"
        attributes["ContentBasedDeduplication"] = "false"
        attributes["DeduplicationScope"] = "messageGroup"
        attributes["FifoThroughputLimit"] = "perMessageGroupId"
    return attributes
