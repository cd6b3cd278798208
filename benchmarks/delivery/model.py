"""The order as a pydantic model, for those who read it from JSON."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from types import GenericAlias
from typing import Any

__all__ = ["declare"]


def declare(base: type[Any] | None = None) -> type[Any]:
    """Make the model's class, on an engine's own base where it has one."""
    pydantic: Any = import_module("pydantic")
    item: Any = pydantic.create_model("Item", sku=(str, ...), quantity=(int, ...))
    model: type[Any] = pydantic.create_model(
        "OrderPlaced",
        __base__=base or pydantic.BaseModel,
        order_id=(str, ...),
        customer=(str, ...),
        country=(str, ...),
        total=(float, ...),
        placed=(datetime, ...),
        items=(GenericAlias(list, (item,)), ...),
        note=(str, ...),
    )
    return model
