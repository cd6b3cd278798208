"""Decimals that others send as numbers or as texts, as pydantic has described them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, TypeAlias

from pydantic import WithJsonSchema

__all__ = ["DECIMAL_FORMS", "DecimalText"]

DECIMAL_FORMS: Final[tuple[dict[str, str], ...]] = (
    {"type": "number"},
    {"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"},
)
"""What ``model_json_schema`` of pydantic 2.12 puts into ``anyOf`` for a Decimal."""

DecimalText: TypeAlias = Annotated[
    Decimal, WithJsonSchema({"anyOf": [dict(one) for one in DECIMAL_FORMS]})
]
"""A Decimal of a contract that accepts numbers and texts of digits: ``total: DecimalText``.

It is sent as a number. A plain ``Decimal`` reads the same, and its contract says that it is a
number, which is another contract.
"""
