"""The contracts of a registry as they are compared, or become code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eventroute.registry import bundled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eventroute.registry import Contract, FileRegistry

__all__ = ["whole"]


def whole(contracts: Iterable[Contract], registry: FileRegistry) -> list[Contract]:
    """The contracts, with what they refer to in others inside.

    :param registry: the one that they are from.
    :raises ContractError: a file cannot be used, or refers to what is not there.
    """
    return [replace(one, schema=bundled(one, registry)) for one in contracts]
