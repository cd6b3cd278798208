"""``eventroute plan``, ``apply``, ``destroy`` and ``iam`` set a backend up, and take it down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .command import SECONDS, Done, environment

if TYPE_CHECKING:
    from .conftest import Call, Module

APP = '''
from pathlib import Path

from eventroute import Event, EventBus, Router
from eventroute.errors import AccessDeniedError, ConfigurationError
from eventroute.port import Change, Leftover
from eventroute_memory import MemoryAdapter, MemoryOptions

THERE = Path("there")


class Kept(MemoryAdapter):
    """Stands for a backend that outlives the process: its queues are lines of a file."""

    async def plan(self, topology):
        there = THERE.read_text().splitlines() if THERE.exists() else []
        names = [one.name for one in topology]
        return [Change("create", f"queue {name}", ("for \\x1bevents",)) for name in names
                if name not in there]

    async def apply(self, topology):
        done = await self.plan(topology)
        THERE.write_text("\\n".join(one.name for one in topology))
        return done

    async def destroy(self, *, dry_run):
        there = THERE.read_text().splitlines() if THERE.exists() else []
        if not dry_run:
            THERE.unlink(missing_ok=True)
        return [Change("delete", f"queue {name}") for name in there]

    async def leftovers(self, topology):
        if not Path("left").exists():
            return []
        return [Leftover("billing.old", ("queue old", "queue old-dead"), events=1200, dead=3)]

    async def drop(self, subscriptions):
        if list(subscriptions) == ["billing.old"]:
            Path("left").unlink()

    async def permissions(self, role, topology):
        return {"Statement": [f"{role} of {one.name}" for one in topology]}

    async def close(self):
        Path("closed").touch()


class Locked(Kept):
    async def plan(self, topology):
        raise AccessDeniedError("AWS refused")


class Differing(Kept):
    async def plan(self, topology):
        raise ConfigurationError(
            "not as declared; run it:\\n  create the queue \\x1ba\\n  create the queue b"
        )


router = Router("billing")


@router.subscribe({"source": ["shop.orders"]})
def invoice(event: Event) -> None:
    """Never called."""


def bus_on(backend):
    bus = EventBus(backend)
    bus.include(router)
    return bus


bus = bus_on(lambda options, clock: Kept(MemoryOptions(), clock))
locked = bus_on(lambda options, clock: Locked(MemoryOptions(), clock))
differing = bus_on(lambda options, clock: Differing(MemoryOptions(), clock))
memory = bus_on("memory")
'''


@pytest.fixture(autouse=True)
def app(module: Module) -> None:
    module("setup_app", APP)


def at_a_terminal(folder: Path, *arguments: str, answer: bytes) -> Done:
    """Run the command with somebody there to answer."""
    ours, theirs = os.openpty()
    os.write(ours, answer)
    done = subprocess.run(
        [sys.executable, "-m", "eventroute", *arguments],
        cwd=folder,
        env=environment(),
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    return Done(done.returncode, done.stdout, done.stderr)


def test_plan_shows_what_would_change(call: Call, tmp_path: Path) -> None:
    done = call("plan", "setup_app:bus")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "create   queue billing.invoice",
        "         for \\x1bevents",
        "1 to create",
    ]
    assert not (tmp_path / "there").exists()


def test_plan_disconnects(call: Call, tmp_path: Path) -> None:
    call("plan", "setup_app:bus")
    assert (tmp_path / "closed").exists()


def test_plan_as_json(call: Call) -> None:
    done = call("plan", "setup_app:bus", "--json")
    assert json.loads(done.out) == {
        "changes": [
            {
                "action": "create",
                "resource": "queue billing.invoice",
                "details": ["for \x1bevents"],
            }
        ]
    }


def test_plan_tells_of_queues_that_nobody_declares(call: Call, tmp_path: Path) -> None:
    (tmp_path / "left").touch()
    call("apply", "setup_app:bus", "--yes")
    done = call("plan", "setup_app:bus", "--check")
    assert (done.code, done.out.splitlines()) == (
        0,
        [
            "unclaimed queue old, queue old-dead of billing.old (1,200 events, 3 dead letters)",
            "nothing to do",
        ],
    )
    (left,) = json.loads(call("plan", "setup_app:bus", "--json").out)["leftovers"]
    assert (left["subscription"], left["events"], left["dead"]) == ("billing.old", 1200, 3)


def test_drop_deletes_what_nobody_declares(call: Call, tmp_path: Path) -> None:
    (tmp_path / "left").touch()
    done = call("drop", "setup_app:bus", "billing.old", "--yes")
    assert (done.code, done.out) == (0, "deleted  queue old\ndeleted  queue old-dead\n")
    assert "1,200 events" in done.err
    assert not (tmp_path / "left").exists()


def test_drop_asks_first(tmp_path: Path) -> None:
    (tmp_path / "left").touch()
    done = at_a_terminal(tmp_path, "drop", "setup_app:bus", "billing.old", answer=b"n\n")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("eventroute: nothing was deleted\n")
    assert (tmp_path / "left").exists()


@pytest.mark.parametrize(
    ("target", "name", "complaint"),
    [
        ("bus", "billing.odl", "there are billing.old; did you mean 'billing.old'?"),
        ("bus", "billing.invoice", "'billing.invoice' is declared by setup_app:bus"),
        ("memory", "billing.old", "does not tell what it keeps"),
    ],
)
def test_drop_deletes_nothing_else(
    call: Call, tmp_path: Path, target: str, name: str, complaint: str
) -> None:
    (tmp_path / "left").touch()
    done = call("drop", f"setup_app:{target}", name, "--yes")
    assert done.code == 1
    assert complaint in done.err
    assert (tmp_path / "left").exists()


def test_plan_with_check_exits_with_2_while_something_would_change(call: Call) -> None:
    assert call("plan", "setup_app:bus", "--check").code == 2
    call("apply", "setup_app:bus", "--yes")
    done = call("plan", "setup_app:bus", "--check")
    assert (done.code, done.out) == (0, "nothing to do\n")


def test_apply_says_what_it_did(call: Call, tmp_path: Path) -> None:
    done = call("apply", "setup_app:bus", "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "created  queue billing.invoice"
    assert done.out.splitlines()[-1] == "1 created"
    assert (tmp_path / "there").read_text() == "billing.invoice"


def test_apply_asks_first(tmp_path: Path) -> None:
    done = at_a_terminal(tmp_path, "apply", "setup_app:bus", answer=b"n\n")
    assert (done.code, done.out) == (1, "")
    assert "create   queue billing.invoice" in done.err
    assert done.err.endswith("do this? [y/N] eventroute: nothing was changed\n")
    assert not (tmp_path / "there").exists()


def test_apply_does_what_was_agreed_to_and_asks_nothing_where_nothing_is_to_do(
    tmp_path: Path,
) -> None:
    assert at_a_terminal(tmp_path, "apply", "setup_app:bus", answer=b"y\n").code == 0
    assert (tmp_path / "there").exists()
    done = at_a_terminal(tmp_path, "apply", "setup_app:bus", answer=b"")
    assert (done.code, done.out, done.err) == (0, "nothing to do\n", "")


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_without_a_terminal_only_yes_is_an_answer(call: Call, command: str) -> None:
    done = call(command, "setup_app:bus")
    assert done.code == 2
    assert "nobody is there to ask" in done.err


def test_destroy_says_what_it_is_about_to_delete(call: Call, tmp_path: Path) -> None:
    call("apply", "setup_app:bus", "--yes")
    done = at_a_terminal(tmp_path, "destroy", "setup_app:bus", answer=b"\n")
    assert done.code == 1
    assert done.err.splitlines()[:2] == ["delete   queue billing.invoice", "1 to delete"]
    assert (tmp_path / "there").exists()


def test_destroy_says_what_it_deleted(call: Call, tmp_path: Path) -> None:
    call("apply", "setup_app:bus", "--yes")
    done = call("destroy", "setup_app:bus", "--yes")
    assert (done.code, done.out) == (0, "deleted  queue billing.invoice\n1 deleted\n")
    assert not (tmp_path / "there").exists()


def test_destroy_with_nothing_to_delete(call: Call) -> None:
    done = call("destroy", "setup_app:bus", "--yes")
    assert (done.code, done.out, done.err) == (0, "nothing to do\n", "")


@pytest.mark.parametrize(
    "command", [["plan"], ["apply", "--yes"], ["destroy", "--yes"], ["iam", "--role", "consumer"]]
)
def test_a_backend_that_needs_no_setting_up_says_so(call: Call, command: list[str]) -> None:
    done = call(*command, "setup_app:memory")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("eventroute: the backend 'memory' of setup_app:memory")


def test_a_backend_that_refuses_is_no_traceback(call: Call) -> None:
    done = call("plan", "setup_app:locked")
    assert (done.code, done.out, done.err) == (1, "", "eventroute: AWS refused\n")


def test_iam_prints_the_policy_of_a_role(call: Call) -> None:
    done = call("iam", "setup_app:bus", "--role", "publisher")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {"Statement": ["publisher of billing.invoice"]}


def test_iam_without_a_role_names_the_roles(call: Call) -> None:
    done = call("iam", "setup_app:bus")
    assert done.code == 2
    assert "'--role'. Choose from: publisher, consumer, provisioner; see" in done.err


def test_a_list_of_differences_has_a_line_for_each(call: Call) -> None:
    done = call("plan", "setup_app:differing")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "eventroute: not as declared; run it:",
        "  create the queue \\x1ba",
        "  create the queue b",
    ]


def test_iam_knows_three_roles(call: Call) -> None:
    done = call("iam", "setup_app:bus", "--role", "king")
    assert done.code == 2
    assert "'publisher', 'consumer', 'provisioner'" in done.err
