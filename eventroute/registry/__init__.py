"""Contracts: the versioned JSON Schemas that events must fit."""

from eventroute.contract import Contract
from eventroute.dialects import contract_in, event_document
from eventroute.registry.bundling import bundled
from eventroute.registry.contract import as_contract
from eventroute.registry.differences import Difference, differences
from eventroute.registry.files import FileRegistry
from eventroute.registry.inference import Inference
from eventroute.registry.judgement import Change, Compatibility, Mode, Profile, Verdict
from eventroute.registry.judging import compatibility
from eventroute.registry.memory import MemoryRegistry
from eventroute.registry.policy import ContractPolicy, policy_from
from eventroute.registry.port import Registry

__all__ = [
    "Change",
    "Compatibility",
    "Contract",
    "ContractPolicy",
    "Difference",
    "FileRegistry",
    "Inference",
    "MemoryRegistry",
    "Mode",
    "Profile",
    "Registry",
    "Verdict",
    "as_contract",
    "bundled",
    "compatibility",
    "contract_in",
    "differences",
    "event_document",
    "policy_from",
]
