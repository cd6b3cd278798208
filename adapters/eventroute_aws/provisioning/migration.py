"""What people have to do before a subscription becomes ordered, or stops to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.errors import UnsupportedError
from eventroute_aws.provisioning.names import DEAD, FIFO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eventroute_aws.options import AwsOptions
    from eventroute_aws.provisioning.found import FoundQueue

__all__ = ["migration"]


def migration(
    queues: Mapping[str, Sequence[FoundQueue]],
    options: AwsOptions,
    *,
    region: str,
    topics: Mapping[str, str] | None = None,
) -> UnsupportedError:
    """The error that lists all of it, in the order in which it is to be done.

    :param queues: subscription to its queues of the other kind, from the time before.
    :param topics: source to the ARN of its topic, which cannot keep an order.
    """
    topics = topics or {}
    every = [queue for its_queues in queues.values() for queue in its_queues]
    events = [queue for queue in every if not _is_dead(queue)]
    letters = [queue for queue in every if _is_dead(queue)]
    whose = ", ".join(map(repr, [*queues, *topics]))
    steps = [
        "stop the publishers" + (f" of {', '.join(map(repr, topics))}" if topics else ""),
        *(
            f"let the earlier version of the application work off {queue.name} ({queue.holds:,} "
            "events)"
            for queue in events
        ),
        *(
            f"with that version, redrive or discard the {queue.holds:,} dead letters in "
            f"{queue.name}"
            for queue in letters
            if queue.holds
        ),
    ]
    if topics:
        steps.append("let the other subscriptions of these sources work off their queues")
    where = _where(options, region)
    steps += [f"aws sqs delete-queue --queue-url {queue.url}{where}" for queue in every]
    steps += [f"aws sns delete-topic --topic-arn {arn}{where}" for arn in topics.values()]
    steps.append("open the bus, or run `eventroute apply`, again; all other queues stay")
    return UnsupportedError(
        f"what there is for {whose} was made with an order, or without one, and is needed the "
        "other way, which AWS cannot change. Do this, in this order:"
        + "".join(f"\n  {number}. {step}" for number, step in enumerate(steps, 1))
    )


def _is_dead(queue: FoundQueue) -> bool:
    return queue.name.removesuffix(FIFO).endswith(DEAD)


def _where(options: AwsOptions, region: str) -> str:
    given = {"region": region, "endpoint-url": options.endpoint_url, "profile": options.profile}
    return "".join(f" --{name} {value}" for name, value in given.items() if value is not None)
