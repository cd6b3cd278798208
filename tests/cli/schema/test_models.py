"""``eventroute schema models`` writes pydantic models for contracts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from eventroute.registry import Contract, FileRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Call

TO = ("--registry", "contracts")


@pytest.fixture
def registry(tmp_path: Path) -> FileRegistry:
    registry = FileRegistry(tmp_path / "contracts")
    for version in (1, 2):
        n = {"type": "integer", "minimum": version}
        schema = {"type": "object", "properties": {"n": n}, "required": ["n"]}
        registry.register(Contract("shop.orders", "order placed", version, schema))
    registry.register(Contract("shop.returns", "Returned", 1, {"type": "object"}))
    return registry


WRITTEN = '''\
"""Event types, as the registry of contracts has them.

Written by `eventroute schema models`, which overwrites what is changed here.
"""

from __future__ import annotations

from typing import Annotated

from eventroute import event
from pydantic import BaseModel, Field


@event("shop.orders", "order placed", version=2)
class OrderPlaced(BaseModel):
    n: Annotated[int, Field(ge=2)]


@event("shop.orders", "order placed", version=1)
class OrderPlaced1(BaseModel):
    n: Annotated[int, Field(ge=1)]


@event("shop.returns", "Returned", version=1)
class Returned(BaseModel):
    pass
'''


def test_every_contract_is_a_model(call: Call, registry: FileRegistry) -> None:
    assert call("schema", "models", *TO).out == WRITTEN


def test_a_file_is_written_and_then_up_to_date(
    call: Call, registry: FileRegistry, tmp_path: Path
) -> None:
    assert call("schema", "models", "-o", "events.py", *TO).code == 0
    assert (tmp_path / "events.py").read_text() == WRITTEN
    assert call("schema", "models", "-o", "events.py", "--check", *TO).code == 0


OWN = "# by hand\nclass OrderPlaced: ...\n"


def test_a_file_that_somebody_else_wrote_is_left_alone(
    call: Call, registry: FileRegistry, tmp_path: Path
) -> None:
    file = tmp_path / "events.py"
    file.write_text(OWN)
    done = call("schema", "models", "-o", "events.py", *TO)

    assert (done.code, file.read_text()) == (1, OWN)
    assert "events.py was not written by this command" in done.err
    assert "--force" in done.err


def test_a_file_that_somebody_else_wrote_is_overwritten_on_request(
    call: Call, registry: FileRegistry, tmp_path: Path
) -> None:
    file = tmp_path / "events.py"
    file.write_text(OWN)
    assert call("schema", "models", "-o", "events.py", "--force", *TO).code == 0
    assert file.read_text() == WRITTEN


@pytest.mark.parametrize("before", ["", "\n", f"# ruff: noqa\n\n{WRITTEN}class Own: ...\n"])
def test_an_empty_file_and_an_earlier_one_of_its_own_are_overwritten(
    call: Call, registry: FileRegistry, tmp_path: Path, before: str
) -> None:
    file = tmp_path / "events.py"
    file.write_text(before)
    assert call("schema", "models", "-o", "events.py", *TO).code == 0
    assert file.read_text() == WRITTEN


@pytest.mark.parametrize("options", [(), ("-o", "events.py", "--check")])
def test_to_force_what_writes_no_file_is_bad_usage(
    call: Call, registry: FileRegistry, options: tuple[str, ...]
) -> None:
    assert call("schema", "models", "--force", *options, *TO).code == 2


@pytest.mark.parametrize("before", [None, "# by hand\n"])
def test_a_check_tells_of_a_file_that_differs_and_leaves_it(
    call: Call, registry: FileRegistry, tmp_path: Path, before: str | None
) -> None:
    file = tmp_path / "events.py"
    if before is not None:
        file.write_text(before)
    done = call("schema", "models", "-o", "events.py", "--check", *TO)

    assert (done.code, "events.py is not what the contracts say" in done.err) == (1, True)
    assert (file.read_text() if file.exists() else None) == before


@pytest.mark.parametrize(
    ("arguments", "classes"),
    [
        (["shop.returns"], ["Returned"]),
        (["shop.orders/order placed"], ["OrderPlaced", "OrderPlaced1"]),
        (["shop.orders", "--latest"], ["OrderPlaced"]),
    ],
)
def test_some_contracts_can_be_chosen(
    call: Call, registry: FileRegistry, arguments: list[str], classes: list[str]
) -> None:
    lines = call("schema", "models", *arguments, *TO).out.splitlines()
    assert [one[6:].partition("(")[0] for one in lines if one.startswith("class ")] == classes


def test_a_name_that_no_contract_has_is_an_error_that_tells_those_there_are(
    call: Call, registry: FileRegistry
) -> None:
    done = call("schema", "models", "shop.order", *TO)
    assert done.code == 1
    assert "no contract of 'shop.order'; there are shop.orders/order placed" in done.err


def test_a_check_needs_a_file(call: Call, registry: FileRegistry) -> None:
    assert call("schema", "models", "--check", *TO).code == 2


def test_without_the_extra_it_says_how_to_install_it(
    call: Call, registry: FileRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("datamodel_code_generator")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "datamodel_code_generator", None)

    done = call("schema", "models", *TO)
    assert (done.code, 'pip install "eventroute[models]"' in done.err) == (1, True)
