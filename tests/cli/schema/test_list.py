"""``eventroute schema list`` says which contracts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventroute.registry import Contract, FileRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    registry = FileRegistry(tmp_path / "contracts")
    for version in (1, 2):
        registry.register(Contract("shop.orders", "OrderPlaced", version, {"type": "object"}))
    return registry.root


def test_each_version_is_a_line(call: Call, folder: Path) -> None:
    done = call("schema", "list", "--registry", "contracts")
    assert done.out == "shop.orders/OrderPlaced/1\nshop.orders/OrderPlaced/2\n"


def test_the_registry_of_the_configuration_is_the_default(
    call: Call, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "contracts"\n')
    assert call("schema", "list", "--json").documents[0] == {
        "topic": "shop.orders",
        "type": "OrderPlaced",
        "version": 1,
    }


def test_files_that_are_no_contracts_are_warned_of(call: Call, folder: Path) -> None:
    (folder / "notes.txt").touch()
    (folder / "shop.orders" / "v3.json").write_text("{}")
    done = call("schema", "list", "--registry", "contracts")
    assert (done.code, done.out.count("\n")) == (0, 2)
    told = "warning: {} is not read: a contract lies at {}; name it so, or move it elsewhere"
    assert done.err.splitlines() == [
        told.format("contracts/notes.txt", "contracts/TOPIC/TYPE/VERSION.json"),
        told.format("contracts/shop.orders/v3.json", "contracts/shop.orders/TYPE/3.json"),
    ]


def test_of_many_files_that_are_no_contracts_ten_are_named(call: Call, folder: Path) -> None:
    for number in range(15):
        (folder / f"{number:02}.txt").touch()
    lines = call("schema", "list", "--registry", "contracts").err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "warning: nor are 5 more files or folders in contracts"


def test_without_a_registry_it_says_how_to_name_one(call: Call) -> None:
    done = call("schema", "list")
    assert (done.code, "--registry FOLDER" in done.err) == (2, True)


def test_a_folder_that_is_not_there_is_an_error(call: Call) -> None:
    done = call("schema", "list", "--registry", "nowhere")
    assert done.code == 1
    assert "nowhere is no folder; correct --registry, or make it" in done.err


def test_a_configured_folder_that_is_not_there_names_what_configured_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "contracts"\n')
    assert "correct registry.path in eventroute.toml" in call("schema", "list").err

    monkeypatch.setenv("EVENTROUTE_REGISTRY__PATH", "elsewhere")
    told = "elsewhere is no folder; correct EVENTROUTE_REGISTRY__PATH, or make it"
    assert told in call("schema", "list").err
