"""Runs the commands of a console block and compares what they print."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .installing import complaint_about, is_about_the_checkout

if TYPE_CHECKING:
    from .blocks import Block

SECONDS = 100
_EXIT = re.compile(r"^# exit (?P<status>\d+)$")


@dataclass(slots=True)
class Command:
    """A line that starts with ``$ ``, and what follows it up to the next one."""

    line: int
    text: str
    status: int = 0
    expected: list[str] = field(default_factory=list[str])


def run_commands(block: Block, folder: Path) -> None:
    """Run every command of a block in a folder.

    :raises PageError: a command fails, hangs, or prints something else.
    """
    for command in _commands_of(block):
        if is_about_the_checkout(command.text):
            if complaint := complaint_about(command.text):
                raise block.error(complaint, command.line)
            continue
        status, printed = _run(command.text, folder)
        if status is None:
            raise block.error(
                f"{command.text!r} ran for over {SECONDS} s:\n{printed}", command.line
            )
        if status != command.status:
            wanted = f"exited with {status}, not {command.status}"
            raise block.error(f"{command.text!r} {wanted}:\n{printed}", command.line)
        expected = _tidy("\n".join(command.expected))
        if expected and not _matches(expected, _tidy(printed)):
            raise block.error(
                f"{command.text!r} printed\n{_tidy(printed)}\nand not\n{expected}", command.line
            )


def _commands_of(block: Block) -> list[Command]:
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if found and found[-1].text.endswith("\\") and not found[-1].expected:
            found[-1].text = found[-1].text[:-1].rstrip() + " " + line.removeprefix("> ").strip()
        elif line.startswith("$ "):
            found.append(Command(number, line.removeprefix("$ ").strip()))
        elif not found:
            if not line.strip():
                continue
            raise block.error("a console block starts with a command: '$ …'", number)
        elif exit_line := _EXIT.match(line):
            found[-1].status = int(exit_line["status"])
        else:
            found[-1].expected.append(line)
    if not found:
        raise block.error("a console block without a command")
    return found


def _run(command: str, folder: Path) -> tuple[int | None, str]:
    """Run a line in a shell; returns its exit status, ``None`` when it hung, and its output."""
    programs = str(Path(sys.executable).parent)
    noise = ("PYTEST", "PYTHON")  # a reader has nothing of them
    environment = {key: value for key, value in os.environ.items() if not key.startswith(noise)}
    environment |= {
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PATH": programs + os.pathsep + os.environ.get("PATH", os.defpath),
        "PYTHONIOENCODING": "utf-8",
        "TERM": "dumb",
    }
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
    )
    try:
        printed, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return None, process.communicate()[0]
    return process.returncode, printed


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _matches(expected: str, printed: str) -> bool:
    """Compare; ``...`` in what is expected stands for any text."""
    wildcard = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(wildcard, printed, re.DOTALL) is not None
