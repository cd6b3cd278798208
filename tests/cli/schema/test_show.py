"""``eventroute schema show`` prints one contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from eventroute.registry import Contract, FileRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Call

MONEY = Contract("shop", "Money", 1, {"type": "number", "exclusiveMinimum": 0})
ORDER = {"properties": {"total": {"$ref": "/shop/Money/1"}}}


@pytest.fixture(autouse=True)
def registry(tmp_path: Path) -> FileRegistry:
    registry = FileRegistry(tmp_path / "contracts")
    registry.register_all(
        [
            MONEY,
            Contract("shop/eu", "Order/Placed", 1, {"title": "old"}),
            Contract("shop/eu", "Order/Placed", 2, ORDER),
        ]
    )
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "contracts"\n')
    return registry


def test_it_prints_the_file(call: Call, registry: FileRegistry) -> None:
    path = registry.path_of("shop", "Money", 1)
    assert call("schema", "show", "shop/Money/1").out == path.read_text()


def test_without_a_version_it_is_the_latest(call: Call) -> None:
    assert json.loads(call("schema", "show", "shop/eu/Order/Placed").out) == ORDER


def test_a_bundle_holds_what_it_refers_to(call: Call) -> None:
    assert json.loads(call("schema", "show", "shop/eu/Order/Placed", "--bundle").out) == {
        "properties": {"total": {"$ref": "#/$defs/Money.1"}},
        "$defs": {"Money.1": MONEY.schema},
    }


def test_it_prints_openapi(call: Call) -> None:
    document = json.loads(call("schema", "show", "shop/eu/Order/Placed/2", "--openapi").out)
    schemas = document["components"]["schemas"]
    assert schemas["AWSEvent"]["x-amazon-events-detail-type"] == "Order/Placed"
    assert schemas["Money.1"] == {"type": "number", "minimum": 0, "exclusiveMinimum": True}


def test_a_name_that_nothing_has_names_the_nearest(call: Call) -> None:
    done = call("schema", "show", "shop/Mony")
    assert done.code == 1
    assert "has no contract 'shop/Mony'; did you mean shop/Money" in done.err
