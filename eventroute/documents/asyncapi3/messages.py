"""Each version of each event type as a message, and its contract as a schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventroute.documents.asyncapi3.envelope import (
    envelope_example,
    envelope_schema,
    header_schema,
)
from eventroute.documents.asyncapi3.schemas import embed
from eventroute.documents.names import Names
from eventroute.samples import checked_sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.documents.described import DescribedType, DescribedVersion, TypeKey

__all__ = ["Message", "Messages"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a channel.

    :ivar key: in the channel.
    :ivar component: the reference to it in ``components.messages``.
    """

    key: str
    component: str


class Messages:
    """The messages of an application."""

    def __init__(self, types: Iterable[DescribedType]) -> None:
        self._schemas: dict[str, object] = {}
        self._messages: dict[str, object] = {}
        self._keys = Names()
        self._components = Names()
        self._by_type: dict[TypeKey, list[Message]] = {}
        for type_ in types:
            found: list[Message] = self._by_type.setdefault(type_.key, [])
            for version in type_.versions or (None,):
                found.append(self._added(type_, version))  # noqa: PERF401  it has effects

    def of(self, key: TypeKey) -> list[Message]:
        """The messages of an event type, by version."""
        return self._by_type.get(key, [])

    def key(self, type_: str, version: int) -> str:
        """The key of one version in the channel of its topic."""
        return self._keys.of(type_, f"v{version}")

    def components(self) -> dict[str, object]:
        """What the document keeps under ``components``."""
        return {"messages": self._messages, "schemas": self._schemas}

    def _added(self, type_: DescribedType, version: DescribedVersion | None) -> Message:
        number = [] if version is None else [f"v{version.number}"]
        component = self._components.of(type_.topic, type_.name, *number)
        message: dict[str, object] = {
            "name": type_.name,
            "title": " ".join([type_.name, *(f"version {one[1:]}" for one in number)]),
        }
        detail: dict[str, object] = {"type": "object"}
        format_ = None
        if version is not None:
            place = f"#/components/schemas/{component}"
            embedded = embed(version.schema, place)
            self._schemas[component] = embedded.component
            format_ = embedded.format
            detail = {"$ref": embedded.place}
            description = version.schema.get("description")
            if isinstance(description, str):
                message["description"] = description
            message["x-eventroute-version"] = version.number
        payload: dict[str, object] = envelope_schema(type_.topic, type_.name, detail)
        message["contentType"] = "application/json"
        message["headers"] = header_schema(None if version is None else version.number)
        # A reference leads only to schemas of the same format.
        message["payload"] = (
            payload if format_ is None else {"schemaFormat": format_, "schema": payload}
        )
        example = None if version is None else checked_sample(version.schema)
        if example is not None:
            whole = envelope_example(type_.topic, type_.name, example)
            message["examples"] = [{"payload": whole}]
        self._messages[component] = message
        return Message(self._keys.of(type_.name, *number), f"#/components/messages/{component}")
