"""What travels beside an event as attributes of its message: written and read here."""

from __future__ import annotations

import json
from logging import getLogger
from typing import TYPE_CHECKING, Final

from eventroute.pattern.narrow import CLAIM
from eventroute.port import NO_HEADERS

if TYPE_CHECKING:
    from eventroute.port import Headers

__all__ = ["CLAIM", "DEAD", "HEADERS", "MOST", "read_headers", "write_headers"]

logger: Final = getLogger("eventroute.aws")

HEADERS: Final = "eventroute-headers"
"""All headers as one JSON object, since a message has ten attributes at most."""

DEAD: Final = "eventroute-dead"
"""Why a message is in a dead-letter queue: a JSON object."""

MOST: Final = 10
"""Attributes that one message may have. One with more is dropped on its way into a queue, without
a word, if delivered raw: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html"""


def write_headers(headers: Headers) -> str:
    """The value of the attribute `HEADERS`. Without headers, there is no such attribute."""
    return json.dumps(dict(headers), separators=(",", ":"))


def read_headers(text: str | None) -> Headers:
    """The headers in the attribute `HEADERS`; none where others wrote what is no such object."""
    if not text:
        return NO_HEADERS
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        logger.warning("the attribute %s of a message is no JSON object: %.100r", HEADERS, text)
        return NO_HEADERS
    return {name: value for name, value in read.items() if isinstance(value, str)}
