"""The whole document.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from eventroute.documents.asyncapi3.messages import Messages
from eventroute.documents.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.documents.described import (
        Described,
        DescribedRoute,
        DescribedSubscription,
        DescribedType,
        Reach,
    )

__all__ = ["asyncapi"]

_SERVERS: Final = {
    "sns": ("sns.{region}.amazonaws.com", "sns", "SNS topics, and SQS queues behind them."),
    "eventbridge": ("events.{region}.amazonaws.com", "https", "An event bus, and SQS queues."),
}
_REMOTE: Final = {
    "sns": ("sns",),
    "eventbridge": ("eventbridge",),
    "aws": ("sns", "eventbridge"),
}
"""The servers of the backends that are reached over the network."""

_ANY: Final = ""
"""Stands for the topics that a pattern leaves open, where no type is known."""


def asyncapi(described: Described) -> dict[str, object]:
    """Describe an application as an AsyncAPI 3.0 document.

    A topic is a channel, because it is what one publishes to; each version of an event type is a
    message of it. Routers that say what they publish send; subscriptions receive. What AsyncAPI has
    no word for is in members that begin with ``x-eventroute-``.

    :returns: JSON values; the same for the same application.
    :raises ContractError: a contract refers to what is not in it, or is nested too deeply.
    """
    document = _Document(described)
    return document.written()


class _Document:
    def __init__(self, described: Described) -> None:
        self._described = described
        self._messages = Messages(described.used_types)
        self._channels = Names()
        self._operations = Names()

    def written(self) -> dict[str, object]:
        described = self._described
        document: dict[str, object] = {
            "asyncapi": "3.0.0",
            "info": {
                "title": described.title,
                "version": described.version,
                "x-eventroute-backend": described.backend,
            },
            "defaultContentType": "application/json",
        }
        if described.backend in _REMOTE:
            document["servers"] = {name: _server(name) for name in _REMOTE[described.backend]}
        document["channels"] = self._written_channels()
        document["operations"] = {**self._sending(), **self._receiving()}
        document["components"] = self._messages.components()
        if described.routes:
            document["x-eventroute-routes"] = [_route(one) for one in described.routes]
        return document

    def _written_channels(self) -> dict[str, object]:
        topics: dict[str, list[DescribedType]] = {}
        for one in self._described.used_types:
            topics.setdefault(one.topic, []).append(one)
        for consumer in self._described.consumers:
            for topic in _open_topics(consumer.reach):
                topics.setdefault(topic, [])
        channels: dict[str, object] = {}
        for topic in sorted(topics):
            channel: dict[str, object] = {"address": topic or None}
            if topic == _ANY:
                channel["description"] = "Topics that nobody names."
            references = [one for type_ in topics[topic] for one in self._messages.of(type_.key)]
            if references:
                channel["messages"] = {one.key: {"$ref": one.component} for one in references}
            channels[self._channel(topic)] = channel
        return channels

    def _channel(self, topic: str) -> str:
        return self._channels.of(topic) if topic else self._channels.of("any", "topic")

    def _sending(self) -> dict[str, object]:
        operations: dict[str, object] = {}
        for publisher in self._described.publishers:
            for topic in sorted({topic for topic, _, _ in publisher.publishes}):
                keys = [
                    self._messages.key(type_, version)
                    for source, type_, version in publisher.publishes
                    if source == topic
                ]
                operations[self._operations.of("send", publisher.name, topic)] = {
                    "action": "send",
                    **self._place(topic, keys),
                    "title": f"{publisher.name} publishes to {topic}",
                }
        return operations

    def _receiving(self) -> dict[str, object]:
        operations: dict[str, object] = {}
        for one in self._described.subscriptions:
            topics = sorted({topic for topic, _ in one.reach.types} | set(_open_topics(one.reach)))
            for topic in topics:
                keys = [
                    message.key
                    for key in one.reach.types
                    if key[0] == topic
                    for message in self._messages.of(key)
                ]
                parts = ("receive", one.name) if len(topics) == 1 else ("receive", one.name, topic)
                operation: dict[str, object] = {
                    "action": "receive",
                    **self._place(topic, keys),
                    "title": one.name,
                }
                if one.description:
                    operation["description"] = one.description
                operations[self._operations.of(*parts)] = {**operation, **_extensions(one)}
        return operations

    def _place(self, topic: str, keys: Iterable[str]) -> dict[str, object]:
        channel = f"#/channels/{self._channel(topic)}"
        references = [{"$ref": f"{channel}/messages/{key}"} for key in keys]
        messages = {"messages": references} if references else {}
        return {"channel": {"$ref": channel}, **messages}


def _server(name: str) -> dict[str, object]:
    host, protocol, text = _SERVERS[name]
    variables = {"region": {"description": "The AWS region."}}
    return {"host": host, "protocol": protocol, "description": text, "variables": variables}


def _open_topics(reach: Reach) -> tuple[str, ...]:
    """Topics of which any event may come; known types stand for those that are left open."""
    if reach.any_topic and not reach.types:
        return (_ANY, *reach.open_topics)
    known = {topic for topic, _ in reach.types}
    return tuple(topic for topic in reach.open_topics if topic not in known)


def _extensions(one: DescribedSubscription) -> dict[str, object]:
    found: dict[str, object] = {
        "x-eventroute-subscription": one.name,
        "x-eventroute-pattern": one.pattern.source,
        "x-eventroute-retry": {
            name.replace("_", "-"): list(value) if isinstance(value, tuple) else value
            for name, value in asdict(one.retry).items()
        },
        "x-eventroute-dead-letter-queue": one.dead_letter_queue,
    }
    if one.ordered_by is not None:
        found["x-eventroute-ordered-by"] = one.ordered_by
    if one.idempotency is not None:
        found["x-eventroute-idempotent-by"] = one.idempotency
    if one.reads is not None:
        found["x-eventroute-reads"] = dict(
            zip(("topic", "type", "version"), one.reads, strict=True)
        )
    return found


def _route(one: DescribedRoute) -> dict[str, object]:
    return {
        "name": one.name,
        "pattern": one.pattern.source,
        "target": {"kind": one.kind, "arn": one.target},
        "dead-letter-queue": one.dead_letter_queue,
    }
