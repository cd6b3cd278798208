"""``eventroute schema register`` writes what an application declares into the registry."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from eventroute.registry import FileRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Call

APP = '''
from pydantic import BaseModel

from eventroute import EventBus, Router, event


@event("shop.orders", "OrderPlaced")
class OrderPlaced(BaseModel):
    number: str


@event("shop.orders", "OrderShipped", version=2)
class OrderShipped(BaseModel):
    number: str


router = Router("shop")
router.publishes(OrderPlaced)


@router.subscribe(OrderShipped)
def shipped(order: OrderShipped) -> None:
    """Never called."""


bus = EventBus("memory")
bus.include(router)
none = EventBus("memory")
'''


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop_declares.py").write_text(APP)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "shop_declares", raising=False)
    return tmp_path / "shop_declares.py"


def test_what_is_published_and_what_is_handled_is_registered(call: Call, tmp_path: Path) -> None:
    done = call("schema", "register", "shop_declares:bus", "--registry", "new")
    assert done.out.splitlines() == [
        "registered  shop.orders/OrderPlaced/1",
        "registered  shop.orders/OrderShipped/2",
    ]
    assert [str(one) for one in FileRegistry(tmp_path / "new")] == [
        "shop.orders/OrderPlaced/1",
        "shop.orders/OrderShipped/2",
    ]


def test_a_second_time_changes_nothing(call: Call) -> None:
    call("schema", "register", "shop_declares:bus", "--registry", "new")
    done = call("schema", "register", "shop_declares:bus", "--registry", "new", "--json")
    assert [one["status"] for one in done.documents] == ["unchanged", "unchanged"]


def test_a_model_that_was_changed_under_its_version_is_refused(
    call: Call, app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("schema", "register", "shop_declares:bus", "--registry", "new")
    app.write_text(APP.replace("number: str", "number: int", 1).replace("version=2", "version=3"))
    monkeypatch.delitem(sys.modules, "shop_declares")
    done = call("schema", "register", "shop_declares:bus", "--registry", "new")
    assert done.code == 1
    assert "raise the version: @event(" in done.err
    assert FileRegistry(tmp_path / "new").versions("shop.orders", "OrderShipped") == (2,)


def test_an_application_that_declares_nothing_says_so(call: Call) -> None:
    done = call("schema", "register", "shop_declares:none", "--registry", "new")
    assert (done.code, done.out) == (0, "shop_declares:none declares no event types\n")


CONFIGURED = APP.replace('bus = EventBus("memory")', "bus = EventBus.from_config()")


def test_the_first_time_the_configured_folder_is_made(
    call: Call, app: Path, tmp_path: Path
) -> None:
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "contracts/all"\n')
    app.write_text(CONFIGURED)
    done = call("schema", "register", "shop_declares:bus")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "contracts/all/shop.orders/OrderPlaced/1.json").is_file()


def test_no_folder_is_left_where_the_bus_cannot_be_imported(
    call: Call, app: Path, tmp_path: Path
) -> None:
    app.write_text("import nothing_of_that_name")
    done = call("schema", "register", "shop_declares:bus", "--registry", "contracts/all")
    assert done.code == 1
    assert not (tmp_path / "contracts").exists()


def test_a_registry_that_is_a_file_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("")
    done = call("schema", "register", "shop_declares:bus", "--registry", "new")
    assert (done.code, "the registry new cannot be made" in done.err) == (1, True)
