"""JSON Schemas of eventroute's own formats, for editors: ``python -m eventroute.schema_files``.

Written in draft-07, which more editors know than any later draft.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from eventroute.config import Settings
from eventroute.pattern_schema import definitions, reference
from eventroute.plugins import KNOWN_BACKENDS, KNOWN_STORES

__all__ = ["schemas", "write_schemas"]

_DIALECT: Final = "http://json-schema.org/draft-07/schema#"
_REFERENCES: Final = "#/definitions/{model}"


class Envelope(BaseModel):
    """An event in EventBridge's shape. Members that are not named here are kept."""

    model_config = ConfigDict(extra="allow", title="Event")

    version: str = Field("0", description="Version of the envelope.")
    id: str = Field(min_length=1, description="Unique name of the event.")
    detail_type: str = Field(alias="detail-type", min_length=1, description="The event type.")
    source: str = Field(min_length=1, description="The topic.")
    account: str = Field("", description="AWS account.")
    time: str = Field("", description="When it happened, as RFC 3339 writes it.")
    region: str = Field("", description="AWS region.")
    resources: list[str] = Field([], description="ARNs that the event concerns.")
    detail: dict[str, object] = Field(description="The payload.")


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by the name of its file."""
    rule: dict[str, Any] = {
        "description": "An event pattern, or its JSON text.",
        "type": ["object", "string"],
        "if": {"type": "object"},
        "then": reference("pattern"),
    }
    return {
        "config.json": _config(),
        "event.json": _from_model(Envelope) | {"description": "One event, in EventBridge's shape."},
        "pattern.json": {
            "$schema": _DIALECT,
            "title": "Event pattern",
            "allOf": [reference("pattern")],  # draft-07 ignores what stands beside a $ref
            "definitions": definitions(),
        },
        "rules.json": {
            "$schema": _DIALECT,
            "title": "Rules",
            "description": "Event patterns by name.",
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"minLength": 1},
            "additionalProperties": rule,
            "definitions": definitions(),
        },
    }


def write_schemas(folder: str | Path) -> list[Path]:
    """Write every schema into a folder, which is created; return the files."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, schema in schemas().items():
        path = Path(folder) / name
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _config() -> dict[str, Any]:
    schema = _from_model(Settings)
    options = {"type": "object", "description": "Options of a backend, as its adapter knows them."}
    stored = {"type": "object", "description": "Options of a store of contracts."}
    registry = schema["definitions"]["RegistrySettings"]
    registry["additionalProperties"] = stored
    registry["properties"] |= dict.fromkeys(sorted(KNOWN_STORES), stored)
    return schema | {
        "title": "eventroute.toml",
        "description": "Which backend runs an eventroute application, and how it works.",
        "properties": schema["properties"] | dict.fromkeys(sorted(KNOWN_BACKENDS), options),
        "additionalProperties": options,
    }


def _from_model(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REFERENCES)
    inner: dict[str, Any] = schema.pop("$defs", {})
    for part in (schema, *inner.values()):
        _tidy(part)
    return {"$schema": _DIALECT, **schema} | ({"definitions": inner} if inner else {})


def _tidy(part: dict[str, Any]) -> None:
    # Docstrings speak to Python programmers; the members have descriptions of their own.
    part.pop("description", None)
    for member in part["properties"].values():
        member.pop("title", None)


if __name__ == "__main__":
    for file in write_schemas(*sys.argv[1:] or ["schemas/eventroute"]):
        print(file)  # noqa: T201  the command's output
