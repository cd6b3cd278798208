"""``eventroute run`` imports a bus and works until a signal comes."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from .apps import ready, write_app
from .command import run, started

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_bus_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    write_app(tmp_path)
    with started("run", "app:bus", cwd=tmp_path) as running:
        assert ready(running) == running.process.pid
        done = running.end(number)
    assert done.code == 0
    assert f"{number.name}: finishing what is under way" in done.err
    assert "Traceback" not in done.err


def test_libraries_of_backends_log_only_what_is_wrong(tmp_path: Path) -> None:
    write_app(tmp_path)
    with (tmp_path / "app.py").open("a") as app:
        app.write("""
import logging

async def tell(self, topology, *, provision):
    for name in ("botocore.credentials", "aiobotocore.credentials", "shop"):
        logging.getLogger(name).info("%s says something", name)
    logging.getLogger("botocore").warning("something is wrong")
    from eventroute.errors import UnsupportedError
    raise UnsupportedError("enough")

SharedAdapter.open = tell
""")
    done = run("run", "app:bus", cwd=tmp_path)
    assert [
        line.partition(" INFO ")[2] or line.partition(" WARNING ")[2]
        for line in done.err.splitlines()[:-1]
    ] == ["shop says something", "something is wrong"]


def test_a_bus_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    write_app(tmp_path)
    with (tmp_path / "app.py").open("a") as app:
        app.write("""
async def refuse(self, topology, *, provision):
    from eventroute.errors import UnsupportedError
    raise UnsupportedError("too many queues")

SharedAdapter.open = refuse
""")
    done = run("run", "app:bus", cwd=tmp_path)
    assert (done.code, done.err) == (1, "eventroute: too many queues\n")


def test_an_application_in_a_package_is_found(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    write_app(tmp_path / "shop")
    with started("run", "shop.app:bus", cwd=tmp_path) as running:
        ready(running)
        assert running.end(signal.SIGTERM).code == 0


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("nowhere:bus", "there is no module 'nowhere'"),
        ("nowhere.deeper:bus", "there is no module 'nowhere'"),
        ("app.deeper:bus", "there is no module 'app.deeper'"),
        ("app:buss", "app has no 'buss'; did you mean 'bus' or 'alone'?"),
        ("app:router.bus", "app has no 'bus'"),
        ("app:router", "app:router is a Router, not an EventBus; include it in one"),
        ("app:invoice", "app:invoice is a function, not an EventBus"),
        ("app:SharedAdapter", "the class SharedAdapter, not an EventBus"),
        ("app:MARK", "app:MARK is a int, not an EventBus"),
    ],
)
def test_a_target_that_is_no_bus_is_refused(target: str, complaint: str, tmp_path: Path) -> None:
    write_app(tmp_path)
    done = run("run", target, cwd=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert complaint in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("target", ["app", "app:", ":bus", "app.py:bus()", "../app:bus", "a b:c"])
def test_a_target_of_another_shape_is_bad_usage(target: str, tmp_path: Path) -> None:
    done = run("run", target, cwd=tmp_path)
    assert done.code == 2
    assert "MODULE:ATTRIBUTE" in done.err


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\nimport numppy\n", "broken.py:2: ModuleNotFoundError: No module named 'numppy'"),
        ("x = [1\n", "broken.py:1: SyntaxError: '[' was never closed"),
        ("1 / 0\n", "broken.py:1: ZeroDivisionError: division by zero"),
        (
            "import os\nos.environ['THERE_IS_NO_SUCH_VARIABLE']\n",
            "broken.py:2: KeyError: 'THERE_IS_NO_SUCH_VARIABLE'",
        ),
        (
            "import json\n\njson.loads('{')\n",
            "broken.py:3: JSONDecodeError: ",
        ),
        (
            "import pydantic\npydantic.TypeAdapter(int).validate_python('x', strict=1)\n",
            "broken.py:2: ",
        ),
        (
            "from eventroute import EventBus\nbus = EventBus('cloud')\n",
            "broken.py:2: ",
        ),
    ],
)
def test_a_module_that_fails_is_one_line_with_its_place(
    text: str, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text(text)
    done = run("run", "broken:bus", cwd=tmp_path)
    assert done.code == 1
    assert "importing broken failed at " in done.err
    assert complaint in done.err
    assert done.err.count("\n") == 1


def test_a_thread_that_does_not_end_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(
        "import threading\n"
        "from eventroute import Event, EventBus, Publisher, Router\n"
        "router = Router('r')\n"
        "class Bus(EventBus):\n"
        "    async def run(self, **options):\n"
        "        async with self:\n"
        "            await self.publish(Event('s', 'T', {}))\n"
        "            await super().run(**options)\n"
        "bus = Bus(grace=0.1)\n"
        "bus.include(router)\n"
        "@router.subscribe({'source': ['s']})\n"
        "def handle(event: Event) -> None:\n"
        "    print('begun', flush=True)\n"
        "    threading.Event().wait()\n"
    )
    with started("run", "stuck:bus", cwd=tmp_path) as running:
        assert running.stdout.readline() == "begun\n"
        assert running.end(signal.SIGTERM).code == 0


STUBBORN = """
import anyio
from eventroute import Event, EventBus, Router

router = Router("shop")


@router.subscribe({"source": ["s"]})
async def stubborn(event: Event) -> None:
    print("begun", flush=True)
    while True:
        try:
            await anyio.sleep_forever()
        except BaseException:
            print("swallowed", flush=True)
            with anyio.CancelScope(shield=True):
                await anyio.sleep_forever()


class Publishing(EventBus):
    async def run(self, **options):
        async with self:
            await self.publish(Event("s", "t", {}))
            await super().run(**options)


bus = Publishing()
bus.include(router)
"""


def test_a_third_signal_ends_a_handler_that_cannot_be_cancelled(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(STUBBORN)
    with started("run", "app:bus", cwd=tmp_path) as running:
        assert running.stdout.readline() == "begun\n"
        running.process.send_signal(signal.SIGTERM)
        while "finishing" not in running.stderr.readline():
            pass
        running.process.send_signal(signal.SIGTERM)
        assert running.stdout.readline() == "swallowed\n"
        done = running.end(signal.SIGTERM)
    assert done.code == 1
    assert "handlers of shop.stubborn do not end although they were cancelled" in done.err


@pytest.mark.parametrize(("call", "code"), [("sys.exit()", 1), ("sys.exit(3)", 3)])
def test_a_handler_that_exits_is_named_and_ends_the_command(
    call: str, code: int, tmp_path: Path
) -> None:
    exiting = STUBBORN.replace('    print("begun", flush=True)', f"    import sys; {call}")
    (tmp_path / "app.py").write_text(exiting)
    done = run("run", "app:bus", cwd=tmp_path)
    assert done.code == code
    assert "shop.stubborn: the handler of event" in done.err
