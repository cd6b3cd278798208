"""``eventroute asyncapi``, ``diagram`` and ``catalogue``: documents for people and tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eventroute.registry import Contract, FileRegistry

if TYPE_CHECKING:
    from .conftest import Call

APP = '''
from pydantic import BaseModel

from eventroute import EventBus, Router, event


@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced(BaseModel):
    order_id: str


router = Router("billing")
router.publishes(OrderPlaced)


@router.subscribe(OrderPlaced)
def invoice(order: OrderPlaced) -> None:
    """Bill it."""


bus = EventBus("memory")
bus.include(router)
'''


@pytest.fixture(autouse=True)
def application(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A module of its own for each test, because Python imports a module once."""
    name = f"documented_{abs(hash(request.node.nodeid))}"
    (tmp_path / f"{name}.py").write_text(APP)
    return f"{name}:bus"


def register(folder: Path) -> None:
    FileRegistry(folder).register(Contract("shop.orders", "OrderPlaced", 1, {"type": "object"}))


def test_the_document_is_printed_as_json(call: Call, application: str) -> None:
    done = call("asyncapi", application, "--app-version", "1.2.3")
    document = json.loads(done.out)
    assert (done.code, document["asyncapi"]) == (0, "3.0.0")
    assert document["info"]["title"] == application.partition(":")[0]
    assert document["info"]["version"] == "1.2.3"
    assert list(document["operations"]) == ["send.billing.shop.orders", "receive.billing.invoice"]


def test_a_title_may_be_given(call: Call, application: str) -> None:
    done = call("asyncapi", application, "--title", "The shop")
    assert json.loads(done.out)["info"]["title"] == "The shop"


def test_the_registry_that_is_named_adds_its_versions(
    call: Call, application: str, tmp_path: Path
) -> None:
    register(tmp_path / "contracts")
    done = call("asyncapi", application, "--registry", "contracts")
    assert list(json.loads(done.out)["components"]["schemas"]) == [
        "shop.orders.OrderPlaced.v1",
        "shop.orders.OrderPlaced.v2",
    ]


def test_the_registry_of_the_configuration_is_the_default(
    call: Call, application: str, tmp_path: Path
) -> None:
    register(tmp_path / "contracts")
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "contracts"\n')
    assert len(json.loads(call("asyncapi", application).out)["components"]["schemas"]) == 2


def test_a_registry_that_is_not_there_is_an_error(call: Call, application: str) -> None:
    done = call("asyncapi", application, "--registry", "nowhere")
    assert (done.code, "nowhere is no folder" in done.err) == (1, True)


@pytest.mark.parametrize("command", ["asyncapi", "diagram", "catalogue"])
def test_what_was_written_passes_the_check(
    call: Call, application: str, tmp_path: Path, command: str
) -> None:
    assert call(command, application, "--output", "document").out == ""
    assert (tmp_path / "document").read_bytes().endswith(b"\n")
    assert call(command, application, "--output", "document", "--check").code == 0


@pytest.mark.parametrize("command", ["asyncapi", "diagram", "catalogue"])
def test_a_file_that_differs_fails_the_check_and_is_left_alone(
    call: Call, application: str, tmp_path: Path, command: str
) -> None:
    (tmp_path / "document").write_text("old")
    done = call(command, application, "--output", "document", "--check")
    assert (done.code, "document is out of date" in done.err) == (1, True)
    assert (tmp_path / "document").read_text() == "old"


def test_a_file_that_is_not_there_fails_the_check(call: Call, application: str) -> None:
    done = call("asyncapi", application, "--output", "document", "--check")
    assert (done.code, "document is not there" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("place", "told"),
    [("nowhere/document", "nowhere is no folder; make it"), (".", ". is a folder; name a file")],
)
@pytest.mark.parametrize("command", ["asyncapi", "diagram", "catalogue"])
def test_a_place_that_cannot_be_written_to_is_told_with_the_remedy(
    call: Call, application: str, command: str, place: str, told: str
) -> None:
    done = call(command, application, "--output", place)
    assert (done.code, told in done.err) == (1, True)


def test_a_check_needs_a_file(call: Call, application: str) -> None:
    done = call("asyncapi", application, "--check")
    assert (done.code, "--output" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["topology.png", "topology.pdf", "topology.md"])
def test_a_diagram_is_not_written_into_a_file_that_it_does_not_fit(
    call: Call, application: str, name: str
) -> None:
    done = call("diagram", application, "--output", name)
    assert done.code == 2
    assert f"{name} is named like neither form; name it .mmd or .svg, or write --format" in done.err
    assert not Path(name).exists()
    assert call("diagram", application, "--output", name, "--format", "mermaid").code == 0


@pytest.mark.parametrize("name", ["topology.mmd", "topology.mermaid", "topology.txt", "topology"])
def test_a_diagram_in_a_text_file_is_mermaid(call: Call, application: str, name: str) -> None:
    assert call("diagram", application, "--output", name).code == 0
    assert Path(name).read_text().startswith("flowchart LR\n")


def test_a_diagram_is_mermaid_unless_it_is_asked_for_or_named_otherwise(
    call: Call, application: str, tmp_path: Path
) -> None:
    assert call("diagram", application).out.startswith("flowchart LR\n")
    assert call("diagram", application, "--format", "svg").out.startswith("<svg ")
    call("diagram", application, "--output", "topology.svg")
    assert (tmp_path / "topology.svg").read_text().startswith("<svg ")
    call("diagram", application, "--output", "topology.svg", "--format", "mermaid")
    assert (tmp_path / "topology.svg").read_text().startswith("flowchart LR\n")


def test_the_catalogue_is_a_page(call: Call, application: str) -> None:
    done = call("catalogue", application, "--title", "The shop")
    assert done.out.startswith("<!DOCTYPE html>\n")
    assert "<title>Events of The shop</title>" in done.out


def test_the_catalogue_judges_the_versions_of_the_registry(
    call: Call, application: str, tmp_path: Path
) -> None:
    register(tmp_path / "contracts")
    page = call("catalogue", application, "--registry", "contracts").out
    assert "From version 1 to version 2" in page


def test_a_bus_that_is_not_there_is_an_error(call: Call, application: str) -> None:
    done = call("diagram", f"{application}s")
    assert (done.code, "did you mean 'bus'?" in done.err) == (1, True)
