"""The JSON Schema of what a pydantic model sends. Heavy to import: do so inside functions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from eventroute.dialects.modern import LATEST
from eventroute.errors import DeclarationError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import core_schema

__all__ = ["schema_of"]


def schema_of(model: type[BaseModel]) -> dict[str, object]:
    """Describe what the model writes: serialized shapes under their aliases, Decimals as numbers.

    A field with a default is not required, so that a later version may add one and still read
    what an earlier version sent.

    :raises DeclarationError: a field has a type that JSON Schema cannot describe.
    """
    try:
        schema = model.model_json_schema(
            by_alias=True, mode="serialization", schema_generator=_SentSchema
        )
    except (PydanticInvalidForJsonSchema, PydanticUserError) as error:
        reason = str(error).partition("\n")[0]
        raise DeclarationError(
            f"{model.__name__} has no JSON Schema: {reason}; give the field a type that JSON "
            "carries, or a serializer with a return type"
        ) from error
    return {"$schema": LATEST, **schema}


class _SentSchema(GenerateJsonSchema):
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        # What may be left out and is never null (Omittable) is None in Python where it is missing.
        if described.get("default", ...) is None and not _may_be_null(described):
            del described["default"]
        return described

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        described: JsonSchemaValue = {"type": "number"}
        self.update_with_validations(described, schema, self.ValidationsMapping.numeric)
        return {
            keyword: _number(value) if isinstance(value, Decimal) else value
            for keyword, value in described.items()
        }


def _may_be_null(described: JsonSchemaValue) -> bool:
    types = described.get(
        "type", "null" if {"anyOf", "oneOf", "$ref"}.isdisjoint(described) else ()
    )
    if "null" in ([types] if isinstance(types, str) else types):
        return True
    others = (*described.get("anyOf", ()), *described.get("oneOf", ()))
    return any(_may_be_null(one) for one in others)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
