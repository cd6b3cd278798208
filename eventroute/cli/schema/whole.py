"""The contracts of a registry as they are compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventroute.registry import bundled

if TYPE_CHECKING:
    from eventroute.registry import Contract, FileRegistry

__all__ = ["whole_contracts"]


def whole_contracts(registry: FileRegistry) -> list[Contract]:
    """Every contract, with what it refers to in others inside.

    :raises ContractError: a file cannot be used, or refers to what is not there.
    """
    return [replace(one, schema=bundled(one, registry)) for one in registry]
