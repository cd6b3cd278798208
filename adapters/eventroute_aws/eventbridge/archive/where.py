"""From the pattern of a replay to the event pattern of the rules that it takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from eventroute.errors import UnsupportedError
from eventroute.pattern.narrow import narrow
from eventroute_aws.eventbridge.filters import dialect_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.pattern import Pattern
    from eventroute_aws.options import EventBridgeOptions

__all__ = ["carried", "pattern_of_replay"]

_ROOM: Final = 90
"""Characters that the clause about the replay takes."""


def carried(pattern: Pattern, options: EventBridgeOptions) -> Mapping[str, Any]:
    """The whole of a pattern, as EventBridge evaluates it.

    :raises UnsupportedError: it evaluates a part only, so that too much would be replayed.
    """
    dialect = dialect_of(options)
    room = options.max_pattern_characters - _ROOM
    narrowed = narrow(pattern, replace(dialect, max_characters=room))
    if not narrowed.exact:
        told = "; ".join(map(str, narrowed.left_out))
        raise UnsupportedError(
            f"EventBridge cannot choose the events of a replay by the whole pattern: {told}. Leave "
            "that out, and let the handler skip what it does not want"
        )
    return narrowed.pattern or {}


def pattern_of_replay(members: Mapping[str, Any], replay: str) -> str:
    """Lets through what matches and belongs to the replay, and nothing that is published now."""
    return msgspec.json.encode({**members, "replay-name": [replay]}).decode()
