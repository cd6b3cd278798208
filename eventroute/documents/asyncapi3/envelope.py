"""What travels: EventBridge's envelope around the detail, and headers beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eventroute.port import REPLAYED, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXAMPLE_ID", "EXAMPLE_TIME", "envelope_example", "envelope_schema", "header_schema"]


EXAMPLE_ID: Final = "00000000-0000-4000-8000-000000000000"
EXAMPLE_TIME: Final = "2026-01-31T12:00:00Z"


def envelope_schema(topic: str, name: str, detail: Mapping[str, object]) -> dict[str, object]:
    """JSON Schema of the whole event, as it lies in queues.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html

    :param detail: a schema, or a reference to one.
    """
    return {
        "type": "object",
        "required": ["id", "detail-type", "source", "detail"],
        "properties": {
            "version": {"type": "string"},
            "id": {"type": "string", "description": "Unique name of the event."},
            "detail-type": {"type": "string", "const": name},
            "source": {"type": "string", "const": topic},
            "account": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "region": {"type": "string"},
            "resources": {"type": "array", "items": {"type": "string"}},
            "detail": detail,
        },
    }


def header_schema(version: int | None) -> dict[str, object]:
    """JSON Schema of the headers. Those of an application are texts, too.

    Versions of one type are told apart by theirs: version 1 goes without saying.

    :param version: of the contract; ``None`` where nobody described the type.
    """
    named: dict[str, object] = {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}
    schema: dict[str, object] = {
        "type": "object",
        "properties": {
            VERSION: named if version is None else {"type": "string", "const": str(version)},
            REPLAYED: {
                "type": "string",
                "description": "Names the replay, where the event comes from an archive.",
            },
        },
        "additionalProperties": {"type": "string"},
    }
    if version is not None and version > 1:
        schema["required"] = [VERSION]
    return schema


def envelope_example(topic: str, name: str, detail: Mapping[str, object]) -> dict[str, object]:
    """An event with this detail."""
    return {
        "version": "0",
        "id": EXAMPLE_ID,
        "detail-type": name,
        "source": topic,
        "account": "",
        "time": EXAMPLE_TIME,
        "region": "",
        "resources": [],
        "detail": detail,
    }
