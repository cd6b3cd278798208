"""What EventBridge may do with a detail: it reads it and writes it again, in a way of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from eventroute_aws.eventbridge.message import Message


@dataclass(frozen=True)
class Writer:
    """A way to write JSON.

    :ivar order: of the members of an object.
    :ivar space: between the parts.
    :ivar doubles: whether every number is read as a double.
    :ivar java: whether numbers are written as Java does.
    """

    order: Callable[[Iterable[str]], Iterable[str]] = tuple
    space: str = ""
    ascii: bool = False
    doubles: bool = False
    java: bool = False

    def rewrite(self, text: str) -> str:
        return self.write(json.loads(text))

    def write(self, value: Any) -> str:  # noqa: ANN401  any JSON value
        match value:
            case dict():
                members = (
                    f"{self._text(name)}:{self.space}{self.write(value[name])}"
                    for name in self.order(value)
                )
                return f"{{{self.space}{f',{self.space}'.join(members)}}}"
            case list():
                return f"[{f',{self.space}'.join(map(self.write, value))}{self.space}]"
            case int() if self.doubles and not isinstance(value, bool):
                return str(int(float(value)))
            case float() if self.java and "e" in repr(value):
                mantissa, _, exponent = repr(value).partition("e")
                point = "" if "." in mantissa else ".0"
                return f"{mantissa}{point}E{int(exponent)}"
            case _:
                return self._text(value)

    def _text(self, value: Any) -> str:  # noqa: ANN401  any JSON value
        return json.dumps(value, ensure_ascii=self.ascii)


def delivered(
    message: Message, writer: Writer | None = None, replay_name: str | None = None
) -> bytes:
    """The body of the message that EventBridge sends to a queue for an entry."""
    entry: Any = message.entry
    head: dict[str, object] = {
        "version": "0",
        "id": "00000000-of-eventbridge",
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": "111122223333",
        "time": "2000-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": list(entry.get("Resources", ())),
    }
    if replay_name is not None:
        head["replay-name"] = replay_name
    detail = (writer or Writer()).rewrite(entry["Detail"])
    return f'{json.dumps(head)[:-1]},"detail":{detail}}}'.encode()
