"""Contracts: the versioned JSON Schemas that events must fit."""

from eventroute.contract import Contract
from eventroute.dialects import contract_in, event_document
from eventroute.registry.bundling import bundled
from eventroute.registry.contract import as_contract
from eventroute.registry.differences import Difference, differences
from eventroute.registry.files import FileRegistry
from eventroute.registry.memory import MemoryRegistry
from eventroute.registry.policy import ContractPolicy, policy_from
from eventroute.registry.port import Registry

__all__ = [
    "Contract",
    "ContractPolicy",
    "Difference",
    "FileRegistry",
    "MemoryRegistry",
    "Registry",
    "as_contract",
    "bundled",
    "contract_in",
    "differences",
    "event_document",
    "policy_from",
]
