"""Does what a page says, block after block, as a reader would who follows it in one folder."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import tomllib
import traceback
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import anyio
from sqlalchemy import Engine

from eventroute.config import load_settings
from eventroute.errors import EventRouteError

from .blocks import Block, blocks_of
from .commands import run_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

NOT_CODE = frozenset({"text", "mermaid"})


class Page:
    """One page, its folder and the names that its Python blocks share."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder
        self.module = ModuleType(f"page_{path.stem.replace('-', '_').lower()}")
        self._kinds: dict[str, Callable[[Block], None]] = {
            "console": partial(run_commands, folder=folder),
            "json": self._json,
            "jsonl": self._json_lines,
            "python": self._python,
            "sh": partial(run_commands, folder=folder),
            "toml": self._toml,
        }

    def run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Run every block, top to bottom.

        :raises PageError: a block fails; the message begins with its place.
        """
        modules = set(sys.modules)
        monkeypatch.chdir(self.folder)
        monkeypatch.setattr(sys, "path", [str(self.folder), *sys.path])
        monkeypatch.setitem(sys.modules, self.module.__name__, self.module)
        try:
            for block in blocks_of(self.path):
                self._do(block)
        finally:
            self._end()
            for name in set(sys.modules) - modules:
                if self._is_ours(sys.modules[name]):
                    del sys.modules[name]

    def _end(self) -> None:
        """Close what the end of a reader's program would close."""
        for value in vars(self.module).values():
            if isinstance(value, Engine):
                value.dispose()

    def _do(self, block: Block) -> None:
        if block.kind in NOT_CODE:
            return
        act = self._kinds.get(block.kind)
        if act is None:
            known = ", ".join(sorted([*self._kinds, *NOT_CODE]))
            raise block.error(f"unknown kind of block {block.kind!r}; it is one of {known}")
        act(block)

    def _json(self, block: Block) -> None:
        if block.file is not None and block.file.endswith(".jsonl"):
            self._json_lines(block)
            return
        text = _after_marker(block)
        try:
            json.loads(text)
        except ValueError as error:
            raise block.error(f"this is not JSON: {error}") from error
        self._write(block, text)

    def _json_lines(self, block: Block) -> None:
        text = _after_marker(block)
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                json.loads(line)
            except ValueError as error:
                raise block.error(f"line {number} is not JSON: {error}") from error
        self._write(block, text)

    def _toml(self, block: Block) -> None:
        try:
            tomllib.loads(block.text)
        except tomllib.TOMLDecodeError as error:
            raise block.error(f"this is not TOML: {error}") from error
        if self._write(block, block.text):
            return
        scratch = self.folder / ".block.toml"
        scratch.write_text(block.text, encoding="utf-8")
        try:
            load_settings(scratch)
        except EventRouteError as error:
            raise block.error(f"eventroute does not read this: {error}") from error

    def _python(self, block: Block) -> None:
        padding = "\n" * (block.line - 1)  # so that a traceback names the page's own lines
        try:
            code = compile(padding + block.text, str(block.page), "exec", dont_inherit=True)
        except SyntaxError as error:
            raise block.error(f"this is not Python: {error.msg}", error.lineno) from error
        if self._write(block, block.text):
            return
        names = vars(self.module)
        before = dict(names)
        try:
            exec(code, names)  # noqa: S102 — running the page is the point
            for name, value in list(names.items()):
                if name.startswith("test_") and before.get(name) is not value:
                    _call(value)
        except Exception as error:
            raise block.error(_told(error), _line_of(error, block)) from error

    def _write(self, block: Block, text: str) -> bool:
        """Write a block that names a file; returns whether it does."""
        if block.file is None:
            return False
        target = (self.folder / block.file).resolve()
        if not target.is_relative_to(self.folder.resolve()):
            raise block.error(f"{block.file} is outside the page's folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return True

    def _is_ours(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        return file is not None and Path(file).is_relative_to(self.folder)


def _after_marker(block: Block) -> str:
    return block.text if block.file is None else block.text.partition("\n")[2]


def _call(function: Callable[[], Any]) -> None:
    if inspect.iscoroutinefunction(function):
        anyio.run(function)
    else:
        function()


def _told(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _line_of(error: Exception, block: Block) -> int:
    """The last line of the page that the error passed through."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(block.page) and frame.lineno is not None
    ]
    return lines[-1] if lines else block.line
