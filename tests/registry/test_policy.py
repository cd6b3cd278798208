from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eventroute.config import RegistrySettings
from eventroute.envelope import Event
from eventroute.errors import (
    ConfigurationError,
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


BOTH = MemoryRegistry(
    [
        Contract("t", "T", 1, {"required": ["a"]}),
        Contract("t", "T", 2, {"required": ["a", "b"]}),
        Contract("t", "Later", 2, {"required": ["b"]}),
    ]
)
A, AB = Event("t", "T", {"a": 1}), Event("t", "T", {"a": 1, "b": 2})


def test_what_is_published_must_fit_the_version_that_it_names_or_else_the_latest() -> None:
    policy = ContractPolicy(BOTH)

    assert (policy.check(A, 1), policy.check(AB, 2), policy.check(AB)) == (1, 2, 2)
    for named in (2, None):
        with pytest.raises(ContractViolationError, match="t/T/2: at /b: is missing"):
            policy.check(A, named)


def test_what_is_received_must_fit_the_version_that_it_names_or_else_version_1() -> None:
    policy = ContractPolicy(BOTH)

    assert (policy.check_received(A, None), policy.check_received(AB, 2)) == (1, 2)
    with pytest.raises(ContractViolationError, match="t/T/2: at /b: is missing"):
        policy.check_received(A, 2)


def test_without_a_version_1_what_a_stranger_sends_must_fit_the_latest() -> None:
    policy = ContractPolicy(BOTH)

    assert policy.check_received(Event("t", "Later", {"b": 1}), None) == 2
    with pytest.raises(ContractViolationError, match="t/Later/2: at /b"):
        policy.check_received(Event("t", "Later", {}), None)


def test_a_version_that_is_not_registered_is_allowed_or_refused_as_a_type_is() -> None:
    refusing = ContractPolicy(BOTH, unregistered="refuse")

    assert ContractPolicy(BOTH).check(A, 3) is None
    assert ContractPolicy(BOTH).check_received(A, 3) is None
    for check in (refusing.check, refusing.check_received):
        with pytest.raises(ContractNotFoundError, match="t/T has no version 3 in memory; it has 1"):
            check(A, 3)


def test_a_version_that_is_not_registered_is_refused_with_what_to_do() -> None:
    refusing = ContractPolicy(BOTH, unregistered="refuse")
    told = r"; it has 1, 2: name one of them or register it, or set registry\.unregistered = "
    with pytest.raises(ContractNotFoundError, match=told):
        refusing.check(A, 7)


@pytest.mark.parametrize("check", ["receive", ["publish", "receive"], [["publish"]]])
def test_events_are_checked_when_they_are_published_or_handled_and_at_no_other_time(
    check: Any,  # noqa: ANN401  what users pass
) -> None:
    with pytest.raises(ConfigurationError, match='list "publish", "handle", or both'):
        ContractPolicy(BOTH, check=check)


def test_to_refuse_events_and_to_check_none_contradict_each_other() -> None:
    with pytest.raises(ConfigurationError, match=r'unregistered="refuse".*check=\[\]'):
        ContractPolicy(BOTH, unregistered="refuse", check=[])
    assert ContractPolicy(BOTH, check=[]).stages == frozenset()


def test_the_configured_folder_is_the_registry(tmp_path: Path) -> None:
    policy = policy_from(RegistrySettings(path=tmp_path, unregistered="refuse", check=["handle"]))

    assert policy is not None
    assert isinstance(policy.registry, FileRegistry)
    assert (policy.registry.root, policy.unregistered) == (tmp_path, "refuse")
    assert policy.stages == {"handle"}


def test_a_configured_folder_that_is_not_there_is_refused_with_how_to_make_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigurationError, match=r"mkdir.*eventroute schema register MODULE:BUS"):
        policy_from(RegistrySettings(path=tmp_path / "none"))


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
