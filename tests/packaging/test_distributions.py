"""What is in the wheel and the sdist."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.xdist_group("packaging"), pytest.mark.timeout(300)]

ROOTS = {"eventroute", "eventroute_aws", "eventroute_memory", "eventroute_sqlite"}


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files of the wheel."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_installs_our_import_roots_and_nothing_else(names: set[str]) -> None:
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == ROOTS


@pytest.mark.parametrize("import_root", sorted(ROOTS))
def test_each_import_root_says_that_it_is_typed(import_root: str, names: set[str]) -> None:
    assert f"{import_root}/py.typed" in names


def test_the_wheel_carries_the_schemas_of_our_formats(names: set[str], root: Path) -> None:
    ours = {f"eventroute/schemas/{path.name}" for path in (root / "schemas/eventroute").iterdir()}
    assert ours
    assert {name for name in names if name.startswith("eventroute/schemas/")} == ours


@pytest.mark.parametrize("table", ["prices", "limits"])
def test_the_wheel_carries_the_tables_of_the_advice(table: str, names: set[str]) -> None:
    assert f"eventroute/advise/{table}.toml" in names


def test_the_wheel_carries_the_licence(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_sdist_makes_the_same_wheel_as_the_checkout(
    names: set[str], wheel_of_the_checkout: Path
) -> None:
    with ZipFile(wheel_of_the_checkout) as archive:
        assert set(archive.namelist()) == names


def test_the_sdist_can_be_tested(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        top = {"/".join(name.split("/")[1:2]) for name in archive.getnames()}
    assert {"Makefile", "README.md", "docs", "examples", "pyproject.toml", "tests"} <= top
