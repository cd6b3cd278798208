"""What lies in the folder of a registry and is no contract is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventroute.registry import Contract, FileRegistry
from eventroute.registry.unread import unread
from eventroute.schema_files import write_schemas

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    registry = FileRegistry(tmp_path / "schemas")
    registry.register(Contract("shop", "Placed", 1, {}))
    registry.drafts.save(Contract("shop", "Placed", 1, {"type": "object"}))
    return registry.root


def written(root: Path, place: str) -> Path:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("notes.txt", "TOPIC/TYPE/VERSION.json"),
        ("1.json", "TOPIC/TYPE/1.json"),
        ("shop/order.yaml", "shop/TYPE/VERSION.json"),
        ("shop/v02.json", "shop/TYPE/2.json"),
        ("shop/Placed/1.json.bak", "shop/Placed/VERSION.json"),
        ("shop/Placed/notes.txt", "shop/Placed/VERSION.json"),
        ("shop/Placed/2.JSON", "shop/Placed/2.json"),
    ],
)
def test_a_file_that_is_no_contract_is_named_with_where_one_would_lie(
    root: Path, place: str, expected: str
) -> None:
    path = written(root, place)
    (found,) = unread(root)
    assert (found.path, found.expected) == (path, f"{root}/{expected}")
    assert str(found) == f"{path} is not read: a contract lies at {root}/{expected}"


def test_where_the_version_is_there_already_no_place_of_it_is_named(root: Path) -> None:
    written(root, "shop/Placed/2.json")
    path = written(root, "shop/Placed/v2.JSON")
    (found,) = unread(root)
    assert (found.path, found.expected) == (path, f"{root}/shop/Placed/VERSION.json")


def test_a_folder_that_lies_too_deep_is_named_with_the_topic_that_has_a_slash(root: Path) -> None:
    written(root, "shop/orders/Placed/1.json")
    (found,) = unread(root)
    assert found.path == root / "shop/orders/Placed"
    assert found.expected == f"{root}/shop%2Forders/Placed/VERSION.json"


@pytest.mark.parametrize(
    "name",
    [
        ".gitattributes",
        ".DS_Store",
        "README",
        "readme.txt",
        "NOTES.md",
        "CODEOWNERS",
        "__init__.py",
    ],
)
def test_hidden_files_and_those_for_people_are_fine_anywhere(root: Path, name: str) -> None:
    for folder in ("", "shop", "shop/Placed", "shop/Placed/.git"):
        written(root, f"{folder}/{name}")
    assert list(unread(root)) == []


def test_the_schemas_that_eventroute_has_for_editors_are_fine(root: Path) -> None:
    write_schemas(root / "eventroute")
    assert list(unread(root)) == []


def test_files_that_the_registry_reads_or_refuses_are_its_own_matter(root: Path) -> None:
    written(root, "shop/Placed/v2.json")
    assert list(unread(root)) == []


def test_empty_folders_are_fine(root: Path) -> None:
    (root / "other/Type/empty").mkdir(parents=True)
    assert list(unread(root)) == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list(unread(tmp_path / "none")) == []
