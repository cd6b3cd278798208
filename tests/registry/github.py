"""The schema that GitHub publishes for its webhooks, cut into one contract an event type."""

from __future__ import annotations

from typing import Any

from eventroute.registry import Contract

TOPIC = "github.com"


def contract_for(schema: dict[str, Any], detail_type: str) -> Contract:
    kind, _, action = detail_type.partition(".")
    name = f"{kind}${action or 'event'}"
    if name not in schema["definitions"]:  # repository_dispatch, whose actions its sender invents
        name = f"{kind}$event"
    return Contract(TOPIC, detail_type, 1, alone(schema, name))


def alone(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """One definition, with those that it needs."""
    definitions = schema["definitions"]
    needed: set[str] = set()
    pending = {name}
    while pending:
        needed |= pending
        pending = _references([definitions[one] for one in pending]) - needed
    return {
        "$schema": schema["$schema"],
        "$ref": f"#/definitions/{name}",
        "definitions": {one: definitions[one] for one in needed},
    }


def _references(value: object) -> set[str]:
    if isinstance(value, list):
        return set[str]().union(*map(_references, value))  # pyright: ignore[reportUnknownArgumentType]  any JSON
    if not isinstance(value, dict):
        return set()
    members: dict[str, object] = value
    found = set[str]().union(*map(_references, members.values()))
    reference = members.get("$ref")
    return found | ({reference.rpartition("/")[2]} if isinstance(reference, str) else set())
