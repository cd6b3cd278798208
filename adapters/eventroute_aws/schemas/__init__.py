"""A schema registry of EventBridge as a store of contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventroute.backend_options import read_table
from eventroute_aws.schemas.options import SchemaRegistryOptions
from eventroute_aws.schemas.store import SchemaRegistry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventroute.contract_store import ContractStore

__all__ = ["SchemaRegistry", "SchemaRegistryOptions", "create"]


def create(options: Mapping[str, object]) -> ContractStore:
    """Make the store: what the entry point ``eventroute.contract_stores`` names.

    :raises ConfigurationError: an option is unknown or has a wrong value.
    """
    return SchemaRegistry(read_table(SchemaRegistryOptions, "registry.eventbridge", options))
