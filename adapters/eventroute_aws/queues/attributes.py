"""The message attributes of eventroute's own."""

from __future__ import annotations

from typing import Final

__all__ = ["CLAIM", "DEAD", "HEADERS", "MOST"]

CLAIM: Final = "eventroute-claim"
"""Where the event is, if the message is only an envelope without its detail."""

DEAD: Final = "eventroute-dead"
"""Why a message is in a dead-letter queue: a JSON object."""

HEADERS: Final = "eventroute-headers"
"""The headers of an event: a JSON object of strings; absent without headers."""

MOST: Final = 10
"""Attributes that one message may have."""
