"""What a message tells in a dead-letter queue: why it died, and what it was before."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from eventroute_aws.limits import LARGEST_BATCH
from eventroute_aws.message_attributes import DEAD, MOST
from eventroute_aws.queues.batches import Parcel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_aiobotocore_sqs.type_defs import MessageAttributeValueTypeDef

    from eventroute.port import Bury
    from eventroute_aws.queues.message import Message

    Attributes = Mapping[str, MessageAttributeValueTypeDef]

__all__ = ["Death", "burial", "death_of", "revival"]

_OURS: Final = "eventroute-"
_ERROR: Final = "ERROR_CODE"
_UNDELIVERED: Final = frozenset(
    {
        _ERROR,
        "ERROR_MESSAGE",
        "EXHAUSTED_RETRY_CONDITION",
        "RETRY_ATTEMPTS",
        "RULE_ARN",
        "RequestID",
        "TARGET_ARN",
    }
)
"""Attributes of what EventBridge or SNS could not deliver to its queue.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html and
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
"""


@dataclass(frozen=True, slots=True)
class Death:
    """Why a message is in a dead-letter queue; see :class:`eventroute.port.DeadLetter`."""

    reason: str
    error: str = ""
    traceback: str = ""
    attempts: int = 0
    died: datetime | None = None


def burial(bury: Bury, message: Message, *, fifo: bool, room: int = LARGEST_BATCH) -> Parcel:
    """The message for the dead-letter queue: as it came, and with its :class:`Death`.

    The last characters of the traceback, then of the error, are left out where it would be too
    large. Attributes that find no room beside it move into it, and so does its message group: each
    letter has its own, as letters that are looked at would hide the others of theirs.

    :param room: bytes of the largest message that the dead-letter queue takes.
    """
    names = sorted(message.attributes, key=lambda name: not name.startswith(_OURS))
    kept = {name: message.attributes[name] for name in names[: MOST - 1]}
    told: dict[str, Any] = {
        "reason": bury.reason,
        "error": bury.error,
        "traceback": bury.traceback,
        "attempts": bury.delivery.attempt if bury.attempts is None else bury.attempts,
        "died": datetime.now(UTC).isoformat(),
    }
    if names[MOST - 1 :]:
        told["attributes"] = {name: _packed(message.attributes[name]) for name in names[MOST - 1 :]}
    # A message can be buried again after a burial of which only the first half succeeded.
    once = f"{message.id}-{message.receives}" if fifo else None
    if fifo:
        told["group"] = message.group
    parcel = Parcel(message.body, kept, message.group, once)
    text = _fitting(told, room - parcel.size - len(DEAD) - len("String"))
    if text is not None:
        kept[DEAD] = {"DataType": "String", "StringValue": text}
        if fifo:
            parcel.group = once
    return parcel


def death_of(message: Message, receives: int) -> Death:
    """Why a message is there; what SQS or EventBridge put there by itself has no story.

    :param receives: after how many SQS gives up.
    """
    told = _told(message)
    if told is None:
        if _ERROR in message.attributes:
            died = None if message.sent is None else datetime.fromtimestamp(message.sent, UTC)
            return Death("undeliverable", _undelivered(message), died=died)
        return Death("max-receive-count", attempts=receives)
    died = told.get("died")
    return Death(
        str(told.get("reason", "")),
        str(told.get("error", "")),
        str(told.get("traceback", "")),
        told["attempts"] if isinstance(told.get("attempts"), int) else 0,
        _moment(died) if isinstance(died, str) else None,
    )


def revival(message: Message, *, fifo: bool) -> Parcel:
    """The message as it was before it died, to be sent to its queue."""
    told = _told(message)
    undelivered = told is None and _ERROR in message.attributes
    added = {DEAD} | (_UNDELIVERED if undelivered else frozenset())
    attributes = {name: one for name, one in message.attributes.items() if name not in added}
    packed = (told or {}).get("attributes")
    group = (told or {}).get("group")
    for name, value in packed.items() if isinstance(packed, dict) else ():
        unpacked = _unpacked(value)
        if unpacked is not None:
            attributes[name] = unpacked
    # Another id than the one under which the queue may still remember it.
    once = f"{message.id}-{message.receives}" if fifo else None
    return Parcel(
        message.body, attributes, group if fifo and isinstance(group, str) else message.group, once
    )


def _undelivered(message: Message) -> str:
    """What EventBridge or SNS say of a message that did not reach its queue."""
    said = f"{message.text(_ERROR)}: {message.text('ERROR_MESSAGE') or ''}"
    rule = message.text("RULE_ARN")
    if rule is None:
        return said
    retries = message.text("RETRY_ATTEMPTS") or "0"
    exhausted = message.text("EXHAUSTED_RETRY_CONDITION")
    gave_up = f"after {retries} retries" + (f", by {exhausted}" if exhausted else "")
    target = message.text("TARGET_ARN")
    return f"{said} ({rule} could not reach {target}; EventBridge gave up {gave_up})"


def _told(message: Message) -> dict[str, Any] | None:
    text = message.text(DEAD)
    if text is None:
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _fitting(told: dict[str, Any], room: int) -> str | None:
    for name in ("traceback", "error"):
        excess = len(json.dumps(told)) - room
        if excess <= 0:
            break
        told[name] = _shortened(told[name], excess)
    needed = {name: told[name] for name in ("reason", "group") if name in told}
    for members in (told, needed):
        text = json.dumps(members)
        if len(text) <= room:
            return text
    return None


def _shortened(text: str, excess: int) -> str:
    """Leave out as many characters at the end as have so many bytes in JSON."""
    end = len(text)
    while end and excess > 0:
        end -= 1
        excess -= len(json.dumps(text[end])) - 2
    return text[:end]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _packed(value: MessageAttributeValueTypeDef) -> list[str]:
    binary = value.get("BinaryValue")
    if isinstance(binary, bytes):
        return [value["DataType"], b64encode(binary).decode()]
    return [value["DataType"], value.get("StringValue", "")]


def _unpacked(packed: object) -> MessageAttributeValueTypeDef | None:
    match packed:
        case [str(kind), str(text)] if kind.startswith("Binary"):
            try:
                return {"DataType": kind, "BinaryValue": b64decode(text, validate=True)}
            except ValueError:
                return None
        case [str(kind), str(text)]:
            return {"DataType": kind, "StringValue": text}
        case _:
            return None
