"""Lines of a stream that may hold anything: read in chunks, never more than one line held."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Final, cast

from eventroute.cli.failure import InputError
from eventroute.jsontext import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import Protocol

    class ByteStream(Protocol):
        """What binary files, pipes and ``io.BytesIO`` have in common."""

        def read1(self, size: int, /) -> bytes:
            """Return what is there, at most ``size`` bytes; empty at the end."""
            ...


__all__ = [
    "STDIN",
    "Line",
    "check_readable",
    "lines",
    "name_of",
    "opened",
    "read_whole",
    "regular_size",
]

STDIN: Final = "-"

_CHUNK: Final = 1 << 16
_NO_LINE: Final = 1 << 28
"""Bytes without a newline that are read past: an endless device has none."""
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank.

    :ivar number: counts from 1.
    :ivar content: its bytes without the newline; ``None`` where the line is too long to be held.
    """

    number: int
    content: bytes | None


def lines(
    stream: ByteStream,
    *,
    name: str = "stdin",
    max_bytes: int = MAX_BYTES,
    before_read: Callable[[int], None] = lambda _: None,
) -> Iterator[Line]:
    r"""Split a stream at ``\n``; skip blank lines and a byte order mark at the start.

    Memory stays within ``max_bytes`` and a chunk, however long a line is.

    :param name: how messages name the stream.
    :param before_read: called before each read, which may block, with the bytes read so far.
    :raises InputError: a line does not end within 268,435,456 bytes.
    """
    held = bytearray()
    number, total, begun = 1, 0, 0
    # Two more than allowed: a carriage return, and the byte that proves the line too long.
    room = max_bytes + 2
    while True:
        before_read(total)
        chunk = stream.read1(_CHUNK)
        if not chunk:
            break
        if total == 0:
            chunk = _whole_mark(stream, chunk)
        start = len(_BOM) if total == 0 and chunk.startswith(_BOM) else 0
        total += len(chunk)
        *ended, rest = chunk[start:].split(b"\n")
        for piece in ended:
            held += piece[: room - len(held)]
            if len(held) == room or held.strip(b" \t\r"):
                yield _line(number, held, max_bytes)
            held.clear()
            number += 1
        if ended:
            begun = total - len(rest)
        if total - begun > _NO_LINE:
            raise InputError(
                f"{name}:{number}: the line does not end within {_NO_LINE:,} bytes, and no more "
                "is read; end each event with a newline"
            )
        held += rest[: room - len(held)]
    if len(held) == room or held.strip(b" \t\r"):
        yield _line(number, held, max_bytes)


def _line(number: int, held: bytearray, max_bytes: int) -> Line:
    too_long = len(held.removesuffix(b"\r")) > max_bytes
    return Line(number, None if too_long else bytes(held))


def _whole_mark(stream: ByteStream, chunk: bytes) -> bytes:
    # A pipe may hand out the three bytes of the mark one by one.
    while len(chunk) < len(_BOM) and _BOM.startswith(chunk):
        more = stream.read1(_CHUNK)
        if not more:
            break
        chunk += more
    return chunk


def name_of(place: str) -> str:
    """How messages name a file or, for ``-``, standard input."""
    return "stdin" if place == STDIN else place


@contextmanager
def opened(place: str) -> Generator[ByteStream]:
    """Open a file, or standard input for ``-``, for reading bytes.

    :raises InputError: it is missing, is a folder or may not be read.
    """
    if place == STDIN:
        yield cast("ByteStream", sys.stdin.buffer)
        return
    check_readable(place)
    with Path(place).open("rb") as stream:
        yield stream


def check_readable(place: str) -> None:
    """Refuse what :func:`opened` would refuse, before any work is done.

    :raises InputError: it is missing, is a folder or may not be read.
    """
    if place == STDIN:
        return
    try:
        if S_ISDIR(Path(place).stat().st_mode):
            raise InputError(f"{place} is a folder; name a file in it")
    except FileNotFoundError:
        raise InputError(f"there is no file {place!r}; check the path") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{place!r} cannot be read: {error}") from None


def regular_size(place: str) -> int | None:
    """Size of a file in bytes; ``None`` for a pipe and for standard input."""
    if place == STDIN:
        return None
    status = Path(place).stat()
    return status.st_size if S_ISREG(status.st_mode) else None


def read_whole(place: str, *, max_bytes: int, remedy: str) -> bytes:
    """Read a whole file, or standard input for ``-``, without a byte order mark.

    :param remedy: what to do about a file that is too large.
    :raises InputError: it cannot be read, or holds more than ``max_bytes``.
    """
    held = bytearray()
    with opened(place) as stream:
        while chunk := stream.read1(_CHUNK):
            held += chunk
            if len(held) > max_bytes + len(_BOM):
                raise InputError(
                    f"{name_of(place)} holds more than the {max_bytes:,} bytes that are read; "
                    f"{remedy}"
                )
    return bytes(held.removeprefix(_BOM))
