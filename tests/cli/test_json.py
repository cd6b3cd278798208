"""``--json`` is one object, or a line for each of many: the help says which, as the page does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from eventroute.cli.application import application

from .command import RULES, jsonl, order

if TYPE_CHECKING:
    from .conftest import Call

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
_LINES = "Print JSON lines."


def told(command: object, *names: str) -> dict[str, str]:
    """What the help of each command says of ``--json``."""
    found: dict[str, str] = {}
    for name, each in getattr(command, "commands", {}).items():
        found |= told(each, *names, name)
    for parameter in getattr(command, "params", ()):
        if "--json" in parameter.opts:
            found[" ".join(names)] = parameter.help
    return found


TOLD = told(typer.main.get_command(application))


@pytest.mark.parametrize("form", ["JSON lines", "one object"])
def test_the_page_and_the_help_agree_on_what_is_printed(form: str) -> None:
    row = re.search(rf"^\| {form} \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert row is not None
    listed = re.findall("`([a-z ]+)`", row[1])
    lines = form == "JSON lines"
    assert sorted(listed) == sorted(
        name for name, text in TOLD.items() if (text == _LINES) == lines
    )


@pytest.fixture
def files(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    (tmp_path / "events.jsonl").write_bytes(jsonl(order(1), order(2, country="DE")))
    for version in (1, 2):
        path = tmp_path / "schemas" / "shop" / "Placed" / f"{version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"type": "object"}')


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("route", "rules.toml", "events.jsonl"), 3),
        (("schema", "list", "--registry", "schemas"), 2),
        (("schema", "list", "--registry", "schemas", "--drafts"), 0),
    ],
)
def test_lines_are_an_object_for_each(arguments: tuple[str, ...], count: int, call: Call) -> None:
    done = call(*arguments, "--json")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [type(line) for line in lines] == [dict] * count


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules.toml"),
        ("explain", '{"source": ["shop"]}', '{"source": "shop"}'),
        ("explain", "rules.toml", "--nearest", "1", "events.jsonl", "--line", "1"),
    ],
)
def test_one_object_is_all_that_is_printed(arguments: tuple[str, ...], call: Call) -> None:
    assert isinstance(json.loads(call(*arguments, "--json").out), dict)
