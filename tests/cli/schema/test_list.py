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


def test_without_a_registry_it_says_how_to_name_one(call: Call) -> None:
    done = call("schema", "list")
    assert (done.code, "--registry FOLDER" in done.err) == (2, True)


def test_a_folder_that_is_not_there_is_an_error(call: Call) -> None:
    done = call("schema", "list", "--registry", "nowhere")
    assert done.code == 1
    assert "nowhere is no folder" in done.err
