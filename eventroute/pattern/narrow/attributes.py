"""The message attributes that carry an event's members to SNS."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypedDict

from eventroute.pattern.event_values import EventLike, leaves, read_event, values_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventroute.pattern.json_values import Scalar
    from eventroute.pattern.narrow.dialect import Dialect

__all__ = ["MessageAttribute", "attributes_of"]

_DIGITS: Final = 38
_PRINTABLE: Final = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


class MessageAttribute(TypedDict):
    """As ``Publish`` takes it: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""

    DataType: str
    StringValue: str


def attributes_of(event: EventLike, dialect: Dialect) -> dict[str, MessageAttribute]:
    """The attributes that a policy of the dialect is tested on.

    Members without a leaf are not sent. Names of the dialect's ``attributes`` only.

    :raises JSONTextError: text that is not JSON.
    :raises EventError: JSON that is no object, or values that are not JSON.
    """
    document = read_event(event)
    found: dict[str, MessageAttribute] = {}
    for path, name in dialect.attributes:
        values = list(leaves(values_at(document, path.split("."))))
        if values:
            found[name] = _attribute(values)
    return found


def _attribute(values: Sequence[Scalar]) -> MessageAttribute:
    if len(values) == 1:
        value = values[0]
        if isinstance(value, str) and _PRINTABLE.fullmatch(value):
            return {"DataType": "String", "StringValue": value}
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = format(Decimal(repr(value)), "f")
            if sum(each.isdigit() for each in text) <= _DIGITS:
                return {"DataType": "Number", "StringValue": text}
    # Whatever has no type of its own: several values, true, null, the empty string.
    return {"DataType": "String.Array", "StringValue": json.dumps(list(values))}
