"""``eventroute plan``, ``apply``, ``destroy`` and ``iam`` on SNS and SQS."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from eventroute.cli import main
from tools.emulators import Emulator

Call: TypeAlias = Callable[..., tuple[int, list[str]]]
"""Run a command: its exit code, and what it printed."""

APP = '''
from eventroute import Event, EventBus, Router

router = Router("billing")


@router.subscribe({"source": ["shop.orders"]})
async def invoice(event: Event) -> None:
    """Never called."""


bus = EventBus.from_config()
bus.include(router)
'''
NAMES = [
    "queue shop-billing-invoice-dead",
    "queue shop-billing-invoice",
    "topic shop-shop-orders",
    "subscription of shop-billing-invoice to shop-shop-orders",
]


@pytest.fixture
def call(
    running_ministack: Emulator,
    account: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Commands on an application in an empty account."""
    (tmp_path / "shop_on_sns.py").write_text(APP)
    table = [f"{key} = {value!r}" for key, value in running_ministack.options(account).items()]
    lines = ['backend = "sns"', "[sns]", 'prefix = "shop"', 'delays = "off"', *table]
    (tmp_path / "eventroute.toml").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shop_on_sns", raising=False)

    def run(*arguments: str) -> tuple[int, list[str]]:
        code = main([arguments[0], "shop_on_sns:bus", *arguments[1:]])
        printed = capsys.readouterr()
        return code, printed.out.splitlines()

    return run


def test_plan_shows_what_sns_and_sqs_lack(call: Call) -> None:
    code, printed = call("plan", "--check")
    assert code == 2
    assert printed == [*(f"create   {name}" for name in NAMES), "4 to create"]


def test_apply_makes_it_once(call: Call) -> None:
    code, printed = call("apply", "--yes")
    assert (code, printed[-1]) == (0, "4 created")
    assert call("plan", "--check") == (0, ["nothing to do"])


def test_destroy_deletes_what_apply_made(call: Call) -> None:
    call("apply", "--yes")
    code, printed = call("destroy", "--yes")
    assert code == 0
    assert printed == [
        "deleted  topic shop-shop-orders",
        "deleted  queue shop-billing-invoice",
        "deleted  queue shop-billing-invoice-dead",
        "3 deleted",
    ]
    assert call("destroy", "--yes") == (0, ["nothing to do"])


def test_iam_names_what_a_role_touches(call: Call, account: str) -> None:
    code, printed = call("iam", "--role", "publisher")
    assert code == 0
    first = json.loads("\n".join(printed))["Statement"][0]
    assert first == {
        "Effect": "Allow",
        "Action": ["sns:Publish"],
        "Resource": [f"arn:aws:sns:us-east-1:{account}:shop-shop-orders"],
    }
