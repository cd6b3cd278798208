"""``eventroute archive`` and ``eventroute replay`` on an event bus."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import anyio
import pytest

from eventroute.cli import main
from tools.emulators import Emulator

Call: TypeAlias = Callable[..., tuple[int, str, str]]
"""Run a command: its exit code, and what it printed to both streams."""

APP = '''
from eventroute import Event, EventBus, Router

router = Router("billing")


@router.subscribe({"source": ["shop.orders"]})
async def invoice(event: Event) -> None:
    """Never called."""


bus = EventBus.from_config()
bus.include(router)


async def publish():
    async with bus.connect():
        await bus.publish(Event("shop.orders", "OrderPlaced", {"n": 1}))


async def waiting():
    async with bus.connect():
        return (await bus.adapter.depth("billing.invoice")).outstanding
'''


@pytest.fixture
def call(
    running_ministack: Emulator,
    account: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Commands on an application whose bus has an archive, and one event in it."""
    (tmp_path / "shop_archived.py").write_text(APP)
    table = [f"{key} = {value!r}" for key, value in running_ministack.options(account).items()]
    lines = ['backend = "eventbridge"', "[eventbridge]", 'bus = "shop"', "archive = 3", *table]
    (tmp_path / "eventroute.toml").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shop_archived", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([arguments[0], "shop_archived:bus", *arguments[1:]])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    assert run("apply", "--yes")[0] == 0
    anyio.run(__import__("shop_archived").publish)
    return run


def test_the_archive_is_shown_and_replayed_with_a_warning_about_the_last_minutes(
    call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    code, shown, _ = call("archive")
    assert (code, "\n  events     1\n" in shown) == (0, True)
    code, replayed, _ = call("replay", "--from", "1h", "--json")
    assert (code, json.loads(replayed)) == (0, {"replayed": None})
    assert "may take ten minutes to reach the archive" in caplog.text
    assert anyio.run(__import__("shop_archived").waiting) == 2


def test_destroy_says_what_the_archive_holds(call: Call) -> None:
    code, told, _ = call("destroy", "--yes")
    assert code == 0
    assert "archive eventroute-shop\n         holds about 1 event," in told
