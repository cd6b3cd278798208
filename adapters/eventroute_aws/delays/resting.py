"""An event that waits, as one text: what a schedule can carry has no attributes."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from eventroute.errors import EventError
from eventroute.port import NO_HEADERS

if TYPE_CHECKING:
    from eventroute.port import Headers

__all__ = ["Resting", "read_resting"]

# SQS takes the characters of XML 1.0, and Scheduler replaces its keywords wherever they stand:
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
_NOT_CARRIED: Final = re.compile(
    r"<aws\.scheduler\.|[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Resting:
    """An event that waits to be published.

    :ivar due: when it is to be published, in seconds since 1970.
    :ivar body: the envelope, byte for byte; empty where it lies elsewhere.
    :ivar claim: pointer to the envelope.
    """

    due: float
    body: bytes
    headers: Headers = field(default_factory=lambda: NO_HEADERS)
    claim: str | None = None

    def text(self) -> str:
        """A JSON object in one line, and below it the envelope.

        :raises EventError: the envelope is not UTF-8.
        """
        head: dict[str, Any] = {"due": self.due}
        if self.headers:
            head["headers"] = dict(self.headers)
        if self.claim is not None:
            head["claim"] = self.claim
        try:
            event = self.body.decode()
        except UnicodeDecodeError as error:
            raise EventError(f"SQS carries text, and this is not UTF-8: {error}") from None
        if _NOT_CARRIED.search(event):
            head["base64"] = True
            event = b64encode(self.body).decode()
        told = json.dumps(head, separators=(",", ":")).replace("<", "\\u003c")
        return f"{told}\n{event}"


def read_resting(text: str) -> Resting:
    """The event in a message.

    :raises EventError: others have written it.
    """
    told, _, event = text.partition("\n")
    try:
        head = json.loads(told)
        body = event.encode(errors="surrogatepass")
        if head.get("base64") is True:
            body = b64decode(event, validate=True)
    except (ValueError, AttributeError, RecursionError) as error:
        raise EventError(f"not a delayed event: {error}") from None
    due, headers, claim = head.get("due"), head.get("headers", {}), head.get("claim")
    is_time = isinstance(due, int | float) and not isinstance(due, bool) and isfinite(due)
    if not is_time or not isinstance(headers, dict) or not isinstance(claim, str | None):
        raise EventError(f"not a delayed event: its first line is {told[:200]!r}")
    return Resting(
        float(due),
        body,
        {str(name): value for name, value in headers.items() if isinstance(value, str)},
        claim,
    )
