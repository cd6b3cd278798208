"""A contract: the JSON Schema that the detail of one version of one event type must fit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eventroute.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Contract", "schema_text"]


@dataclass(frozen=True)
class Contract:
    """One version of the contract of an event type. Treat ``schema`` as immutable.

    :ivar topic: the event's ``source``.
    :ivar type: the event's ``detail-type``.
    :ivar version: from 1.
    :ivar schema: JSON Schema of ``detail``; JSON Schema 2020-12 unless ``$schema`` says otherwise.
    :raises ContractError: an empty name, or a version below 1.
    """

    topic: str
    type: str
    version: int
    schema: Mapping[str, object] = field(repr=False, hash=False)

    def __post_init__(self) -> None:
        if not self.topic or not self.type:
            raise ContractError(
                f"a contract needs a topic and a type, not {self.topic!r} and {self.type!r}"
            )
        if isinstance(self.version, bool) or self.version < 1:
            raise ContractError(
                f"the version of {self.type!r} must be a whole number from 1, not {self.version!r}"
            )

    def __str__(self) -> str:
        return f"{self.topic}/{self.type}/{self.version}"


def schema_text(contract: Contract) -> str:
    """Write the schema as the file that a registry keeps: the same text for the same schema.

    :raises ContractError: the schema holds something that is not JSON.
    """
    try:
        text = json.dumps(
            contract.schema, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False
        )
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ContractError(
            f"the schema of {contract} cannot be written as JSON: {error}"
        ) from None
    return text + "\n"
