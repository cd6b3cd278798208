from __future__ import annotations

from pathlib import Path

import pytest

from eventroute.config import RegistrySettings
from eventroute.envelope import Event
from eventroute.errors import (
    ContractConflictError,
    ContractNotFoundError,
    ContractViolationError,
)
from eventroute.registry import (
    Contract,
    ContractPolicy,
    FileRegistry,
    MemoryRegistry,
    Registry,
    policy_from,
)

KNOWN = Contract("t", "T", 1, {"required": ["a"]})


def test_an_unregistered_event_is_allowed_by_default() -> None:
    ContractPolicy(MemoryRegistry([KNOWN])).check(Event("t", "Other", {}))


def test_an_unregistered_event_is_refused_on_request_with_the_remedy() -> None:
    policy = ContractPolicy(MemoryRegistry([KNOWN]), unregistered="refuse")

    with pytest.raises(ContractNotFoundError, match=r'register.*registry\.unregistered = "allow"'):
        policy.check(Event("t", "Other", {}))


@pytest.mark.parametrize("unregistered", ["allow", "refuse"])
def test_a_registered_event_must_fit(unregistered: str) -> None:
    policy = ContractPolicy(
        MemoryRegistry([KNOWN]), unregistered="refuse" if unregistered == "refuse" else "allow"
    )

    policy.check(Event("t", "T", {"a": 1}))
    with pytest.raises(ContractViolationError):
        policy.check(Event("t", "T", {}))


def test_the_configured_folder_is_the_registry(tmp_path: Path) -> None:
    policy = policy_from(RegistrySettings(path=tmp_path, unregistered="refuse"))

    assert policy is not None
    assert isinstance(policy.registry, FileRegistry)
    assert (policy.registry.root, policy.unregistered) == (tmp_path, "refuse")


def test_without_a_configured_folder_there_is_no_policy() -> None:
    assert policy_from(RegistrySettings()) is None


def test_a_registry_in_memory_refuses_another_schema_under_the_same_version() -> None:
    registry = MemoryRegistry([KNOWN, KNOWN])

    with pytest.raises(ContractConflictError, match="raise the version"):
        registry.register(Contract("t", "T", 1, {}))


def test_a_registry_in_memory_is_a_registry() -> None:
    registry: Registry = MemoryRegistry([Contract("t", "T", 2, {}), KNOWN])

    assert registry.versions("t", "T") == (1, 2)
    assert registry.get("t", "T").version == 2
    assert registry.get("t", "T", 1) == KNOWN
    registry.validate(Event("t", "T", {}))


def test_a_registry_in_memory_lists_its_contracts_in_order() -> None:
    assert [str(one) for one in MemoryRegistry([Contract("t", "T", 2, {}), KNOWN])] == [
        "t/T/1",
        "t/T/2",
    ]
