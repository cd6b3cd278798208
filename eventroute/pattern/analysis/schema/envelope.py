"""The schema of whole events, made from that of their detail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, cast

from eventroute.dialects.keywords import MAPS
from eventroute.errors import ContractError

__all__ = ["DETAIL_POINTER", "detail_schema"]

DETAIL_POINTER: Final = "/properties/detail/allOf/1"
"""Where the schema of the detail lies in what :func:`detail_schema` makes."""

_TEXTS: Final = ("version", "id", "detail-type", "source", "account", "time", "region")

_DEEPEST: Final = 200
_DATA: Final = frozenset(("const", "default", "enum", "examples", "required"))


def detail_schema(
    schema: Mapping[str, object] | bool,
    *,
    source: str | None = None,
    detail_type: str | None = None,
) -> dict[str, object]:
    """Wrap the schema of a detail into that of the whole event, in EventBridge's envelope.

    :param schema: draft-04 to 2020-12. References into itself keep leading to the same place.
    :param source: the only topic of the events, where there is one.
    :param detail_type: the only event type, where there is one.
    """
    texts: dict[str, object] = {name: {"type": "string"} for name in _TEXTS}
    for name, only in (("source", source), ("detail-type", detail_type)):
        if only is not None:
            texts[name] = {"enum": [only]}
    moved = _moved(dict(schema) if isinstance(schema, Mapping) else schema, 0)
    dialect: dict[str, object] = {}
    if isinstance(moved, dict) and "$schema" in moved:
        dialect["$schema"] = cast("dict[str, object]", moved).pop("$schema")
    return {
        **dialect,
        "type": "object",
        "required": ["id", "detail-type", "source", "detail"],
        "properties": {
            **texts,
            "resources": {"type": "array", "items": {"type": "string"}},
            "detail": {"allOf": [{"type": "object"}, moved]},
        },
    }


def _moved(schema: object, depth: int) -> object:
    """The schema with references as they must read at its new place."""
    if depth > _DEEPEST:
        raise ContractError(f"the schema nests more than {_DEEPEST} levels deep; flatten it")
    if isinstance(schema, list):
        return [_moved(item, depth + 1) for item in schema]
    if not isinstance(schema, dict):
        return schema
    moved: dict[str, object] = {}
    for name, value in schema.items():
        if name == "$ref" and isinstance(value, str) and re.fullmatch("#(/.*)?", value):
            moved[name] = f"#{DETAIL_POINTER}{value[1:]}"
        elif name in MAPS and isinstance(value, dict):
            moved[name] = {key: _moved(each, depth + 1) for key, each in value.items()}
        else:
            moved[name] = value if name in _DATA else _moved(value, depth + 1)
    return moved
