"""Files of schemas: read with care, written whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from eventroute.errors import ContractConflictError, ContractError, JSONTextError
from eventroute.jsontext import parse
from eventroute.registry.json_kinds import is_object

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

__all__ = ["read_schema", "refuse_case_twins", "replace", "write_new"]

_MAX_BYTES: Final = 8 << 20


def read_schema(path: Path) -> Mapping[str, object]:
    """Read a file that holds a JSON object.

    :raises ContractError: it cannot be read, or holds something else.
    """
    try:
        schema = parse(_content(path), max_bytes=_MAX_BYTES)
    except JSONTextError as error:
        raise ContractError(f"{path} is not a JSON Schema: {error}") from None
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}") from error
    if not is_object(schema):
        raise ContractError(f"{path} is not a JSON Schema of an event: it must be a JSON object")
    return schema


def _content(path: Path) -> bytes:
    """Read a regular file; opening anything else may wait for ever, or never come to an end."""
    try:
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise ContractError(
                f"{path} is a link to {path.readlink()}, which is not there; mend the link, or "
                "delete it"
            ) from None
        raise
    if not S_ISREG(status.st_mode):
        what = "a folder" if S_ISDIR(status.st_mode) else "a pipe, a device or a socket"
        raise ContractError(f"{path} is {what}, not a file; move it out of the registry")
    if status.st_size > _MAX_BYTES:
        raise JSONTextError(
            f"the document has {status.st_size:,} bytes; at most {_MAX_BYTES:,} are read"
        )
    return path.read_bytes()


def write_new(path: Path, text: str) -> bool:
    """Write beside the place and link: a reader sees the whole file or none.

    :returns: ``False`` where another process wrote the file first; it is left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _written_beside(path, text) as temporary:
        try:
            _link(temporary, path, text)
        except FileExistsError:
            return False
    return True


def replace(path: Path, text: str) -> None:
    """Write beside the place and rename: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _written_beside(path, text) as temporary:
        temporary.replace(path)


@contextmanager
def _written_beside(path: Path, text: str) -> Generator[Path]:
    """A file that is on the disk already, and gone after the block if nobody moved it."""
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            _finish(file, text)
            temporary.chmod(0o644)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _finish(file: IO[str], text: str) -> None:
    file.write(text)
    file.flush()
    os.fsync(file.fileno())


def _link(temporary: Path, path: Path, text: str) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # No hard links here. What never overwrites is worth more than what is whole at once.
        with path.open("x", encoding="utf-8", newline="\n") as file:
            try:
                _finish(file, text)
            except BaseException:
                path.unlink(missing_ok=True)
                raise


def refuse_case_twins(paths: Iterable[Path]) -> None:
    """Refuse files whose topic or type differs from another in upper and lower case only.

    :param paths: of files that are there or are to be; they count for each other, too.
    :raises ContractConflictError: naming both folders.
    """
    spellings: dict[Path, dict[str, set[str]]] = {}
    for path in paths:
        for folder in (path.parent.parent, path.parent):
            known = spellings.get(folder.parent)
            if known is None:
                known = spellings[folder.parent] = _spellings_in(folder.parent)
            names = known.setdefault(folder.name.casefold(), set())
            for other in names - {folder.name}:
                raise ContractConflictError(
                    f"{folder.with_name(other)} and {folder} differ in upper and lower case only, "
                    "and some file systems hold one of them; use one spelling"
                )
            names.add(folder.name)


def _spellings_in(folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    if folder.is_dir():
        for one in folder.iterdir():
            found.setdefault(one.name.casefold(), set()).add(one.name)
    return found
