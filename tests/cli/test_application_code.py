"""What an application prints, and how it ends, is not what a command prints and returns."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .command import Done
    from .conftest import Call, Module

APP = """\
import sys
from pydantic import BaseModel, field_validator
from eventroute import EventBus, Router, event, upcast
{at_import}

@event("shop", "Sold", version=1)
class Sold(BaseModel):
    number: str

@event("shop", "Sold", version=2)
class Sold2(BaseModel):
    number: str
    place: str

    @field_validator("place")
    @classmethod
    def check(cls, place: str) -> str:
        {in_validator}
        return place

@upcast
def placed(old: Sold) -> Sold2:
    {in_cast}
    return Sold2(number=old.number, place="here")

router = Router("shop")
router.publishes(Sold2)

@router.subscribe(Sold2)
def sold(event: Sold2) -> None: ...

bus = EventBus("memory")
bus.include(router)
"""


@pytest.fixture
def app(tmp_path: Path, module: Module, call: Call) -> Callable[..., None]:
    """Write the application; version 1 is registered."""
    (tmp_path / "schemas/shop/Sold").mkdir(parents=True)
    schema = {
        "type": "object",
        "properties": {"number": {"type": "string"}},
        "required": ["number"],
    }
    (tmp_path / "schemas/shop/Sold/1.json").write_text(json.dumps(schema))
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "schemas"\n')

    def write(*, at_import: str = "", in_validator: str = "pass", in_cast: str = "pass") -> None:
        text = APP.format(at_import=at_import, in_validator=in_validator, in_cast=in_cast)
        module("sells", text)

    return write


COMMANDS = [
    ("schema", "check"),
    ("schema", "register"),
    ("asyncapi",),
    ("catalogue",),
    ("diagram",),
    ("run",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("code", ["0", "3", "'no'"])
def test_a_module_that_ends_the_process_is_a_failure_with_its_place(
    app: Callable[..., None], call: Call, tmp_path: Path, command: tuple[str, ...], code: str
) -> None:
    app(at_import=f"sys.exit({code})")
    done = call(*command, "sells:bus")
    assert (done.code, done.out) == (1, "")
    expected = f"importing sells ended the process with SystemExit({code}) at {tmp_path}/sells.py:4"
    assert expected in done.err


def test_the_place_is_in_the_application_where_the_standard_library_ended_it(
    app: Callable[..., None], call: Call, tmp_path: Path
) -> None:
    app(at_import="import argparse; argparse.ArgumentParser().parse_args(['--nothing'])")
    done = call("schema", "check", "sells:bus")
    assert done.code == 1
    assert f"SystemExit(2) at {tmp_path}/sells.py:4" in done.err


@pytest.mark.parametrize("place", ["in_cast", "in_validator"])
@pytest.mark.parametrize("command", ["check", "register"])
def test_a_model_or_cast_that_ends_the_process_is_a_failure_with_its_place(
    app: Callable[..., None], call: Call, tmp_path: Path, place: str, command: str
) -> None:
    app(**{place: "sys.exit(0)"})
    done = call("schema", command, "sells:bus")
    assert (done.code, done.out) == (1, "")
    line = {"in_cast": 23, "in_validator": 18}[place]
    assert "running the models and casts of sells ended the process with SystemExit(0) at " in (
        done.err
    )
    assert f"{tmp_path}/sells.py:{line}" in done.err
    assert not (tmp_path / "schemas/shop/Sold/2.json").exists()


@pytest.mark.parametrize(
    "command", [("schema", "check"), ("schema", "register"), ("asyncapi",)], ids=" ".join
)
def test_the_registry_of_an_option_wins_while_the_application_is_imported(
    app: Callable[..., None], call: Call, tmp_path: Path, command: tuple[str, ...]
) -> None:
    app()
    text = (tmp_path / "sells.py").read_text()
    (tmp_path / "sells.py").write_text(text.replace('EventBus("memory")', "EventBus.from_config()"))
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "gone"\n')
    done = call(*command, "sells:bus", "--registry", "schemas")
    assert (done.code, done.err) == (0, "")
    assert "EVENTROUTE_REGISTRY__PATH" not in os.environ


def loud(app: Callable[..., None]) -> None:
    app(
        at_import="print('loaded')",
        in_validator="print('validated')",
        in_cast="sys.stdout.write('cast\\n')",
    )


def json_of(done: Done) -> object:
    return json.loads(done.out)


@pytest.mark.parametrize(
    "command", [("schema", "check", "--json"), ("schema", "register", "--json"), ("asyncapi",)]
)
def test_what_an_application_prints_stays_out_of_the_documents_of_a_command(
    app: Callable[..., None], call: Call, command: tuple[str, ...]
) -> None:
    loud(app)
    done = call(*command, "sells:bus")
    assert (done.code, bool(json_of(done))) == (0, True)
    assert "loaded" in done.err.splitlines()


def test_what_casts_and_models_print_is_on_standard_error(
    app: Callable[..., None], call: Call
) -> None:
    loud(app)
    done = call("schema", "check", "sells:bus")
    assert {"loaded", "validated", "cast"} <= set(done.err.splitlines())
    assert not {"loaded", "validated", "cast"} & set(done.out.splitlines())


def test_what_a_bus_that_runs_prints_is_on_standard_output(
    app: Callable[..., None], call: Call
) -> None:
    app(at_import="print('loaded')\nraise RuntimeError('no')")
    done = call("run", "sells:bus")
    assert (done.code, done.out) == (1, "loaded\n")
