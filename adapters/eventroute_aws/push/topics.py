"""The topics that may push."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["checked_topics"]

_ARN: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}", re.ASCII)


def checked_topics(topics: Iterable[str]) -> frozenset[str]:
    """Check what a program lists.

    :raises ConfigurationError: nothing, or what is no topic, or cannot push.
    """
    if isinstance(topics, str):
        raise ConfigurationError(f"topics={topics!r}: give a list of ARNs")
    checked = frozenset(topics)
    for topic in checked:
        if not isinstance(topic, str) or _ARN.fullmatch(topic) is None:
            raise ConfigurationError(f"topics: {topic!r} is no ARN of a topic")
        if topic.endswith(".fifo"):
            raise ConfigurationError(
                f"topics: {topic!r}: SNS pushes FIFO topics into queues only; use the backend sns"
            )
    if not checked:
        raise ConfigurationError("topics: name those that may push, by ARN")
    return checked
