"""An event as SNS takes it: body, attributes, message group, and how many bytes that is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from eventroute.errors import ConfigurationError, DeclarationError, EventError
from eventroute.pattern.narrow import SNS_MESSAGE_ATTRIBUTES, attributes_of
from eventroute.topology import ordering_key
from eventroute_aws.message_attributes import CLAIM, HEADERS, MOST, write_headers

if TYPE_CHECKING:
    from types_aiobotocore_sns.type_defs import MessageAttributeValueTypeDef

    from eventroute.envelope import Event
    from eventroute.pattern.narrow import MessageAttribute
    from eventroute.port import Headers
    from eventroute_aws.layout import Topic
    from eventroute_aws.options import SnsOptions

__all__ = ["Composer", "Message", "group_of"]

_NO_KEY: Final = "~none"
_FITS: Final = re.compile(r"(?!~)[!-~]{1,128}", re.ASCII)
# SQS takes the characters of XML 1.0; the control characters cannot stand in JSON anyway.
_NOT_CARRIED: Final = {0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"}


@dataclass(frozen=True, slots=True)
class Message:
    """An entry of a ``PublishBatch``.

    :ivar size: bytes as SNS counts them: body, and names, types and values of attributes.
    :ivar key: message group; ``None`` on a standard topic.
    :ivar deduplication_id: ``None`` on a standard topic.
    """

    body: str
    attributes: dict[str, MessageAttributeValueTypeDef]
    size: int
    key: str | None = None
    deduplication_id: str | None = None


class Composer:
    """Makes messages of events.

    :raises ConfigurationError: ``sns.attributes`` names what SNS refuses.
    """

    def __init__(self, options: SnsOptions) -> None:
        try:
            dialect = SNS_MESSAGE_ATTRIBUTES.with_attributes(options.attributes)
        except DeclarationError as error:
            raise ConfigurationError(f"{options.table}.attributes: {error}") from None
        ours = [HEADERS] if options.claim_check is None else [HEADERS, CLAIM]
        names = [name for _, name in dialect.attributes]
        taken = next((name for name in names if name in (HEADERS, CLAIM)), None)
        if taken is not None:
            raise ConfigurationError(
                f"{options.table}.attributes: {taken!r} is eventroute's own; rename it"
            )
        if len(names) + len(ours) > MOST:
            raise ConfigurationError(
                f"{options.table}.attributes: a message has {MOST} attributes at most, and "
                f"{', '.join(names + ours)} are {len(names) + len(ours)}; remove some"
            )
        head = tuple(one for one in dialect.attributes if one[0] in ("source", "detail-type"))
        self._head = replace(dialect, attributes=head)
        self._more = replace(
            dialect, attributes=tuple(one for one in dialect.attributes if one not in head)
        )
        self._of_type = lru_cache(1024)(self._attributes_of_type)

    def message(
        self, event: Event, headers: Headers, topic: Topic, claim: str | None = None
    ) -> Message:
        """The message of an event.

        :param claim: pointer to the event, whose detail the message leaves out then. It is in the
            envelope, lest this be taken for the event where attributes get lost, and in an
            attribute, where older consumers look for it.
        :raises EventRouteError: the event is not one after all.
        """
        text = event.to_json() if claim is None else _without_detail(event, claim)
        attributes, size = self._of_type(event.source, event.detail_type)
        if headers or claim is not None or self._more.attributes:
            attributes = dict(attributes)
            added: dict[str, MessageAttributeValueTypeDef] = {}
            if self._more.attributes:
                for name, value in attributes_of(event, self._more).items():
                    added[name] = _value(value)
            if headers:
                added[HEADERS] = _text(write_headers(headers))
            if claim is not None:
                added[CLAIM] = _text(claim)
            attributes |= added
            size += _size(added)
        try:
            body = text.decode()
        except UnicodeDecodeError as error:
            raise EventError(f"SNS carries text, and this is not UTF-8: {error}") from None
        if b"\xef\xbf\xbe" in text or b"\xef\xbf\xbf" in text:
            body = body.translate(_NOT_CARRIED)
            size += len(body.encode())
        else:
            size += len(text)
        if topic.ordered_by is None:
            return Message(body, attributes, size)
        group = group_of(event, topic.ordered_by)
        return Message(body, attributes, size, group, _fitting(event.id))

    def _attributes_of_type(
        self, source: str, detail_type: str
    ) -> tuple[dict[str, MessageAttributeValueTypeDef], int]:
        found: dict[str, MessageAttributeValueTypeDef] = {}
        document = {"source": source, "detail-type": detail_type}
        for name, value in attributes_of(document, self._head).items():
            found[name] = _value(value)
        return found, _size(found)


def group_of(event: Event, ordered_by: str) -> str:
    """The message group of an event: its ordering key, as :class:`~eventroute.topology` has it.

    :param ordered_by: dotted path into ``detail``.
    """
    key = ordering_key(event, ordered_by)
    return _fitting(key) if key else _NO_KEY


def _fitting(text: str) -> str:
    """The text, or what stands for it where SQS would refuse it."""
    if _FITS.fullmatch(text):
        return text
    return "~" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}


def _value(attribute: MessageAttribute) -> MessageAttributeValueTypeDef:
    return {"DataType": attribute["DataType"], "StringValue": attribute["StringValue"]}


def _size(attributes: dict[str, MessageAttributeValueTypeDef]) -> int:
    return sum(
        len(name) + len(value["DataType"]) + len(value.get("StringValue", "").encode())
        for name, value in attributes.items()
    )


def _without_detail(event: Event, claim: str) -> bytes:
    envelope = {**event.document, "detail": {}, CLAIM: claim}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
