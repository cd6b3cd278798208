"""Contracts and payloads as they occur: GitHub's webhooks and the schema published for them.

51 of the 329 published examples break the published schema: they are older than it. Most lack
members that the schema has come to require of every repository (``custom_properties``,
``visibility``, …). No definition of the whole file accepts them, so their refusal is right.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eventroute.envelope import Event
from eventroute.errors import ContractViolationError
from eventroute.registry import Contract, FileRegistry, MemoryRegistry
from tests.registry.github import TOPIC, contract_for

pytestmark = pytest.mark.xdist_group("github-contracts")  # what they share takes seconds

OUTDATED = 51


@cache
def published(shared: Path) -> dict[str, Any]:
    text = (shared / "events/github_webhooks.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def webhooks(shared: Path) -> tuple[Event, ...]:
    lines = (shared / "events/github_webhooks.jsonl").read_bytes().splitlines()
    return tuple(Event.from_json(line) for line in lines)


@pytest.fixture(scope="module")
def registry(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> FileRegistry:
    registry = FileRegistry(tmp_path_factory.mktemp("schemas"))
    for detail_type in sorted({event.detail_type for event in webhooks(shared)}):
        registry.register(contract_for(published(shared), detail_type))
    return FileRegistry(registry.root)


def pointers(registry: FileRegistry | MemoryRegistry, event: Event) -> list[str]:
    try:
        registry.validate(event)
    except ContractViolationError as error:
        return [violation.pointer for violation in error.violations]
    return []


def find(shared: Path, detail_type: str, number: int = 1) -> dict[str, Any]:
    """The detail of a webhook; the first of a type is often an outdated one."""
    same = [event for event in webhooks(shared) if event.detail_type == detail_type]
    return deepcopy(same[number].detail)


def test_every_webhook_that_is_not_outdated_fits_the_contract_of_its_type(
    registry: FileRegistry, shared: Path
) -> None:
    refused = [event.id for event in webhooks(shared) if pointers(registry, event)]

    assert len(webhooks(shared)) - len(refused) == 329 - OUTDATED


def test_an_outdated_webhook_fits_no_other_definition_either(
    registry: FileRegistry, shared: Path
) -> None:
    refused = [event for event in webhooks(shared) if pointers(registry, event)]
    types = {event.detail_type for event in refused[::10]}
    whole = MemoryRegistry([Contract(TOPIC, name, 1, published(shared)) for name in types])

    assert all(pointers(whole, event) for event in refused[::10])


def test_an_outdated_webhook_lacks_members_that_the_schema_has_come_to_require(
    registry: FileRegistry, shared: Path
) -> None:
    assert pointers(registry, Event(TOPIC, "push", find(shared, "push", 0))) == [
        "/repository/is_template",
        "/repository/web_commit_signoff_required",
        "/repository/topics",
        "/repository/visibility",
        "/repository/custom_properties",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["issue", "user", "type"], "Robot"),
        (["issue", "title"], 5),
        (["issue", "labels", 0, "color"], None),
        (["repository", "owner", "id"], "1"),
        (["sender", "url"], "no uri"),
        (["action"], "opend"),
    ],
)
@pytest.mark.parametrize("whole", [False, True], ids=["named definition", "whole file"])
def test_a_broken_member_is_refused_by_its_own_pointer_alone(
    registry: FileRegistry, shared: Path, path: list[str | int], value: object, *, whole: bool
) -> None:
    detail = find(shared, "issues.labeled", 0)
    place: Any = detail
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    contract = Contract(TOPIC, "issues.labeled", 1, published(shared))
    chosen = MemoryRegistry([contract]) if whole else registry

    found = pointers(chosen, Event(TOPIC, "issues.labeled", detail))

    assert found == ["/" + "/".join(map(str, path))]


def test_a_removed_member_is_refused_by_its_own_pointer_alone(
    registry: FileRegistry, shared: Path
) -> None:
    detail = find(shared, "issues.labeled", 0)
    del detail["issue"]["number"]

    assert pointers(registry, Event(TOPIC, "issues.labeled", detail)) == ["/issue/number"]
