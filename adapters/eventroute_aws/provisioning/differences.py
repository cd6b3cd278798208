"""What has to be done so that queues become as they should be."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError
from eventroute_aws.provisioning.policies import (
    Author,
    allowed_in,
    check_size,
    merged,
    statements,
)
from eventroute_aws.provisioning.steps import ChangeQueue, CreateQueue
from eventroute_aws.provisioning.tags import check_owner, lacking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from eventroute_aws.options import AwsOptions
    from eventroute_aws.provisioning.desired import DesiredQueue
    from eventroute_aws.provisioning.found import FoundQueue
    from eventroute_aws.provisioning.steps import QueueStep

__all__ = ["changed", "queue_phases", "told"]

_FIXED: Final = frozenset({"FifoQueue", "FifoTopic"})


def queue_phases(
    desired: Iterable[DesiredQueue],
    found: Mapping[str, FoundQueue],
    author: Author,
    options: AwsOptions,
) -> tuple[tuple[QueueStep, ...], tuple[QueueStep, ...]]:
    """Dead-letter queues, then those that name them.

    :param found: by name.
    :raises ConfigurationError: a queue belongs to another prefix, or one that the options name is
        not there.
    """
    wanted = list(desired)
    dead = [queue for queue in wanted if queue.dead is None]
    others = [queue for queue in wanted if queue.dead is not None]
    return (
        tuple(_steps(dead, found, author, options)),
        tuple(_steps(others, found, author, options)),
    )


def _steps(
    desired: Iterable[DesiredQueue],
    found: Mapping[str, FoundQueue],
    author: Author,
    options: AwsOptions,
) -> Iterator[QueueStep]:
    for queue in desired:
        there = found.get(queue.name)
        ours = statements(
            queue.arn, author, queue.senders, ahead=queue.ahead, of_others=queue.senders_of_others
        )
        policy = merged("" if there is None else there.policy, author, ours)
        check_size(f"the queue {queue.name}", policy or "")
        if there is None:
            if not queue.ours:
                raise ConfigurationError(
                    f"{options.shared_table}.queues.{queue.subscription}: there is no queue "
                    f"{queue.name!r}; create it, or leave the entry out and eventroute makes one"
                )
            yield CreateQueue(queue, _with_rules_to_come(queue, policy or "", options))
            continue
        if queue.ours:
            check_owner(f"the queue {queue.name}", there.tags, options.prefix, queue.tags)
        attributes = changed(queue.attributes, there.attributes)
        details = told(attributes, there.attributes)
        if policy is not None:
            attributes["Policy"] = policy
            details.append(_told_policy(queue, there, author))
        tags = lacking(queue.tags, there.tags)
        details += [f"tag {key}: {value!r}" for key, value in tags.items()]
        if details:
            yield ChangeQueue(queue.name, there.url, attributes, tags, tuple(details))


def _with_rules_to_come(queue: DesiredQueue, policy: str, options: AwsOptions) -> str:
    """EventBridge does not try again where a policy that is not in force yet refuses it."""
    if not queue.rules_to_come:
        return policy
    author = Author(options.prefix, "events.amazonaws.com")
    ahead = statements(queue.arn, author, (), ahead=queue.rules_to_come)
    return merged(policy, author, ahead) or policy


def changed(wanted: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """The attributes that have another value than they should."""
    return {
        name: value
        for name, value in wanted.items()
        if name not in _FIXED and _value(name, value) != _value(name, there.get(name, ""))
    }


def told(attributes: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """The same for people."""
    return [
        f"{name}: {there.get(name) or 'none'}, becomes {value or 'none'}"
        for name, value in attributes.items()
    ]


def _told_policy(queue: DesiredQueue, there: FoundQueue, author: Author) -> str:
    before = allowed_in(there.policy, author)
    now = queue.senders | queue.ahead | queue.senders_of_others
    new = sorted(arn.rpartition(":")[2] for arn in now - before)
    old = sorted(arn.rpartition(":")[2] for arn in before - now)
    waits = not all(any(fnmatchcase(arn, one) for one in before) for arn in now)
    allows = f"allows {', '.join(new)}{', which takes SQS up to a minute' if waits else ''}"
    parts = [allows] * bool(new) + [f"refuses {', '.join(old)}"] * bool(old)
    return f"Policy {'; '.join(parts) or 'has our statement again'}"


def _value(name: str, text: str) -> object:
    if name != "RedrivePolicy" or not text:
        return text
    policy = json.loads(text)
    return policy.get("deadLetterTargetArn"), str(policy.get("maxReceiveCount"))
