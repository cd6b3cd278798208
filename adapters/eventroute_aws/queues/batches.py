"""Requests about many messages at once, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from eventroute.errors import EventRouteError, LeaseLostError, OutcomeUnknownError
from eventroute_aws.failures import code_of, outcome_of_entry, translate
from eventroute_aws.limits import BATCH, LARGEST_BATCH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from types_aiobotocore_sqs import SQSClient
    from types_aiobotocore_sqs.type_defs import MessageAttributeValueTypeDef

    from eventroute_aws.queues.message import Message

__all__ = ["Outcome", "Parcel", "delete", "hide", "send"]

Outcome = EventRouteError | None


_LOST: Final = frozenset(
    {
        "AWS.SimpleQueueService.MessageNotInflight",
        "MessageNotInflight",
        "ReceiptHandleIsInvalid",
    }
)
_LOST_WORDS: Final = ("receipthandle", "receipt handle", "not available for visibility timeout")
_T = TypeVar("_T")


class Parcel:
    """A message to be sent.

    :ivar group: its message group.
    :ivar once: deduplication id; ``None`` for a standard queue.
    :ivar delay: seconds until SQS hands it out, up to 900; 0 for a FIFO queue.
    """

    __slots__ = ("attributes", "body", "delay", "group", "once")

    def __init__(
        self,
        body: str,
        attributes: Mapping[str, MessageAttributeValueTypeDef],
        group: str | None = None,
        once: str | None = None,
        delay: int = 0,
    ) -> None:
        self.body = body
        self.attributes = attributes
        self.group = group
        self.once = once
        self.delay = delay

    @property
    def key(self) -> str | None:
        """What belongs together: its message group."""
        return self.group

    @property
    def size(self) -> int:
        """Bytes, as SQS counts them."""
        return len(self.body.encode(errors="surrogatepass")) + sum(
            len(name) + len(value["DataType"]) + _size_of(value)
            for name, value in self.attributes.items()
        )

    def entry(self, number: int) -> dict[str, Any]:
        """As ``SendMessageBatch`` takes it."""
        entry: dict[str, Any] = {"Id": str(number), "MessageBody": self.body}
        if self.attributes:
            entry["MessageAttributes"] = dict(self.attributes)
        if self.group is not None:
            entry["MessageGroupId"] = self.group
        if self.once is not None:
            entry["MessageDeduplicationId"] = self.once
        if self.delay:
            entry["DelaySeconds"] = self.delay
        return entry


async def delete(client: SQSClient, url: str, messages: Sequence[Message]) -> list[Outcome]:
    """Delete messages under their leases; one outcome each."""

    async def call(chunk: Sequence[Message]) -> Mapping[str, Any]:
        return await client.delete_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": one.handle} for number, one in enumerate(chunk)
            ],
        )

    return await _in_batches(messages, call, f"deleting from {url}")


async def hide(
    client: SQSClient, url: str, messages: Sequence[tuple[Message, int]]
) -> list[Outcome]:
    """Hide messages for so many seconds from now, 0 to show them; one outcome each."""

    async def call(chunk: Sequence[tuple[Message, int]]) -> Mapping[str, Any]:
        return await client.change_message_visibility_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(number), "ReceiptHandle": one.handle, "VisibilityTimeout": seconds}
                for number, (one, seconds) in enumerate(chunk)
            ],
        )

    return await _in_batches(messages, call, f"changing leases in {url}")


async def send(client: SQSClient, url: str, parcels: Sequence[Parcel]) -> list[Outcome]:
    """Send messages, in order; one outcome each."""

    async def call(chunk: Sequence[Parcel]) -> Mapping[str, Any]:
        entries: Any = [one.entry(number) for number, one in enumerate(chunk)]
        return await client.send_message_batch(QueueUrl=url, Entries=entries)

    return await _in_batches(parcels, call, f"sending to {url}", lambda one: one.size)


async def _in_batches(
    items: Sequence[_T],
    call: Callable[[Sequence[_T]], Awaitable[Mapping[str, Any]]],
    doing: str,
    size: Callable[[_T], int] = lambda _: 0,
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for chunk in _chunks(items, size):
        try:
            answer = await call(chunk)
        except Exception as error:
            one = translate(error, doing)
            if len(chunk) == 1 and _is_lost(code_of(error), str(error)):
                one = LeaseLostError(f"{doing}: the lease has ended ({error})")
            outcomes += [one] * len(chunk)
        else:
            outcomes += _outcomes(answer, len(chunk), doing)
    return outcomes


def _chunks(items: Sequence[_T], size: Callable[[_T], int]) -> Iterator[Sequence[_T]]:
    chunk: list[_T] = []
    room = LARGEST_BATCH
    for one in items:
        needed = size(one)
        if chunk and (len(chunk) == BATCH or needed > room):
            yield chunk
            chunk, room = [], LARGEST_BATCH
        chunk.append(one)
        room -= needed
    if chunk:
        yield chunk


def _outcomes(answer: Mapping[str, Any], count: int, doing: str) -> list[Outcome]:
    silence = OutcomeUnknownError(f"{doing}: the answer leaves a message out")
    outcomes: list[Outcome] = [silence] * count
    for entry in answer.get("Successful", ()):
        outcomes[int(entry["Id"])] = None
    for entry in answer.get("Failed", ()):
        code, said = str(entry.get("Code", "")), str(entry.get("Message", ""))
        outcomes[int(entry["Id"])] = (
            LeaseLostError(f"{doing}: the lease has ended ({code}: {said})")
            if _is_lost(code, said)
            else outcome_of_entry(
                code, said, sender_fault=bool(entry.get("SenderFault")), doing=doing
            )
        )
    return outcomes


def _is_lost(code: str, said: str) -> bool:
    # FIFO queues answer InvalidParameterValue where others say ReceiptHandleIsInvalid.
    said = said.lower()
    return code in _LOST or (
        code.startswith("InvalidParameterValue") and any(words in said for words in _LOST_WORDS)
    )


def _size_of(value: MessageAttributeValueTypeDef) -> int:
    binary = value.get("BinaryValue")
    if isinstance(binary, bytes | bytearray):
        return len(binary)
    return len(value.get("StringValue", "").encode(errors="surrogatepass"))
