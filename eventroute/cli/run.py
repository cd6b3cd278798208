"""``eventroute run``: work off the queues of a bus until a signal comes."""

import logging
import os
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import anyio
import typer

from eventroute.cli.failure import errors_in_one
from eventroute.cli.loading import load_bus, split_target
from eventroute.cli.output import report
from eventroute.cli.reloading import require_watchfiles, run_reloading
from eventroute.cli.workers import check_multi_process, run_workers

__all__ = ["run"]

_CHATTY: Final = ("aiobotocore", "botocore")
"""Libraries of backends that log at INFO what is of no interest to operators."""


def run(
    bus: Annotated[
        str, typer.Argument(metavar="MODULE:BUS", help="Where the bus is, such as shop.app:bus.")
    ],
    workers: Annotated[int, typer.Option(min=1, help="How many processes work.")] = 1,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when a source file changes.")
    ] = False,
) -> None:
    """Work off every subscription of a bus until Ctrl-C or SIGTERM.

    Handlers that are under way may finish within the grace period; a second signal gives their
    events back at once, and a third one ends handlers that let themselves not be cancelled. Modules
    of the working folder come first.

    For example:
      eventroute run shop.app:bus
      eventroute run shop.app:bus --reload
      eventroute run shop.app:bus --workers 4

    Exit codes:
      0  stopped by a signal, and cleanly
      1  the bus cannot be imported or opened, a worker failed, or a handler did not end
      2  bad usage
    """
    split_target(bus)
    if reload and workers > 1:
        raise typer.BadParameter("--reload is for one process; leave out --workers")
    if reload:
        require_watchfiles()
        anyio.run(run_reloading, bus, Path.cwd())
        return
    found = load_bus(bus, keep_stdout=True)
    if workers > 1:
        check_multi_process(found, bus)
        if not anyio.run(run_workers, bus, workers):
            raise typer.Exit(1)
        return
    if not logging.getLogger().handlers:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        for name in _CHATTY:
            if logging.getLogger(name).level == logging.NOTSET:
                logging.getLogger(name).setLevel(logging.WARNING)
    try:
        with errors_in_one():
            anyio.run(partial(found.run, handle_signals=True, on_stuck=partial(_end_now, 1)))
        _leave_threads_behind(0)
    except SystemExit as end:  # of a handler
        _leave_threads_behind(end.code)
        raise


def _leave_threads_behind(code: str | int | None) -> None:
    """End although a handler still runs in a thread, which Python would wait for.

    Its event was given back already.
    """
    stuck = [one for one in threading.enumerate() if "worker thread" in one.name]
    for thread in stuck:
        thread.join(1.0)  # one that is idle ends by itself
    if any(thread.is_alive() for thread in stuck):
        logging.getLogger("eventroute").warning("a handler's thread does not end; leaving it")
        if isinstance(code, str):
            report(code)
        _end_now(code if isinstance(code, int) else 1)


def _end_now(code: int) -> NoReturn:
    logging.shutdown()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
