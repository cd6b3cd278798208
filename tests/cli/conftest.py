"""The command in this process: the same code without the start of an interpreter."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from eventroute.cli import main

from .command import Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Call(Protocol):
    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done: ...


class Module(Protocol):
    def __call__(self, name: str, text: str) -> Path: ...


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Module]:
    """Write a module into the test's folder, which is imported anew each time it was written."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    written: list[str] = []

    def write(name: str, text: str) -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        sys.modules.pop(name, None)
        written.append(name)
        return path

    yield write
    for name in written:
        sys.modules.pop(name, None)


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Run the command in the test's folder; relative names are names in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(arguments)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run
