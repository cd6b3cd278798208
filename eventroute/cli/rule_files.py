"""One file of events for each rule."""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from eventroute.cli.failure import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

__all__ = ["RuleFiles", "file_name", "rule_name"]

_SUFFIX: Final = ".jsonl"
_UNSAFE: Final = frozenset('%/\\:*?"<>|')
_LONGEST_NAME: Final = 255


def file_name(rule: str) -> str:
    """Turn the name of a rule into that of its file; what a path may not hold becomes ``%XX``."""
    name = "".join(
        _percent(letter) if letter in _UNSAFE or not letter.isprintable() else letter
        for letter in rule
    )
    # A leading dot hides a file, and "." and ".." are folders.
    return (f"%2E{name[1:]}" if name.startswith(".") else name) + _SUFFIX


def rule_name(file: str) -> str:
    """Turn the name of a file back into that of its rule."""
    first, *others = file.removesuffix(_SUFFIX).split("%")
    data = first.encode()
    for part in others:
        data += bytes([int(part[:2], 16)]) + part[2:].encode()
    return data.decode()


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


class RuleFiles:
    """A folder with a file for each rule, however many; few are open at a time.

    :param rules: each gets a file, also when nothing will be written to it.
    :param inputs: files that must not be overwritten.
    :param most_open: files that are open at a time.
    :raises InputError: two rules would share a file, a name is too long, or a file is an input.
    :raises OSError: the folder or a file cannot be made.
    """

    def __init__(
        self, folder: Path, rules: Iterable[str], *, inputs: Iterable[str], most_open: int = 64
    ) -> None:
        self._paths = {rule: folder / name for rule, name in _distinct_names(rules).items()}
        self._most_open = most_open
        self._open: OrderedDict[str, BinaryIO] = OrderedDict()
        folder.mkdir(parents=True, exist_ok=True)
        taken = [Path(place).resolve() for place in inputs]
        for rule, path in self._paths.items():
            if path.resolve() in taken:
                raise InputError(
                    f"rule {rule!r} would overwrite the input {path}; choose another folder"
                )
        for path in self._paths.values():
            path.write_bytes(b"")

    def write(self, rule: str, line: bytes) -> None:
        """Add a line to the file of a rule."""
        stream = self._open.get(rule)
        if stream is None:
            if len(self._open) >= self._most_open:
                self._open.popitem(last=False)[1].close()
            stream = self._open[rule] = self._paths[rule].open("ab")
        self._open.move_to_end(rule)
        stream.write(line + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while self._open:
            self._open.popitem()[1].close()


def _distinct_names(rules: Iterable[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    owners: dict[str, str] = {}
    for rule in rules:
        names[rule] = name = file_name(rule)
        if len(name.encode()) > _LONGEST_NAME:
            raise InputError(
                f"the name of rule {rule[:40]!r}... is too long for a file; shorten it"
            )
        # Some file systems hold "Large" and "large", or two spellings of "é", for one name.
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in owners:
            raise InputError(
                f"the rules {owners[folded]!r} and {rule!r} would share a file; rename one"
            )
        owners[folded] = rule
    return names
