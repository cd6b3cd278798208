"""Members that may be left out of an event, and are never null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from pydantic import Field

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["Omittable"]

T = TypeVar("T")


class _NotNull:
    """Takes ``null`` out of what a field is described as."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        others = [one for one in described.pop("anyOf", ()) if one != {"type": "null"}]
        if len(others) == 1:
            return {**described, **others[0]}
        return {**described, "anyOf": others} if others else described


def _is_none(value: object) -> bool:
    return value is None


Omittable: TypeAlias = Annotated[T | None, _NotNull(), Field(exclude_if=_is_none)]
"""A field that is left out of the event where it is ``None``: ``note: Omittable[str] = None``.

A plain ``str | None = None`` is sent as ``null``, which a contract that says ``"type": "string"``
refuses. Of an event that others sent, ``null`` is read as ``None``.
"""
