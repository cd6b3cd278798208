"""Contracts: the versioned JSON Schemas that events must fit."""

from eventroute.registry.contract import Contract, as_contract
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
    "FileRegistry",
    "Inference",
    "MemoryRegistry",
    "Mode",
    "Profile",
    "Registry",
    "Verdict",
    "as_contract",
    "compatibility",
    "policy_from",
]
