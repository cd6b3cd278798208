"""A message as SQS hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_aiobotocore_sqs.literals import MessageSystemAttributeNameType
    from types_aiobotocore_sqs.type_defs import (
        MessageAttributeValueOutputTypeDef,
        MessageAttributeValueTypeDef,
        MessageTypeDef,
    )

__all__ = ["SYSTEM_ATTRIBUTES", "Message", "read_message", "system_attributes"]

SYSTEM_ATTRIBUTES: Final[Sequence[MessageSystemAttributeNameType]] = (
    "ApproximateReceiveCount",
    "SentTimestamp",
)


@dataclass(frozen=True, slots=True)
class Message:
    """One receive of a message.

    :ivar attributes: as ``SendMessage`` takes them.
    :ivar receives: how often it was received, this time included.
    :ivar sent: when it was sent to this queue, in seconds since 1970.
    :ivar group: its message group, if it has one.
    """

    id: str
    handle: str
    body: str
    attributes: Mapping[str, MessageAttributeValueTypeDef]
    receives: int
    sent: float | None
    group: str | None

    def text(self, name: str) -> str | None:
        """The value of an attribute that is a text or a number."""
        value = self.attributes.get(name)
        return None if value is None else value.get("StringValue")


def system_attributes(*, fifo: bool) -> Sequence[MessageSystemAttributeNameType]:
    """What a receive asks for."""
    return (*SYSTEM_ATTRIBUTES, "MessageGroupId") if fifo else SYSTEM_ATTRIBUTES


def read_message(raw: MessageTypeDef) -> Message:
    """Take a message from the answer to ``ReceiveMessage``."""
    system = raw.get("Attributes", {})
    sent = system.get("SentTimestamp")
    return Message(
        raw.get("MessageId", ""),
        raw.get("ReceiptHandle", ""),
        raw.get("Body", ""),
        {name: _copied(value) for name, value in raw.get("MessageAttributes", {}).items()},
        int(system.get("ApproximateReceiveCount", 1)),
        None if sent is None else int(sent) / 1000,
        system.get("MessageGroupId"),
    )


def _copied(value: MessageAttributeValueOutputTypeDef) -> MessageAttributeValueTypeDef:
    kind = value.get("DataType", "String")
    if kind.startswith("Binary"):
        return {"DataType": kind, "BinaryValue": value.get("BinaryValue", b"")}
    return {"DataType": kind, "StringValue": value.get("StringValue", "")}
